package dev.carousel.kernel;

/**
 * One row of each fused gate pass of {@link ScalarKernel}, from any element on: vector kernels end
 * a row with it.
 */
public final class ScalarGates {
  private ScalarGates() {}

  /**
   * Elements {@code [from, hiddenSize)} of one row of {@link Kernel#lstmForward}; vector kernels
   * end a row with it.
   */
  public static void lstmForwardRow(
      int hiddenSize,
      int from,
      float[] z,
      int zi,
      float[] cPrevious,
      int cPreviousAt,
      float[] c,
      int cAt,
      float[] tanhC,
      int tanhCAt,
      float[] h,
      int hAt) {
    int zf = zi + hiddenSize;
    int zg = zf + hiddenSize;
    int zo = zg + hiddenSize;
    int rest = hiddenSize - from;
    if (rest == 0) {
      return;
    }
    ScalarRuns.sigmoid(rest, z, zi + from);
    ScalarRuns.sigmoid(rest, z, zf + from);
    ScalarRuns.tanh(rest, z, zg + from);
    ScalarRuns.sigmoid(rest, z, zo + from);
    for (int j = from; j < hiddenSize; j++) {
      float added = z[zi + j] * z[zg + j];
      c[cAt + j] = Math.fma(z[zf + j], cPrevious[cPreviousAt + j], added);
    }
    System.arraycopy(c, cAt + from, tanhC, tanhCAt + from, rest);
    ScalarRuns.tanh(rest, tanhC, tanhCAt + from);
    for (int j = from; j < hiddenSize; j++) {
      h[hAt + j] = z[zo + j] * tanhC[tanhCAt + j];
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link Kernel#lstmBackward}. */
  public static void lstmBackwardRow(
      int hiddenSize,
      int from,
      float[] cPrevious,
      int cPreviousAt,
      float[] tanhC,
      int tanhCAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] z,
      int zi,
      float[] dcPrevious,
      int dcPreviousAt) {
    int zf = zi + hiddenSize;
    int zg = zf + hiddenSize;
    int zo = zg + hiddenSize;
    for (int j = from; j < hiddenSize; j++) {
      float i = z[zi + j];
      float f = z[zf + j];
      float g = z[zg + j];
      float o = z[zo + j];
      float t = tanhC[tanhCAt + j];
      float dhj = dh[dhAt + j];
      float dcj = Math.fma(dhj * o, Math.fma(-t, t, 1f), dc[dcAt + j]);
      dc[dcAt + j] = dcj;
      z[zi + j] = dcj * g * (i * (1f - i));
      z[zf + j] = dcj * cPrevious[cPreviousAt + j] * (f * (1f - f));
      z[zg + j] = dcj * i * Math.fma(-g, g, 1f);
      z[zo + j] = dhj * t * (o * (1f - o));
      dcPrevious[dcPreviousAt + j] = dcj * f;
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link Kernel#gruForward}. */
  public static void gruForwardRow(
      int hiddenSize,
      int from,
      float[] z,
      int zr,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] h,
      int hAt) {
    int zz = zr + hiddenSize;
    int zn = zz + hiddenSize;
    int rest = hiddenSize - from;
    if (rest == 0) {
      return;
    }
    ScalarRuns.sigmoid(rest, z, zr + from);
    ScalarRuns.sigmoid(rest, z, zz + from);
    for (int j = from; j < hiddenSize; j++) {
      z[zn + j] = Math.fma(z[zr + j], u[uAt + j], z[zn + j]);
    }
    ScalarRuns.tanh(rest, z, zn + from);
    for (int j = from; j < hiddenSize; j++) {
      float candidate = z[zn + j];
      h[hAt + j] = Math.fma(z[zz + j], hPrevious[hPreviousAt + j] - candidate, candidate);
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link Kernel#gruBackward}. */
  public static void gruBackwardRow(
      int hiddenSize,
      int from,
      float[] z,
      int zr,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] dh,
      int dhAt,
      float[] dhPrevious,
      int dhPreviousAt) {
    int zz = zr + hiddenSize;
    int zn = zz + hiddenSize;
    for (int j = from; j < hiddenSize; j++) {
      float reset = z[zr + j];
      float update = z[zz + j];
      float candidate = z[zn + j];
      float d = dh[dhAt + j];
      float dzn = d * (1f - update) * Math.fma(-candidate, candidate, 1f);
      z[zr + j] = dzn * u[uAt + j] * (reset * (1f - reset));
      z[zz + j] = d * (hPrevious[hPreviousAt + j] - candidate) * (update * (1f - update));
      z[zn + j] = dzn;
      u[uAt + j] = dzn * reset;
      dhPrevious[dhPreviousAt + j] = Math.fma(d, update, dhPrevious[dhPreviousAt + j]);
    }
  }
}
