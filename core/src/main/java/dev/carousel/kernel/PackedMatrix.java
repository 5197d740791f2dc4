package dev.carousel.kernel;

import java.util.Objects;

/**
 * The right operand of a product, {@code rows x columns}, rearranged into panels: {@code
 * panelColumns} neighbouring columns are stored together, row after row, so that a kernel reads
 * them in one stream. The last panel is filled up with zeros.
 *
 * <p>Some of its rows are a matrix too ({@link #part}), in the same memory: so the weights of two
 * operands can be packed, and multiplied, as one or each alone.
 *
 * <p>Packing moves numbers and computes nothing. Disjoint panel ranges may be packed by different
 * threads at once.
 */
public final class PackedMatrix {
  private final int rows;
  private final int columns;
  private final int panelColumns;
  private final float[] data;
  // Of the whole that this is a part of.
  private final int firstRow;
  private final int panelRows;

  /** An empty operand for a kernel whose panels are {@code panelColumns} wide. */
  public PackedMatrix(int rows, int columns, int panelColumns) {
    this.rows = rows;
    this.columns = columns;
    this.panelColumns = panelColumns;
    this.data = new float[Math.multiplyExact(Math.multiplyExact(panels(), panelColumns), rows)];
    this.firstRow = 0;
    this.panelRows = rows;
  }

  private PackedMatrix(PackedMatrix whole, int firstRow, int rows) {
    this.rows = rows;
    this.columns = whole.columns;
    this.panelColumns = whole.panelColumns;
    this.data = whole.data;
    this.firstRow = whole.firstRow + firstRow;
    this.panelRows = whole.panelRows;
  }

  /**
   * Rows {@code [firstRow, firstRow + rows)} of this matrix, in the same memory.
   *
   * @throws IndexOutOfBoundsException if it has not so many
   */
  public PackedMatrix part(int firstRow, int rows) {
    Objects.checkFromIndexSize(firstRow, rows, this.rows);
    return new PackedMatrix(this, firstRow, rows);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /**
   * The panels, {@code panelColumns} values for each row; where they begin says {@link #panel}. For
   * kernel providers.
   */
  public float[] data() {
    return data;
  }

  /** Where in {@link #data} the first row of a panel begins. */
  public int panel(int panel) {
    return (panel * panelRows + firstRow) * panelColumns;
  }

  public int panels() {
    return (columns + panelColumns - 1) / panelColumns;
  }

  /**
   * Packs panels {@code [fromPanel, toPanel)} of a row-major matrix.
   *
   * @param source {@code rows x columns}, row r starting at {@code at + r * stride}
   */
  public void pack(int fromPanel, int toPanel, float[] source, int at, int stride) {
    // Eight panels at a time: a prefetcher follows what is read of a row, but not one panel's
    // line or two in every row.
    for (int first = fromPanel; first < toPanel; first += 8) {
      int last = Math.min(toPanel, first + 8);
      for (int r = 0; r < rows; r++) {
        for (int panel = first; panel < last; panel++) {
          int column = panel * panelColumns;
          int width = Math.min(panelColumns, columns - column);
          int to = panel(panel) + r * panelColumns;
          System.arraycopy(source, at + r * stride + column, data, to, width);
        }
      }
    }
  }

  /**
   * Packs panels {@code [fromPanel, toPanel)} of the transpose of a row-major matrix.
   *
   * @param source {@code columns x rows}, column c of this matrix starting at {@code at + c *
   *     stride}
   */
  public void packTransposed(int fromPanel, int toPanel, float[] source, int at, int stride) {
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int column = panel * panelColumns;
      int width = Math.min(panelColumns, columns - column);
      int to = panel(panel);
      // Sixteen rows at a time: what one column brings into the cache serves its neighbours.
      for (int r0 = 0; r0 < rows; r0 += 16) {
        int r1 = Math.min(rows, r0 + 16);
        for (int c = 0; c < width; c++) {
          int from = at + (column + c) * stride;
          for (int r = r0; r < r1; r++) {
            data[to + r * panelColumns + c] = source[from + r];
          }
        }
      }
    }
  }
}
