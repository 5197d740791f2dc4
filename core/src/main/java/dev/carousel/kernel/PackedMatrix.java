package dev.carousel.kernel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The right operand of a product, {@code rows x columns}, rearranged into panels: {@code
 * panelColumns} neighbouring columns are stored together, row after row, so that a kernel reads
 * them in one stream. The last panel is filled up with zeros.
 *
 * <p>Some of its rows are a matrix too ({@link #part}), in the same memory: so the weights of two
 * operands can be packed, and multiplied, as one or each alone.
 *
 * <p>Packing moves numbers and computes nothing. Disjoint panel ranges may be packed by different
 * threads at once. There is no memory before something is packed, or asked for.
 */
public final class PackedMatrix {
  // Rows of a transposed panel that are packed at once: 16 take up to 1.7 times as long.
  private static final int BLOCK = 64;

  private final int rows;
  private final int columns;
  private final int panelColumns;
  private final Memory memory;
  // Of the whole that this is a part of.
  private final int firstRow;
  private final int panelRows;

  /**
   * Where the panels of a matrix lie: the array, and where in it the first one begins. To be read
   * once for both, since another may take its place at any time, with the same values.
   */
  public record Place(float[] data, int origin) {}

  /** What the parts of a matrix share. */
  private static final class Memory {
    private final int size;
    private final Alignment alignment;
    private @Nullable Place place;

    Memory(int size, Alignment alignment) {
      this.size = size;
      this.alignment = alignment;
    }

    Place place() {
      Place known = place;
      return known != null ? known : allocated();
    }

    private synchronized Place allocated() {
      Place known = place;
      if (known == null) {
        known = new Place(empty(), 0);
        place = known;
      }
      return known;
    }

    private float[] empty() {
      return new float[Math.addExact(size, alignment.room())];
    }

    void align() {
      Place known = place;
      if (known == null || !alignment.isWorthMoving(known.data, known.origin)) {
        return;
      }
      // Others may be reading, and another array has other good places.
      float[] data = empty();
      int origin = alignment.origin(data);
      if (origin >= 0) {
        System.arraycopy(known.data, known.origin, data, origin, size);
        place = new Place(data, origin);
      }
    }
  }

  /** An empty operand for a kernel whose panels are {@code panelColumns} wide. */
  public PackedMatrix(int rows, int columns, int panelColumns) {
    this(rows, columns, panelColumns, Alignment.NONE);
  }

  /**
   * The same, for a kernel that reads faster at some places than at others.
   *
   * @param alignment of this matrix alone
   */
  public PackedMatrix(int rows, int columns, int panelColumns, Alignment alignment) {
    this.rows = rows;
    this.columns = columns;
    this.panelColumns = panelColumns;
    this.memory =
        new Memory(Math.multiplyExact(Math.multiplyExact(panels(), panelColumns), rows), alignment);
    this.firstRow = 0;
    this.panelRows = rows;
  }

  private PackedMatrix(PackedMatrix whole, int firstRow, int rows) {
    this.rows = rows;
    this.columns = whole.columns;
    this.panelColumns = whole.panelColumns;
    this.memory = whole.memory;
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

  /** Rows of the matrix. */
  public int rows() {
    return rows;
  }

  /** Columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Where the panels are now. For kernel providers. */
  public Place place() {
    return memory.place();
  }

  /** How far behind its origin, in {@link #place}, the first row of a panel begins. */
  public int panel(int panel) {
    return (panel * panelRows + firstRow) * panelColumns;
  }

  /** How many panels it is packed in. */
  public int panels() {
    return (columns + panelColumns - 1) / panelColumns;
  }

  /**
   * Copies the panels to where the kernel reads them faster, the whole of which this is a part, if
   * there is something to copy. Cheap where they are well placed, so it may be called often: the
   * collector moves arrays. Others may read meanwhile; nobody may pack, or align too.
   */
  public void align() {
    memory.align();
  }

  /**
   * Packs panels {@code [fromPanel, toPanel)} of a row-major matrix.
   *
   * @param source {@code rows x columns}, row r starting at {@code at + r * stride}
   */
  public void pack(int fromPanel, int toPanel, float[] source, int at, int stride) {
    Place place = memory.place();
    float[] data = place.data;
    // Eight panels at a time: a prefetcher follows what is read of a row, but not one panel's
    // line or two in every row.
    for (int first = fromPanel; first < toPanel; first += 8) {
      int last = Math.min(toPanel, first + 8);
      for (int r = 0; r < rows; r++) {
        for (int panel = first; panel < last; panel++) {
          int column = panel * panelColumns;
          int width = Math.min(panelColumns, columns - column);
          int to = place.origin + panel(panel) + r * panelColumns;
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
    Place place = memory.place();
    float[] data = place.data;
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int column = panel * panelColumns;
      int width = Math.min(panelColumns, columns - column);
      int from = at + column * stride;
      // Some rows at a time: what a column brings into the cache serves the next ones.
      for (int row = 0; row < rows; row += BLOCK) {
        int count = Math.min(BLOCK, rows - row);
        int to = place.origin + panel(panel) + row * panelColumns;
        int c = 0;
        for (; c + 4 <= width; c += 4) {
          fourColumns(count, source, from + c * stride + row, stride, data, to + c);
        }
        for (; c < width; c++) {
          column(count, source, from + c * stride + row, data, to + c);
        }
      }
    }
  }

  /** Rows of four neighbouring columns: 1.5 to 2 times as fast as one after the other. */
  private void fourColumns(int count, float[] source, int at, int stride, float[] data, int to) {
    int second = at + stride;
    int third = second + stride;
    int fourth = third + stride;
    int next = to;
    for (int r = 0; r < count; r++) {
      data[next] = source[at + r];
      data[next + 1] = source[second + r];
      data[next + 2] = source[third + r];
      data[next + 3] = source[fourth + r];
      next += panelColumns;
    }
  }

  private void column(int count, float[] source, int at, float[] data, int to) {
    for (int r = 0; r < count; r++) {
      data[to + r * panelColumns] = source[at + r];
    }
  }
}
