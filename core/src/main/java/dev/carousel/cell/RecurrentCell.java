package dev.carousel.cell;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.Cell;
import dev.carousel.network.LayerParameters;
import dev.carousel.network.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
  // Units; and how many states the products read, those of all units of the layer.
  final int hiddenSize;
  final int recurrentSize;
  // The products' columns of z: [productFrom, productFrom + productColumns) of zStride.
  final int zStride;
  final int productFrom;
  final int productColumns;
  final int weightIh;
  final int weightHh;
  final int bias;
  final PackedMatrix inputWeightsTransposed;
  private final List<PackedMatrix> matrices = new ArrayList<>();
  // Whether the recurrent weights, when last packed, were finite, and their squares too.
  private boolean finite;
  // Input weights that are read at every step, in values: with few rows reading them is what takes
  // the time (4 rows of an LSTM 512 to 512: a fifth of it); with more it counts where they do not
  // fit the second-level cache (24 rows: a quarter).
  private static final int READ_FOR_FEW_ROWS = 1 << 16;
  private static final int READ_FOR_MANY_ROWS = 1 << 18;
  private static final int FEW_ROWS = 8;

  RecurrentCell(Kernel kernel, LayerParameters layer, int zStride, int productFrom) {
    this.kernel = kernel;
    this.parameters = layer.values();
    ParameterLayout.Slice ih = layer.get("weight_ih");
    ParameterLayout.Slice hh = layer.get("weight_hh");
    this.inputSize = ih.rows();
    this.recurrentSize = hh.rows();
    this.hiddenSize = hh.width();
    this.zStride = zStride;
    this.productFrom = productFrom;
    this.productColumns = ih.columns();
    this.weightIh = ih.offset();
    this.weightHh = hh.offset();
    this.bias = layer.get("bias").offset();
    this.inputWeightsTransposed = packed(productColumns, inputSize);
  }

  /** An operand of this cell. */
  final PackedMatrix packed(int rows, int columns) {
    PackedMatrix matrix = kernel.packed(rows, columns);
    matrices.add(matrix);
    return matrix;
  }

  /** Copies all packed weights to where they are read faster; see {@link PackedMatrix#align}. */
  public final void align() {
    // By index: an iterator would be an allocation.
    for (int i = 0; i < matrices.size(); i++) {
      matrices.get(i).align();
    }
  }

  /**
   * The cell that the specification names. One with some of a layer's units takes steps through
   * {@link CellUnits} only.
   */
  public static RecurrentCell of(Cell spec, Kernel kernel, LayerParameters layer) {
    if (spec instanceof Cell.Elman elman) {
      return new ElmanCell(kernel, layer, elman.activation());
    }
    if (spec instanceof Cell.Gru gru) {
      return gru.reset() == Cell.Gru.Reset.AFTER
          ? new GruResetAfterCell(kernel, layer)
          : new GruResetBeforeCell(kernel, layer);
    }
    Cell.Lstm lstm = (Cell.Lstm) spec;
    return lstm.isPlain() ? new LstmCell(kernel, layer) : new LstmVariantCell(kernel, layer, lstm);
  }

  /** Values of one input. */
  public int inputSize() {
    return inputSize;
  }

  /** Values of h, and of c where there is one. */
  public int hiddenSize() {
    return hiddenSize;
  }

  /** How many weights a step reads. */
  public long weights() {
    return (long) (inputSize + recurrentSize) * productColumns;
  }

  /**
   * Whether a unit needs of the others their states before a step and nothing else, so that some of
   * them can be a cell of their own.
   */
  public boolean unitsStandAlone() {
    return true;
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

  /**
   * Neighbouring columns of z with their weights, [W_ih; W_hh], one matrix that two are parts of.
   */
  final class GateColumns {
    private final int from;
    private final PackedMatrix weights;
    private final PackedMatrix inputWeights;
    private final PackedMatrix recurrentWeights;

    /**
     * Columns {@code [from, from + columns)} of the products' columns.
     *
     * @param recurrent whether they have W_hh; else only the input's product is theirs
     */
    GateColumns(int from, int columns, boolean recurrent) {
      this.from = from;
      this.weights = packed(inputSize + (recurrent ? recurrentSize : 0), columns);
      this.inputWeights = weights.part(0, inputSize);
      this.recurrentWeights = weights.part(inputSize, weights.rows() - inputSize);
    }

    void pack(int worker, int workers) {
      packShare(inputWeights, weightIh + from, productColumns, worker, workers);
      packShare(recurrentWeights, weightHh + from, productColumns, worker, workers);
    }

    /** {@code z = b + W_ih x} for rows of z, columns from {@code zAt} on. */
    void product(float[] x, int xAt, int rows, float[] z, int zAt, int stride) {
      int to = zAt + from;
      kernel.productFromBias(
          rows, parameters, bias + from, x, xAt, inputSize, inputWeights, z, to, stride);
    }

    private void product(CellTape tape, float[] x, int xAt, int row, int rows) {
      product(x, xAt + row * inputSize, rows, tape.z, row * zStride + productFrom, zStride);
    }

    /** {@code z = b + W_ih x}, unless that was done before. */
    void input(CellTape tape, float[] x, int xAt, int row, int rows) {
      if (tape.input == InputProduct.IN_STEP) {
        product(tape, x, xAt, row, rows);
      }
    }

    /** {@code z = b + W_ih x + W_hh h(t-1)}. */
    void inputAndState(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
      inputAndRecurrent(tape, x, xAt, row, rows, tape.states, previous * recurrentSize);
    }

    /**
     * {@code z = b + W_ih x + W_hh a}; only the last product, where the others were done before.
     */
    void inputAndRecurrent(
        CellTape tape, float[] x, int xAt, int row, int rows, float[] a, int aAt) {
      int z = row * zStride + productFrom + from;
      if (tape.input != InputProduct.IN_STEP) {
        kernel.product(rows, a, aAt, recurrentSize, recurrentWeights, tape.z, z, zStride);
        return;
      }
      kernel.joinedProductFromBias(
          rows,
          parameters,
          bias + from,
          inputSize,
          x,
          xAt + row * inputSize,
          recurrentSize,
          a,
          aAt,
          weights,
          tape.z,
          z,
          zStride);
    }
  }

  /** The columns of z that are computed together. */
  abstract GateColumns[] gateColumns();

  /** Brings worker w's share of the packed weights up to date with the parameters. */
  public final void pack(int worker, int workers, Packing packing) {
    for (GateColumns columns : gateColumns()) {
      columns.pack(worker, workers);
    }
    packRest(worker, workers, packing != Packing.FORWARD);
    if (worker == 0) {
      finite =
          Float.isFinite(kernel.sumOfSquares(recurrentSize * productColumns, parameters, weightHh));
    }
    if (packing == Packing.BACKWARD_TO_INPUTS) {
      packShareTransposed(inputWeightsTransposed, weightIh, productColumns, worker, workers);
    }
  }

  /** Packs what the columns of gates do not hold: what goes back through W_hh, if wanted. */
  abstract void packRest(int worker, int workers, boolean gradients);

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
   * Whether {@link #inputAhead} is worth while: it reads large input weights once for all steps,
   * but z then goes through memory once more.
   *
   * @param timeSteps of the longest sequence; of one step they are read once anyway
   * @param rows at each step
   */
  public final boolean inputAheadPays(int timeSteps, int rows) {
    int most = rows < FEW_ROWS ? READ_FOR_FEW_ROWS : READ_FOR_MANY_ROWS;
    return timeSteps > 1 && (long) inputSize * productColumns > most;
  }

  /**
   * What can be computed of z before the first step, {@code b + W_ih x}, where the tape wants it.
   */
  public final void inputAhead(CellTape tape, float[] x, int xAt, int row, int rows) {
    if (tape.input == InputProduct.AHEAD) {
      for (GateColumns columns : gateColumns()) {
        columns.product(tape, x, xAt, row, rows);
      }
    }
  }

  /**
   * One step: from the input and the state before to the activations, in z, and the state after;
   * after {@link #inputAhead} or {@link InputWeights#begin} where the tape was reserved so.
   *
   * @param x packed row r at {@code xAt + r * inputSize}
   */
  public abstract void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows);

  /**
   * {@link #forward} from states that are all +0, to the same states after the step, but without
   * the products with them where the cell knows how. {@code fma(w, 0, z)} is z unless w is not
   * finite, and then this is {@link #forward}; or unless z is -0, whose sign no state of these
   * cells shows.
   */
  public final void forwardFromZero(
      CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    if (finite) {
      forwardWithoutState(tape, x, xAt, row, previous, rows);
    } else {
      forward(tape, x, xAt, row, previous, rows);
    }
  }

  /** {@link #forwardFromZero} with finite weights. */
  void forwardWithoutState(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    forward(tape, x, xAt, row, previous, rows);
  }

  /**
   * One step back: from dh and dc of this step to dz, in place of z; to dc of the state before,
   * which it writes; and to dh of the state before, to which it adds what comes on other ways than
   * {@link #backwardToState}.
   */
  public abstract void backward(CellTape tape, StepRows at);

  /** Behind {@link #backward}: adds what dz brings to dh of the state before. */
  public abstract void backwardToState(CellTape tape, StepRows at);

  /** No gradient in packed rows, for the sums over them: what else is of a step is left alone. */
  public void noGradient(CellTape tape, int row, int rows) {
    Arrays.fill(tape.z, row * zStride, (row + rows) * zStride, 0f);
  }

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
   * Adds a share, by columns, of the gradients of all parameters, summed over some packed rows; but
   * see {@link InputWeights#weightGradients}.
   *
   * @param rows those packed rows, in the order of the sum, on both sides
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
      int share,
      int shares);

  /**
   * For the products' columns {@code [column, column + columns)}, one share of them: {@code dW_ih
   * += x' dz}, {@code dW_hh += h(t-1)' dz} and {@code db += dz}; of shared inputs dW_hh alone.
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
      int share,
      int shares) {
    int from = column + ColumnShares.first(kernel, columns, share, shares);
    int to = column + ColumnShares.first(kernel, columns, share + 1, shares);
    boolean shared = tape.input == InputProduct.SHARED;
    if (shared && !recurrent) {
      return;
    }
    kernel.weightGradients(
        transitions,
        to - from,
        tape.z,
        productFrom + from,
        zStride,
        shared ? 0 : inputSize,
        x,
        xAt,
        recurrent ? hiddenSize : 0,
        tape.h,
        0,
        gradients,
        shared ? -1 : weightIh + from,
        weightHh + from,
        shared ? -1 : bias + from,
        productColumns);
  }
}
