package dev.carousel.kernel;

import java.util.Arrays;

/**
 * The specification of {@link Kernel} in plain Java, and what runs where the vector module cannot
 * be had.
 *
 * <p>The order of the arithmetic on each element is the contract. The order between elements is
 * free: the inner loops run along columns.
 */
public final class ScalarKernel implements Kernel {
  private static final int PANEL = 512;
  // Rows of a block of the transposed product: both operands' blocks stay in the second-level
  // cache.
  private static final int BLOCK = 64;
  // Rows of c for which rows of b are copied once.
  private static final int ROWS = 8;
  private static final ThreadLocal<Copies> COPIES = ThreadLocal.withInitial(Copies::new);
  private static final ThreadLocal<float[]> PARTIAL_SUMS =
      ThreadLocal.withInitial(() -> new float[STRIPES]);

  /**
   * Rows of b and c in arrays of their own. The compiler uses SIMD registers for a loop over arrays
   * at one index, but not at two places of what may be one array: 45 instead of 8 GFLOP/s.
   */
  private static final class Copies {
    final float[][] b = new float[4][PANEL];
    final float[][] c = new float[ROWS][PANEL];
  }

  /** The specification has no settings. */
  public ScalarKernel() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public PackedMatrix packed(int rows, int columns) {
    return new PackedMatrix(rows, columns, PANEL);
  }

  @Override
  public int columnAlignment() {
    return STRIPES;
  }

  @Override
  public void product(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    add(m, a, aAt, aStride, b.rows(), b, 0, c, cAt, cStride);
  }

  /** {@code c += a b}, of b only k rows from {@code row} on. */
  private static void add(
      int m,
      float[] a,
      int aAt,
      int aStride,
      int k,
      PackedMatrix b,
      int row,
      float[] c,
      int cAt,
      int cStride) {
    for (int panel = 0; panel < b.panels(); panel++) {
      int column = panel * PANEL;
      int width = Math.min(PANEL, b.columns() - column);
      int bAt = b.panel(panel) + row * PANEL;
      int to = cAt + column;
      rows(k, m, width, a, aAt, aStride, 1, b.data(), bAt, PANEL, c, to, cStride);
    }
  }

  /**
   * {@code c[r][j] += sum over p of a[r][p] b[p][j]} for {@code n <= PANEL} columns, a[r][p] at
   * {@code aAt + r * aRow + p * aStep}.
   */
  private static void rows(
      int k,
      int m,
      int n,
      float[] a,
      int aAt,
      int aRow,
      int aStep,
      float[] b,
      int bAt,
      int bStride,
      float[] c,
      int cAt,
      int cStride) {
    Copies copies = COPIES.get();
    for (int r0 = 0; r0 < m; r0 += ROWS) {
      int count = Math.min(ROWS, m - r0);
      for (int r = 0; r < count; r++) {
        System.arraycopy(c, cAt + (r0 + r) * cStride, copies.c[r], 0, n);
      }
      int p = 0;
      for (; p + 4 <= k; p += 4) {
        for (int q = 0; q < 4; q++) {
          System.arraycopy(b, bAt + (p + q) * bStride, copies.b[q], 0, n);
        }
        for (int r = 0; r < count; r++) {
          links(n, a, aAt + (r0 + r) * aRow + p * aStep, aStep, copies.b, copies.c[r]);
        }
      }
      for (; p < k; p++) {
        System.arraycopy(b, bAt + p * bStride, copies.b[0], 0, n);
        for (int r = 0; r < count; r++) {
          link(n, a[aAt + (r0 + r) * aRow + p * aStep], copies.b[0], copies.c[r]);
        }
      }
      for (int r = 0; r < count; r++) {
        System.arraycopy(copies.c[r], 0, c, cAt + (r0 + r) * cStride, n);
      }
    }
  }

  /** Four links of every element's chain, so that c is touched a quarter as often. */
  private static void links(int n, float[] a, int at, int step, float[][] b, float[] c) {
    links(n, a[at], a[at + step], a[at + 2 * step], a[at + 3 * step], b[0], b[1], b[2], b[3], c);
  }

