package dev.carousel.cell;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.RowPairs;
import java.util.Arrays;

/**
 * The input weights and biases of a cell by themselves, for inputs that occur at several steps:
 *
 * <pre>
 * p(x) = b + W_ih x                         once for each input, copied into z of each of its steps
 * s(x) = the sum of dz over its steps
 * dW_ih += x' s(x)     db += s(x)     dx += W_ih' s(x)
 * </pre>
 *
 * Products and sums are {@code inputs x columns}, x and dx {@code inputs x inputSize}. Where there
 * are shares, share s of n is a range of columns that no other writes, s from 0 to n - 1. Sizes are
 * trusted; an index outside an array throws {@link IndexOutOfBoundsException}. See {@link
 * InputProduct#SHARED}.
 */
public final class InputWeights {
  private static final float[] NONE = {};

  private final RecurrentCell cell;
  private final Kernel kernel;
  private final int columns;

  /** Those of a cell, which must have been packed before they are used. */
  public InputWeights(RecurrentCell cell) {
    this.cell = cell;
    this.kernel = cell.kernel;
    this.columns = cell.productColumns;
  }

  /** The columns of z that have input weights. */
  public int columns() {
    return columns;
  }

  /**
   * Writes {@code p(x)} of some inputs.
   *
   * @param rows how many inputs
   * @param xAt where the first one begins
   */
  public void products(int rows, float[] x, int xAt, float[] products) {
    for (RecurrentCell.GateColumns gates : cell.gateColumns()) {
      gates.product(x, xAt, rows, products, 0, columns);
    }
  }

  /** Before {@link RecurrentCell#forward} of a packed row: copies row {@code number} into its z. */
  public void begin(CellTape tape, int row, float[] products, int number) {
    int to = row * cell.zStride + cell.productFrom;
    System.arraycopy(products, number * columns, tape.z, to, columns);
  }

  /** Sets a share, by columns, of the first rows of the sums to zero. */
  public void clear(float[] sums, int rows, int share, int shares) {
    int from = ColumnShares.first(kernel, columns, share, shares);
    int to = ColumnShares.first(kernel, columns, share + 1, shares);
    for (int at = 0; at < rows * columns; at += columns) {
      Arrays.fill(sums, at + from, at + to, 0f);
    }
  }

  /** Adds a share, by columns, of dz of a packed row to row {@code number} of the sums. */
  public void add(CellTape tape, int row, float[] sums, int number, int share, int shares) {
    int from = ColumnShares.first(kernel, columns, share, shares);
    int width = ColumnShares.first(kernel, columns, share + 1, shares) - from;
    int dz = row * cell.zStride + cell.productFrom + from;
    kernel.add(width, tape.z, dz, sums, number * columns + from);
  }

  /**
   * Adds a share, by columns, of the gradients of the input weights and the bias.
   *
   * @param rows all rows of x and of the sums
   * @param gradients in the layout of the parameters
   */
  public void weightGradients(
      float[] x, float[] sums, RowPairs rows, float[] gradients, int share, int shares) {
    int from = ColumnShares.first(kernel, columns, share, shares);
    int to = ColumnShares.first(kernel, columns, share + 1, shares);
    if (from < to) {
      kernel.weightGradients(
          rows,
          to - from,
          sums,
          from,
          columns,
          cell.inputSize,
          x,
          0,
          0,
          NONE,
          0,
          gradients,
          cell.weightIh + from,
          -1,
          cell.bias + from,
          columns);
    }
  }

  /** Adds the gradients of {@code rows} inputs, from row {@code from} of the sums and of dx on. */
  public void inputGradients(int from, int rows, float[] sums, float[] dx) {
    kernel.product(
        rows,
        sums,
        from * columns,
        columns,
        cell.inputWeightsTransposed,
        dx,
        from * cell.inputSize,
        cell.inputSize);
  }
}
