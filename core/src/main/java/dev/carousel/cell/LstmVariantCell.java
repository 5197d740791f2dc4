package dev.carousel.cell;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.Cell;
import dev.carousel.network.LayerParameters;

/**
 * The LSTM with what its variants add, in one set of equations: peepholes (Gers and Schmidhuber,
 * 2000), the coupled input and forget gate (Greff et al., 2017), a clipped cell (Sak, Senior and
 * Beaufays, 2014) and hard sigmoids.
 *
 * <pre>
 * i = s(z_i + p_i c(t-1))   or   i = 1 - f        f = s(z_f + p_f c(t-1))        g = tanh(z_g)
 * c = clip(f c(t-1) + i g)                        o = s(z_o + p_o c)             h = o tanh(c)
 *
 * dz_o = dh tanh(c) s'(o)             dc   = dc(from t+1) + dh o (1 - tanh(c)^2) + p_o dz_o
 * dr   = dc, or 0 where c is clipped
 * dz_i = dr g s'(i)                   dz_f = dr c(t-1) s'(f)   or   dr (c(t-1) - g) s'(f)
 * dz_g = dr i (1 - g^2)               dc(t-1) = dr f + p_i dz_i + p_f dz_f
 * dp_i = dz_i c(t-1)                  dp_f = dz_f c(t-1)       dp_o = dz_o c
 * </pre>
 *
 * What a variant lacks is a zero or an infinity here, not a branch: no peepholes are zero vectors,
 * no clip is an infinite one. z always has the four blocks i, f, g, o; with the coupled gate the
 * products fill only the last three.
 */
final class LstmVariantCell extends RecurrentCell {
  private final Gates gate;
  private final boolean coupled;
  private final float clip;
  // Offsets in the parameters; -1 where there are no such weights and the zeros stand in.
  private final int peepholeI;
  private final int peepholeF;
  private final int peepholeO;
  private final float[] zeros;
  private final GateColumns[] columns;
  private final PackedMatrix recurrentTransposed;

