package dev.carousel.cell;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.Cell;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;

/**
 * A cell ready to run: its equations, bound to a kernel and to the packed form of its weights.
 *
 * <p>All methods work on {@code rows} sequences at once, {@code row} being the packed index of the
 * first one's step and {@code previous} the state row (see the package) of the first one's step
 * before. Different threads may work on different rows at once. {@link #pack} must follow every
 * change of the parameters.
 */
public abstract class RecurrentCell {
  final Kernel kernel;
  final float[] parameters;
  final int inputSize;
  final int hiddenSize;
  // The products' columns of z: [productFrom, productFrom + productColumns) of zStride.
  final int zStride;
  final int productFrom;
  final int productColumns;
  final int weightIh;
  final int weightHh;
  final int bias;
  final PackedMatrix inputWeightsTransposed;
  // Larger input weights are multiplied for many steps at once, so that they are read once. Smaller
  // ones are read again
  // at every step: then z is written once, and is still in the cache when the gates need it.
  private static final int READ_AT_EVERY_STEP = 1 << 16;
  private final boolean ahead;

  RecurrentCell(Kernel kernel, Slices slices, int zStride, int productFrom) {
    this.kernel = kernel;
    this.parameters = slices.parameters.values();
    ParameterLayout.Slice ih = slices.get("weight_ih");
    this.inputSize = ih.rows();
    this.hiddenSize = slices.get("weight_hh").rows();
    this.zStride = zStride;
    this.productFrom = productFrom;
    this.productColumns = ih.columns();
    this.weightIh = ih.offset();
    this.weightHh = slices.get("weight_hh").offset();
    this.bias = slices.get("bias").offset();
    this.ahead = (long) inputSize * productColumns > READ_AT_EVERY_STEP;
    this.inputWeightsTransposed = kernel.packed(productColumns, inputSize);
  }

  /** Finds one direction's parameters by their PyTorch names. */
  record Slices(Parameters parameters, int layer, String suffix) {
    ParameterLayout.Slice get(String name) {
      return parameters.layout().slice("layers." + layer + "." + name + suffix);
    }
  }

  /**
   * The cell that the specification names.
   *
   * @param layer the index of its layer
   * @param suffix {@code _l0}, or {@code _l0_reverse} for the direction back
   */
  public static RecurrentCell of(
      Cell spec, Kernel kernel, Parameters parameters, int layer, String suffix) {
    Slices slices = new Slices(parameters, layer, suffix);
    if (spec instanceof Cell.Elman elman) {
      return new ElmanCell(kernel, slices, elman.activation());
    }
    if (spec instanceof Cell.Gru gru) {
      return gru.reset() == Cell.Gru.Reset.AFTER
          ? new GruResetAfterCell(kernel, slices)
          : new GruResetBeforeCell(kernel, slices);
    }
    Cell.Lstm lstm = (Cell.Lstm) spec;
    return lstm.isPlain()
        ? new LstmCell(kernel, slices)
        : new LstmVariantCell(kernel, slices, lstm);
  }

  public int inputSize() {
    return inputSize;
  }

  public int hiddenSize() {
    return hiddenSize;
  }

  /** Values of z for one step of one sequence. */
  public int zStride() {
    return zStride;
  }

  /** Whether there is a cell state c beside h. */
  public abstract boolean hasCellState();

  abstract int extraSize();

  int gradientExtraSize() {
    return 0;
  }

  /** Neighbouring columns of z, and the input weights that belong to them. */
  final class InputColumns {
    private final int from;
    private final PackedMatrix weights;

    /** Columns {@code [from, from + columns)} of the products' columns. */
    InputColumns(int from, int columns) {
      this.from = from;
      this.weights = kernel.packed(inputSize, columns);
    }

    void pack(int worker, int workers) {
      packShare(weights, weightIh + from, productColumns, worker, workers);
    }

    private void product(CellTape tape, float[] x, int xAt, int row, int rows) {
      kernel.productFromBias(
          rows,
          parameters,
          bias + from,
          x,
          xAt + row * inputSize,
          inputSize,
          weights,
          tape.z,
          row * zStride + productFrom + from,
          zStride);
    }

    /** {@code z = b + W_ih x}, unless that was done ahead. */
    void input(CellTape tape, float[] x, int xAt, int row, int rows) {
      if (!ahead) {
        product(tape, x, xAt, row, rows);
      }
    }