  private static void links(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] c) {
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, b0[j], c[j]);
      sum = Math.fma(a1, b1[j], sum);
      sum = Math.fma(a2, b2[j], sum);
      c[j] = Math.fma(a3, b3[j], sum);
    }
  }

  private static void link(int n, float a, float[] b, float[] c) {
    for (int j = 0; j < n; j++) {
      c[j] = Math.fma(a, b[j], c[j]);
    }
  }

  @Override
  public void productFromBias(
      int m,
      float[] bias,
      int biasAt,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    for (int r = 0; r < m; r++) {
      System.arraycopy(bias, biasAt, c, cAt + r * cStride, b.columns());
    }
    product(m, a, aAt, aStride, b, c, cAt, cStride);
  }

  @Override
  public void joinedProductFromBias(
      int m,
      float[] bias,
      int biasAt,
      int columns,
      float[] a,
      int aAt,
      int columns2,
      float[] a2,
      int a2At,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    for (int r = 0; r < m; r++) {
      System.arraycopy(bias, biasAt, c, cAt + r * cStride, b.columns());
    }
    add(m, a, aAt, columns, columns, b, 0, c, cAt, cStride);
    add(m, a2, a2At, columns2, columns2, b, columns, c, cAt, cStride);
  }

  @Override
  public void productTransposed(
      int k,
      int m,
      int n,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      int bStride,
      float[] c,
      int cAt,
      int cStride) {
    for (int k0 = 0; k0 < k; k0 += BLOCK) {
      int block = Math.min(BLOCK, k - k0);
      int from = aAt + k0 * aStride;
      for (int column = 0; column < n; column += PANEL) {
        int width = Math.min(PANEL, n - column);
        int bi = bAt + k0 * bStride + column;
        rows(block, m, width, a, from, 1, aStride, b, bi, bStride, c, cAt + column, cStride);
      }
    }
  }

  @Override
  public void columnSums(int k, int n, float[] b, int bAt, int bStride, float[] c, int cAt) {
    for (int p = 0; p < k; p++) {
      int row = bAt + p * bStride;
      for (int j = 0; j < n; j++) {
        c[cAt + j] += b[row + j];
      }
    }
  }

  @Override
  public void sigmoid(int n, float[] x, int at) {
    for (int i = at; i < at + n; i++) {
      x[i] = Functions.sigmoid(x[i]);
    }
  }

  @Override
  public void tanh(int n, float[] x, int at) {
    for (int i = at; i < at + n; i++) {
      x[i] = Functions.tanh(x[i]);
    }
  }

  @Override
  public float expSum(int n, float shift, float[] x, int at) {
    float[] stripes = emptyStripes();
    for (int i = 0; i < n; i++) {
      float e = Functions.exp(x[at + i] - shift);
      x[at + i] = e;
      stripes[i % STRIPES] += e;
    }
    return fold(stripes);
  }

  @Override
  public float sumOfSquares(int n, float[] x, int at) {
    float[] stripes = emptyStripes();
    for (int i = 0; i < n; i++) {
      float v = x[at + i];
      stripes[i % STRIPES] = Math.fma(v, v, stripes[i % STRIPES]);
    }
    return fold(stripes);
  }

  private static float[] emptyStripes() {
    float[] stripes = PARTIAL_SUMS.get();
    Arrays.fill(stripes, 0f);
    return stripes;
  }

  /**
   * Folds the stripes in halves, 16 to 8 to 4 to 2 to 1, element i with element i + half; the array
   * is changed.
   */
  public static float fold(float[] stripes) {
    for (int half = STRIPES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        stripes[i] += stripes[i + half];
      }
    }
    return stripes[0];
  }

  @Override
  public void lstmForward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] cPrevious,
      int cPreviousAt,
      float[] c,
      int cAt,
      float[] tanhC,
      int tanhCAt,
      float[] h,
      int hAt) {
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      lstmForwardRow(
          hiddenSize,
          0,
          z,
          zAt + 4 * row,
          cPrevious,
          cPreviousAt + row,
          c,
          cAt + row,
          tanhC,
          tanhCAt + row,
          h,
          hAt + row);
    }
  }

  /**
   * Elements {@code [from, hiddenSize)} of one row of {@link #lstmForward}; vector kernels end a
   * row with it.
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
    for (int j = from; j < hiddenSize; j++) {
      float i = Functions.sigmoid(z[zi + j]);
      float f = Functions.sigmoid(z[zf + j]);
      float g = Functions.tanh(z[zg + j]);
      float o = Functions.sigmoid(z[zo + j]);
      float cell = Math.fma(f, cPrevious[cPreviousAt + j], i * g);
      float t = Functions.tanh(cell);
      z[zi + j] = i;
      z[zf + j] = f;
      z[zg + j] = g;
      z[zo + j] = o;
      c[cAt + j] = cell;
      tanhC[tanhCAt + j] = t;
      h[hAt + j] = o * t;
    }
  }

  @Override
  public void lstmBackward(
      int rows,
      int hiddenSize,
      float[] cPrevious,
      int cPreviousAt,
      float[] tanhC,
      int tanhCAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] z,
      int zAt,
      float[] dcPrevious,
      int dcPreviousAt) {
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      lstmBackwardRow(
          hiddenSize,
          0,
          cPrevious,
          cPreviousAt + row,
          tanhC,
          tanhCAt + row,
          dh,
          dhAt + row,
          dc,
          dcAt + row,
          z,
          zAt + 4 * row,
          dcPrevious,
          dcPreviousAt + row);
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link #lstmBackward}. */
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
      dcPrevious[dcPreviousAt + j] = Math.fma(dcj, f, dcPrevious[dcPreviousAt + j]);
    }
  }

  @Override
  public void gruForward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] h,
      int hAt) {
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      gruForwardRow(
          hiddenSize,
          0,
          z,
          zAt + 3 * row,
          u,
          uAt + row,
          hPrevious,
          hPreviousAt + row,
          h,
          hAt + row);
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link #gruForward}. */
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
    for (int j = from; j < hiddenSize; j++) {
      float reset = Functions.sigmoid(z[zr + j]);
      float update = Functions.sigmoid(z[zz + j]);
      float candidate = Functions.tanh(Math.fma(reset, u[uAt + j], z[zn + j]));
      z[zr + j] = reset;
      z[zz + j] = update;
      z[zn + j] = candidate;
      h[hAt + j] = Math.fma(update, hPrevious[hPreviousAt + j] - candidate, candidate);
    }
  }

  @Override
  public void gruBackward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] dh,
      int dhAt,
      float[] dhPrevious,
      int dhPreviousAt) {
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      gruBackwardRow(
          hiddenSize,
          0,
          z,
          zAt + 3 * row,
          u,
          uAt + row,
          hPrevious,
          hPreviousAt + row,
          dh,
          dhAt + row,
          dhPrevious,
          dhPreviousAt + row);
    }
  }

  /** Elements {@code [from, hiddenSize)} of one row of {@link #gruBackward}. */
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
