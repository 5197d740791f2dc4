package dev.carousel.cell;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.LayerParameters;
import java.util.Arrays;

/**
 * The gated recurrent unit as published (Cho et al., 2014): the reset gate acts on the state before
 * the product.
 *
 * <pre>
 * r = sigmoid(W_ir x + W_hr h(t-1) + b_r)      z = sigmoid(W_iz x + W_hz h(t-1) + b_z)
 * s = r h(t-1)                                 n = tanh(W_in x + W_hn s + b_n)
 * h = (1 - z) n + z h(t-1)
 *
 * dz_n = dh (1 - z) (1 - n^2)        ds = W_hn' dz_n
 * dz_r = ds h(t-1) r (1 - r)         dz_z = dh (h(t-1) - n) z (1 - z)
 * dh(t-1) += dh z + ds r + W_hrz' [dz_r dz_z]
 * </pre>
 *
 * The extra column block of the tape is s; its gradient has a block of its own, since s is needed
 * for that of W_hn.
 */
final class GruResetBeforeCell extends RecurrentCell {
  private final GateColumns[] columns;
  private final PackedMatrix gatesTransposed;
  private final PackedMatrix candidateTransposed;

  GruResetBeforeCell(Kernel kernel, LayerParameters layer) {
    super(kernel, layer, layer.get("weight_ih").columns(), 0);
    columns =
        new GateColumns[] {
          new GateColumns(0, 2 * hiddenSize, true),
          new GateColumns(2 * hiddenSize, hiddenSize, true)
        };
    gatesTransposed = packed(2 * hiddenSize, hiddenSize);
    candidateTransposed = packed(hiddenSize, hiddenSize);
  }

  /** The candidate's product reads r of all units. */
  @Override
  public boolean unitsStandAlone() {
    return false;
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
  int gradientExtraSize() {
    return hiddenSize;
  }

  @Override
  GateColumns[] gateColumns() {
    return columns;
  }

  @Override
  void packRest(int worker, int workers, boolean gradients) {
    if (gradients) {
      int n = weightHh + 2 * hiddenSize;
      packShareTransposed(gatesTransposed, weightHh, zStride, worker, workers);
      packShareTransposed(candidateTransposed, n, zStride, worker, workers);
    }
  }

  @Override
  public void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    int h = hiddenSize;
    int before = previous * h;
    int zAt = row * zStride;
    columns[0].inputAndState(tape, x, xAt, row, previous, rows);
    for (int i = 0; i < rows; i++) {
      int r = zAt + i * zStride;
      int s = (row + i) * h;
      kernel.sigmoid(2 * h, tape.z, r);
      for (int j = 0; j < h; j++) {
        tape.extra[s + j] = tape.z[r + j] * tape.h[before + i * h + j];
      }
    }
    columns[1].inputAndRecurrent(tape, x, xAt, row, rows, tape.extra, row * h);
    for (int i = 0; i < rows; i++) {
      int r = zAt + i * zStride;
      kernel.tanh(h, tape.z, r + 2 * h);
      int state = (tape.batchSize + row + i) * h;
      GruOutput.forward(tape, h, r + h, r + 2 * h, before + i * h, state);
    }
  }

  @Override
  public void backward(CellTape tape, StepRows at) {
    int h = hiddenSize;
    int zAt = at.packed * zStride;
    float[] z = tape.z;
    float[] ds = tape.dExtra;
    for (int i = 0; i < at.count; i++) {
      GruOutput.backward(tape, h, zStride, at, i);
    }
    Arrays.fill(ds, at.packed * h, (at.packed + at.count) * h, 0f);
    kernel.product(at.count, z, zAt + 2 * h, zStride, candidateTransposed, ds, at.packed * h, h);
    for (int i = 0; i < at.count; i++) {
      int r = zAt + i * zStride;
      int s = (at.packed + i) * h;
      int before = (at.previous + i) * h;
      int dhBefore = (at.dhPrevious + i) * h;
      for (int j = 0; j < h; j++) {
        float reset = z[r + j];
        float d = ds[s + j];
        z[r + j] = d * tape.h[before + j] * (reset * (1f - reset));
        tape.dh[dhBefore + j] = Math.fma(d, reset, tape.dh[dhBefore + j]);
      }
    }
  }

  @Override
  public void backwardToState(CellTape tape, StepRows at) {
    int h = hiddenSize;
    kernel.product(
        at.count,
        tape.z,
        at.packed * zStride,
        zStride,
        gatesTransposed,
        tape.dh,
        at.dhPrevious * h,
        h);
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
    // The candidate's other input, r h(t-1), lies where the packed rows do.
    kernel.weightGradients(
        rows,
        ColumnShares.first(kernel, h, share + 1, shares) - from,
        tape.z,
        2 * h + from,
        zStride,
        h,
        tape.extra,
        0,
        0,
        tape.h,
        0,
        gradients,
        weightHh + 2 * h + from,
        -1,
        -1,
        zStride);
  }
}