    /** {@code z = b + W_ih x + W_hh a}; only the last product, where the others were done ahead. */
    void inputAndRecurrent(
        CellTape tape,
        float[] x,
        int xAt,
        int row,
        int rows,
        float[] a,
        int aAt,
        PackedMatrix recurrent) {
      int z = row * zStride + productFrom + from;
      if (ahead) {
        kernel.product(rows, a, aAt, hiddenSize, recurrent, tape.z, z, zStride);
        return;
      }
      kernel.productsFromBias(
          rows,
          parameters,
          bias + from,
          x,
          xAt + row * inputSize,
          inputSize,
          weights,
          a,
          aAt,
          hiddenSize,
          recurrent,
          tape.z,
          z,
          zStride);
    }
  }

  /** The columns of z that are computed together. */
  abstract InputColumns[] inputColumns();

  /** Brings worker w's share of the packed weights up to date with the parameters. */
  public final void pack(int worker, int workers, Packing packing) {
    for (InputColumns columns : inputColumns()) {
      columns.pack(worker, workers);
    }
    packRecurrent(worker, workers, packing != Packing.FORWARD);
    if (packing == Packing.BACKWARD_TO_INPUTS) {
      packShareTransposed(inputWeightsTransposed, weightIh, productColumns, worker, workers);
    }
  }

  abstract void packRecurrent(int worker, int workers, boolean gradients);

  final void packShare(PackedMatrix to, int at, int stride, int worker, int workers) {
    int panels = to.panels();
    to.pack(panels * worker / workers, panels * (worker + 1) / workers, parameters, at, stride);
  }

  final void packShareTransposed(PackedMatrix to, int at, int stride, int worker, int workers) {
    int panels = to.panels();
    int from = panels * worker / workers;
    to.packTransposed(from, panels * (worker + 1) / workers, parameters, at, stride);
  }

  /**
   * What can be computed of z before the first step, for packed rows: {@code b + W_ih x} where the
   * input weights are large, else nothing.
   */
  public final void inputAhead(CellTape tape, float[] x, int xAt, int row, int rows) {
    if (ahead) {
      for (InputColumns columns : inputColumns()) {
        columns.product(tape, x, xAt, row, rows);
      }
    }
  }

  /**
   * One step: from the input and the state before to the activations, in z, and the state after;
   * {@link #inputAhead} comes first.
   *
   * @param x packed row r at {@code xAt + r * inputSize}
   */
  public abstract void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows);

  /**
   * One step back: from dh and dc of this step to the gradients of the pre-activations, in place of
   * z, and to dh and dc of the step before, to which they are added.
   */
  public abstract void backward(CellTape tape, int row, int previous, int rows);

  /** {@code dx += W_ih' dz} for packed rows. */
  public final void inputGradient(CellTape tape, float[] dx, int dxAt, int row, int rows) {
    kernel.product(
        rows,
        tape.z,
        row * zStride + productFrom,
        zStride,
        inputWeightsTransposed,
        dx,
        dxAt + row * inputSize,
        inputSize);
  }

  /**
   * Adds worker w's share of the gradients of all parameters.
   *
   * @param rows the packed rows, in the order of time, on both sides
   * @param transitions left the state rows before them, right the packed rows
   * @param gradients in the layout of the parameters
   */
  public abstract void weightGradients(
      CellTape tape,
      float[] x,
      int xAt,
      RowPairs rows,
      RowPairs transitions,
      float[] gradients,
      int worker,
      int workers);

  /**
   * For the products' columns {@code [column, column + columns)}, this worker's share of them:
   * {@code dW_ih += x' dz}, {@code dW_hh += h(t-1)' dz} and {@code db += dz}.
   *
   * @param recurrent whether these columns have W_hh h(t-1)
   */
  final void columnGradients(
      CellTape tape,
      float[] x,
      int xAt,
      RowPairs transitions,
      boolean recurrent,
      int column,
      int columns,
      float[] gradients,
      int worker,
      int workers) {
    int from = column + share(columns, worker, workers);
    int to = column + share(columns, worker + 1, workers);
    kernel.weightGradients(
        transitions,
        to - from,
        tape.z,
        productFrom + from,
        zStride,
        inputSize,
        x,
        xAt,
        recurrent ? hiddenSize : 0,
        tape.h,
        0,
        gradients,
        weightIh + from,
        weightHh + from,
        bias + from,
        productColumns);
  }

  /** Where worker w's share of n columns begins; the end is where the next one's begins. */
  final int share(int n, int worker, int workers) {
    if (worker == workers) {
      return n;
    }
    int units = (n + kernel.columnAlignment() - 1) / kernel.columnAlignment();
    return Math.min(n, units * worker / workers * kernel.columnAlignment());
  }
}
