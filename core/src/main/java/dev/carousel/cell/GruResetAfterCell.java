package dev.carousel.cell;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.LayerParameters;
import java.util.Arrays;

/**
 * The gated recurrent unit in the form of cuDNN and PyTorch: the reset gate acts after the
 * recurrent product, which has a bias of its own.
 *
 * <pre>
 * r = sigmoid(W_ir x + W_hr h(t-1) + b_r)      z = sigmoid(W_iz x + W_hz h(t-1) + b_z)
 * u = W_hn h(t-1) + b_hn                       n = tanh(W_in x + b_n + r u)
 * h = (1 - z) n + z h(t-1)
 *
 * dz_n = dh (1 - z) (1 - n^2)        du = dz_n r
 * dz_r = dz_n u r (1 - r)            dz_z = dh (h(t-1) - n) z (1 - z)
 * dh(t-1) += dh z + W_hrz' [dz_r dz_z] + W_hn' du
 * </pre>
 *
 * The extra column block of the tape is u, and du in its place after the backward step.
 */
final class GruResetAfterCell extends RecurrentCell {
  private final int biasHn;
  private final GateColumns[] columns;
  private final PackedMatrix gatesTransposed;
  private final PackedMatrix candidate;
  private final PackedMatrix candidateTransposed;

  GruResetAfterCell(Kernel kernel, LayerParameters layer) {
    super(kernel, layer, layer.get("weight_ih").columns(), 0);
    biasHn = layer.get("bias_hn").offset();
    columns =
        new GateColumns[] {
          new GateColumns(0, 2 * hiddenSize, true),
          new GateColumns(2 * hiddenSize, hiddenSize, false)
        };
    gatesTransposed = packed(2 * hiddenSize, hiddenSize);
    candidate = packed(recurrentSize, hiddenSize);
    candidateTransposed = packed(hiddenSize, hiddenSize);
  }

  @Override
  public boolean hasCellState() {
    return false;
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
    int n = weightHh + 2 * hiddenSize;
    packShare(candidate, n, zStride, worker, workers);
    if (gradients) {
      packShareTransposed(gatesTransposed, weightHh, zStride, worker, workers);
      packShareTransposed(candidateTransposed, n, zStride, worker, workers);
    }
  }

  @Override
  public void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    int h = hiddenSize;
    int before = previous * h;
    columns[0].inputAndState(tape, x, xAt, row, previous, rows);
    columns[1].input(tape, x, xAt, row, rows);
    kernel.productFromBias(
        rows,
        parameters,
        biasHn,
        tape.states,
        previous * recurrentSize,
        recurrentSize,
        candidate,
        tape.extra,
        row * h,
        h);
    gates(tape, row, before, rows);
  }

  @Override
  void forwardWithoutState(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    int h = hiddenSize;
    columns[0].input(tape, x, xAt, row, rows);
    columns[1].input(tape, x, xAt, row, rows);
    for (int r = row; r < row + rows; r++) {
      System.arraycopy(parameters, biasHn, tape.extra, r * h, h);
    }
    gates(tape, row, previous * h, rows);
  }

  private void gates(CellTape tape, int row, int before, int rows) {
    int h = hiddenSize;
    int state = (tape.batchSize + row) * h;
    kernel.gruForward(
        rows, h, tape.z, row * zStride, tape.extra, row * h, tape.h, before, tape.h, state);
  }

  @Override
  public void backward(CellTape tape, StepRows at) {
    int h = hiddenSize;
    kernel.gruBackward(
        at.count,
        h,
        tape.z,
        at.packed * zStride,
        tape.extra,
        at.packed * h,
        tape.h,
        at.previous * h,
        tape.dh,
        at.dh * h,
        tape.dh,
        at.dhPrevious * h);
  }

  @Override
  public void noGradient(CellTape tape, int row, int rows) {
    super.noGradient(tape, row, rows);
    Arrays.fill(tape.extra, row * hiddenSize, (row + rows) * hiddenSize, 0f);
  }

  @Override
  public void backwardToState(CellTape tape, StepRows at) {
    int h = hiddenSize;
    int to = at.dhPrevious * h;
    kernel.product(at.count, tape.z, at.packed * zStride, zStride, gatesTransposed, tape.dh, to, h);
    kernel.product(at.count, tape.extra, at.packed * h, h, candidateTransposed, tape.dh, to, h);
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
    int h = hiddenSize;
    columnGradients(tape, x, xAt, transitions, true, 0, 2 * h, gradients, share, shares);
    columnGradients(tape, x, xAt, transitions, false, 2 * h, h, gradients, share, shares);
    int from = ColumnShares.first(kernel, h, share, shares);
    kernel.weightGradients(
        transitions,
        ColumnShares.first(kernel, h, share + 1, shares) - from,
        tape.extra,
        from,
        h,
        0,
        x,
        0,
        h,
        tape.h,
        0,
        gradients,
        -1,
        weightHh + 2 * h + from,
        biasHn + from,
        zStride);
  }
}