  LstmVariantCell(Kernel kernel, LayerParameters layer, Cell.Lstm spec) {
    super(
        kernel,
        layer,
        4 * layer.get("weight_hh").width(),
        spec.coupledInputForget() ? layer.get("weight_hh").width() : 0);
    gate = Gates.of(spec.gateActivation());
    coupled = spec.coupledInputForget();
    clip = spec.cellClip() == 0 ? Float.POSITIVE_INFINITY : spec.cellClip();
    peepholeI = spec.peepholes() && !coupled ? layer.get("weight_ci").offset() : -1;
    peepholeF = spec.peepholes() ? layer.get("weight_cf").offset() : -1;
    peepholeO = spec.peepholes() ? layer.get("weight_co").offset() : -1;
    zeros = new float[hiddenSize];
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

  private float[] peepholes(int offset) {
    return offset < 0 ? zeros : parameters;
  }

  private void addPeephole(int offset, float[] z, int zAt, float[] c, int cAt) {
    if (offset < 0) {
      return;
    }
    for (int j = 0; j < hiddenSize; j++) {
      z[zAt + j] = Math.fma(parameters[offset + j], c[cAt + j], z[zAt + j]);
    }
  }

  @Override
  public void forward(CellTape tape, float[] x, int xAt, int row, int previous, int rows) {
    int h = hiddenSize;
    float[] z = tape.z;
    columns[0].inputAndState(tape, x, xAt, row, previous, rows);
    for (int r = 0; r < rows; r++) {
      int zi = (row + r) * zStride;
      int zf = zi + h;
      int zg = zf + h;
      int zo = zg + h;
      int before = (previous + r) * h;
      int state = (tape.batchSize + row + r) * h;
      addPeephole(peepholeF, z, zf, tape.c, before);
      gate.apply(kernel, h, z, zf);
      if (coupled) {
        for (int j = 0; j < h; j++) {
          z[zi + j] = 1f - z[zf + j];
        }
      } else {
        addPeephole(peepholeI, z, zi, tape.c, before);
        gate.apply(kernel, h, z, zi);
      }
      kernel.tanh(h, z, zg);
      for (int j = 0; j < h; j++) {
        float c = Math.fma(z[zf + j], tape.c[before + j], z[zi + j] * z[zg + j]);
        tape.c[state + j] = c > clip ? clip : c < -clip ? -clip : c;
      }
      addPeephole(peepholeO, z, zo, tape.c, state);
      gate.apply(kernel, h, z, zo);
      int t = (row + r) * h;
      System.arraycopy(tape.c, state, tape.extra, t, h);
      kernel.tanh(h, tape.extra, t);
      for (int j = 0; j < h; j++) {
        tape.h[state + j] = z[zo + j] * tape.extra[t + j];
      }
    }
  }

  @Override
  public void backward(CellTape tape, StepRows at) {
    for (int r = 0; r < at.count; r++) {
      backwardRow(tape, at, r);
    }
  }

  @Override
  public void backwardToState(CellTape tape, StepRows at) {
    int h = hiddenSize;
    int dz = at.packed * zStride + productFrom;
    kernel.product(
        at.count, tape.z, dz, zStride, recurrentTransposed, tape.dh, at.dhPrevious * h, h);
  }

  private void backwardRow(CellTape tape, StepRows at, int row) {
    int h = hiddenSize;
    int tAt = (at.packed + row) * h;
    int state = tape.batchSize * h + tAt;
    int before = (at.previous + row) * h;
    int dhAt = (at.dh + row) * h;
    int dcAt = (at.dc + row) * h;
    int dcBefore = (at.dcPrevious + row) * h;
    float[] z = tape.z;
    int zi = (at.packed + row) * zStride;
    int zf = zi + h;
    int zg = zf + h;
    int zo = zg + h;
    float[] pi = peepholes(peepholeI);
    float[] pf = peepholes(peepholeF);
    float[] po = peepholes(peepholeO);
    int piAt = Math.max(0, peepholeI);
    int pfAt = Math.max(0, peepholeF);
    int poAt = Math.max(0, peepholeO);
    for (int j = 0; j < h; j++) {
      float i = z[zi + j];
      float f = z[zf + j];
      float g = z[zg + j];
      float o = z[zo + j];
      float t = tape.extra[tAt + j];
      float c = tape.c[state + j];
      float old = tape.c[before + j];
      float dh = tape.dh[dhAt + j];
      float dzo = dh * t * gate.slope(o);
      float dc = Math.fma(dh * o, Math.fma(-t, t, 1f), tape.dc[dcAt + j]);
      dc = Math.fma(po[poAt + j], dzo, dc);
      float raw = Math.abs(c) >= clip ? 0f : dc;
      float dzi = coupled ? 0f : raw * g * gate.slope(i);
      float dzf = raw * (coupled ? old - g : old) * gate.slope(f);
      z[zi + j] = dzi;
      z[zf + j] = dzf;
      z[zg + j] = raw * i * Math.fma(-g, g, 1f);
      z[zo + j] = dzo;
      tape.dc[dcAt + j] = dc;
      float back = Math.fma(pi[piAt + j], dzi, raw * f);
      tape.dc[dcBefore + j] = Math.fma(pf[pfAt + j], dzf, back);
    }
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
    columnGradients(tape, x, xAt, transitions, true, 0, productColumns, gradients, share, shares);
    int from = ColumnShares.first(kernel, h, share, shares);
    int to = ColumnShares.first(kernel, h, share + 1, shares);
    peepholeGradient(tape, transitions, 0, 0, gradients, peepholeI, from, to);
    peepholeGradient(tape, transitions, 0, h, gradients, peepholeF, from, to);
    peepholeGradient(tape, rows, tape.batchSize, 3 * h, gradients, peepholeO, from, to);
  }

  /** {@code d(peephole) += c dz}; the left row, {@code states} rows further, is that of c. */
  private void peepholeGradient(
      CellTape tape,
      RowPairs pairs,
      int states,
      int block,
      float[] gradients,
      int offset,
      int from,
      int to) {
    if (offset < 0) {
      return;
    }
    for (int s = 0; s < pairs.stretches(); s++) {
      for (int r = 0; r < pairs.count(s); r++) {
        int z = (pairs.right(s) + r) * zStride + block;
        int c = (states + pairs.left(s) + r) * hiddenSize;
        for (int j = from; j < to; j++) {
          gradients[offset + j] = Math.fma(tape.z[z + j], tape.c[c + j], gradients[offset + j]);
        }
      }
    }
  }
}
