package dev.carousel.cell;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.Activation;
import dev.carousel.network.LayerParameters;

/**
 * The simple recurrent network (Elman, 1990), with tanh or with relu.
 *
 * <pre>
 * z = W_ih x + W_hh h(t-1) + b          h = tanh(z)           h = max(z, 0)
 * dz = dh f'(z)                         f' = 1 - h^2          f' = 1 where h > 0, else 0
 * dh(t-1) += W_hh' dz
 * </pre>
 */
final class ElmanCell extends RecurrentCell {
  private final Activation activation;
  private final GateColumns[] columns;
  private final PackedMatrix recurrentTransposed;

  ElmanCell(Kernel kernel, LayerParameters layer, Activation activation) {
    super(kernel, layer, layer.get("weight_ih").columns(), 0);
    this.activation = activation;
    columns = new GateColumns[] {new GateColumns(0, productColumns, true)};
    recurrentTransposed = packed(hiddenSize, hiddenSize);
  }

  @Override
  public boolean hasCellState() {
    return false;
  }

  @Override
  int extraSize() {
    return 0;
  }

  @Override
  GateColumns[] gateColumns() {
    return columns;
  }

  @Override
  void packRest(int worker, int workers, boolean gradients) {
    if (gradients) {
      packShareTransposed(recurrentTransposed, weightHh, hiddenSize, worker, workers);
    }
  }

  @Override
  public void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    int h = hiddenSize;
    int state = (tape.batchSize + row) * h;
    int z = row * h;
    columns[0].inputAndState(tape, x, xAt, row, previous, rows);
    System.arraycopy(tape.z, z, tape.h, state, rows * h);
    if (activation == Activation.TANH) {
      kernel.tanh(rows * h, tape.h, state);
    } else {
      for (int j = state; j < state + rows * h; j++) {
        float value = tape.h[j];
        // NaN is not at most zero, so it passes and is noticed.
        tape.h[j] = value <= 0f ? 0f : value;
      }
    }
  }

  @Override
  public void backward(CellTape tape, StepRows at) {
    int n = at.count * hiddenSize;
    int y = (tape.batchSize + at.packed) * hiddenSize;
    int dy = at.dh * hiddenSize;
    int dz = at.packed * hiddenSize;
    if (activation == Activation.TANH) {
      for (int j = 0; j < n; j++) {
        float value = tape.h[y + j];
        tape.z[dz + j] = tape.dh[dy + j] * Math.fma(-value, value, 1f);
      }
    } else {
      for (int j = 0; j < n; j++) {
        tape.z[dz + j] = tape.h[y + j] > 0f ? tape.dh[dy + j] : 0f;
      }
    }
  }

  @Override
  public void backwardToState(CellTape tape, StepRows at) {
    int h = hiddenSize;
    kernel.product(
        at.count, tape.z, at.packed * h, h, recurrentTransposed, tape.dh, at.dhPrevious * h, h);
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
    columnGradients(tape, x, xAt, transitions, true, 0, hiddenSize, gradients, share, shares);
  }
}
