package dev.carousel.cell;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.LayerParameters;

/**
 * The long short-term memory (Hochreiter and Schmidhuber, 1997) with a forget gate (Gers,
 * Schmidhuber and Cummins, 2000).
 *
 * <pre>
 * [z_i z_f z_g z_o] = W_ih x + W_hh h(t-1) + b
 * i = sigmoid(z_i)   f = sigmoid(z_f)   g = tanh(z_g)   o = sigmoid(z_o)
 * c = f c(t-1) + i g
 * h = o tanh(c)
 *
 * dc       = dc(from t+1) + dh o (1 - tanh(c)^2)
 * dz_i     = dc g i (1 - i)             dz_f = dc c(t-1) f (1 - f)
 * dz_g     = dc i (1 - g^2)             dz_o = dh tanh(c) o (1 - o)
 * dc(t-1)  = dc f                       dh(t-1) += W_hh' dz
 * </pre>
 *
 * The extra column block of the tape is tanh(c).
 */
final class LstmCell extends RecurrentCell {
  private final GateColumns[] columns;
  private final PackedMatrix recurrentTransposed;

  LstmCell(Kernel kernel, LayerParameters layer) {
    super(kernel, layer, layer.get("weight_ih").columns(), 0);
    columns = new GateColumns[] {new GateColumns(0, productColumns, true)};
    recurrentTransposed = packed(productColumns, hiddenSize);
  }

  @Override
  public boolean hasCellState() {
    return true;
  }

  @Override
  int extraSize() {
    return hiddenSize;
  }

  @Override
  GateColumns[] gateColumns() {
    return columns;
  }

  @Override
  void packRest(int worker, int workers, boolean gradients) {
    if (gradients) {
      packShareTransposed(recurrentTransposed, weightHh, productColumns, worker, workers);
    }
  }

  @Override
  public void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    columns[0].inputAndState(tape, x, xAt, row, previous, rows);
    gates(tape, row, previous, rows);
  }

  @Override
  void forwardWithoutState(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    columns[0].input(tape, x, xAt, row, rows);
    gates(tape, row, previous, rows);
  }

  private void gates(CellTape tape, int row, int previous, int rows) {
    int h = hiddenSize;
    int state = (tape.batchSize + row) * h;
    int before = previous * h;
    int z = row * zStride;
    kernel.lstmForward(
        rows, h, tape.z, z, tape.c, before, tape.c, state, tape.extra, row * h, tape.h, state);
  }

  @Override
  public void backward(CellTape tape, StepRows at) {
    int h = hiddenSize;
    kernel.lstmBackward(
        at.count,
        h,
        tape.c,
        at.previous * h,
        tape.extra,
        at.packed * h,
        tape.dh,
        at.dh * h,
        tape.dc,
        at.dc * h,
        tape.z,
        at.packed * zStride,
        tape.dc,
        at.dcPrevious * h);
  }

  @Override
  public void backwardToState(CellTape tape, StepRows at) {
    int h = hiddenSize;
    int dz = at.packed * zStride;
    kernel.product(
        at.count, tape.z, dz, zStride, recurrentTransposed, tape.dh, at.dhPrevious * h, h);
  }

  @Override
  public void weightGradients(
      CellTape tape,
      float[] x,
      int xAt,
      RowPairs rows,
      RowPairs transitions,
      float[] gradients,
      int share,
      int shares) {
    columnGradients(tape, x, xAt, transitions, true, 0, productColumns, gradients, share, shares);
  }
}
