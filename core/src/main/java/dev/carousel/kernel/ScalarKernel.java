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
  private static final int BLOCK = 128;
  // Rows of c for which rows of b are copied once: with eight the copies took a sixth of the time.
  private static final int ROWS = 16;
  // Two rows of c in one loop read every value of b once for both: 88 instead of 56 GFLOP/s on JDK
  // 25. JDK 17 uses no SIMD registers for a loop that writes two arrays (14), nor for one of more
  // than six links.
  private static final boolean PAIRS = Runtime.version().feature() >= 25;

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
    // Where the rows of a block of both operands of a transposed product begin.
    final int[] lefts = new int[BLOCK];
    final int[] rights = new int[BLOCK];
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
      rows(k, m, width, a, aAt, aStride, b.data(), bAt, c, to, cStride);
    }
  }

  /** {@code c[r][j] += sum over p of a[r][p] b[p][j]} for {@code n <= PANEL} columns. */
  private static void rows(
      int k,
      int m,
      int n,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
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
      int at = aAt + r0 * aStride;
      for (; p + 4 <= k; p += 4) {
        for (int q = 0; q < 4; q++) {
          System.arraycopy(b, bAt + (p + q) * PANEL, copies.b[q], 0, n);
        }
        links(count, n, a, at + p, at + p + 1, at + p + 2, at + p + 3, aStride, copies);
      }
      for (; p < k; p++) {
        System.arraycopy(b, bAt + p * PANEL, copies.b[0], 0, n);
        link(count, n, a, at + p, aStride, copies);
      }
      for (int r = 0; r < count; r++) {
        System.arraycopy(copies.c[r], 0, c, cAt + (r0 + r) * cStride, n);
      }
    }
  }

  /**
   * Four links of the chain of every element of {@code count} rows of c, so that c is touched a
   * quarter as often; those of row r have the factors {@code a[a0 + r * step]} and so on.
   */
  private static void links(
      int count, int n, float[] a, int a0, int a1, int a2, int a3, int step, Copies copies) {
    float[][] b = copies.b;
    float[][] c = copies.c;
    int at = 0;
    int r = 0;
    if (PAIRS) {
      for (; r + 2 <= count; r += 2) {
        int next = at + step;
        pairLinks(
            n,
            a[a0 + at],
            a[a1 + at],
            a[a2 + at],
            a[a3 + at],
            a[a0 + next],
            a[a1 + next],
            a[a2 + next],
            a[a3 + next],
            b[0],
            b[1],
            b[2],
            b[3],
            c[r],
            c[r + 1]);
        at = next + step;
      }
    }
    for (; r < count; r++) {
      rowLinks(n, a[a0 + at], a[a1 + at], a[a2 + at], a[a3 + at], b[0], b[1], b[2], b[3], c[r]);
      at += step;
    }
  }

  private static void rowLinks(
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

  private static void pairLinks(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float e0,
      float e1,
      float e2,
      float e3,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] c,
      float[] d) {
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, b0[j], c[j]);
      float other = Math.fma(e0, b0[j], d[j]);
      sum = Math.fma(a1, b1[j], sum);
      other = Math.fma(e1, b1[j], other);
      sum = Math.fma(a2, b2[j], sum);
      other = Math.fma(e2, b2[j], other);
      c[j] = Math.fma(a3, b3[j], sum);
      d[j] = Math.fma(e3, b3[j], other);
    }
  }

  private static void link(int count, int n, float[] a, int at, int step, Copies copies) {
    for (int r = 0; r < count; r++) {
      link(n, a[at + r * step], copies.b[0], copies.c[r]);
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
    Copies copies = COPIES.get();
    for (int k0 = 0; k0 < k; k0 += BLOCK) {
      int block = Math.min(BLOCK, k - k0);
      for (int p = 0; p < block; p++) {
        copies.lefts[p] = aAt + (k0 + p) * aStride;
        copies.rights[p] = bAt + (k0 + p) * bStride;
      }
      addBlock(block, m, n, a, copies, b, c, cAt, cStride);
    }
  }

  @Override
  public void weightGradients(
      RowPairs rows,
      int n,
      float[] dz,
      int dzAt,
      int dzStride,
      int inputSize,
      float[] x,
      int xAt,
      int hiddenSize,
      float[] h,
      int hAt,
      float[] gradients,
      int dWih,
      int dWhh,
      int dBias,
      int stride) {
    if (inputSize > 0) {
      addPairs(rows, true, n, dz, dzAt, dzStride, inputSize, x, xAt, gradients, dWih, stride);
    }
    if (hiddenSize > 0) {
      addPairs(rows, false, n, dz, dzAt, dzStride, hiddenSize, h, hAt, gradients, dWhh, stride);
    }
    if (dBias >= 0) {
      for (int s = 0; s < rows.stretches(); s++) {
        int from = dzAt + rows.right(s) * dzStride;
        columnSums(rows.count(s), n, dz, from, dzStride, gradients, dBias);
      }
    }
  }

  /** {@code c += transpose(a) dz} over all pairs, with a's rows on the right or on the left. */
  private static void addPairs(
      RowPairs pairs,
      boolean right,
      int n,
      float[] dz,
      int dzAt,
      int dzStride,
      int m,
      float[] a,
      int aAt,
      float[] c,
      int cAt,
      int cStride) {
    Copies copies = COPIES.get();
    int block = 0;
    for (int s = 0; s < pairs.stretches(); s++) {
      int left = right ? pairs.right(s) : pairs.left(s);
      for (int r = 0; r < pairs.count(s); r++) {
        copies.lefts[block] = aAt + (left + r) * m;
        copies.rights[block] = dzAt + (pairs.right(s) + r) * dzStride;
        block++;
        if (block == BLOCK) {
          addBlock(block, m, n, a, copies, dz, c, cAt, cStride);
          block = 0;
        }
      }
    }
    addBlock(block, m, n, a, copies, dz, c, cAt, cStride);
  }

  /** {@code c[i][j] += sum over p of a[lefts[p] + i] b[rights[p] + j]}. */
  private static void addBlock(
      int k, int m, int n, float[] a, Copies copies, float[] b, float[] c, int cAt, int cStride) {
    for (int column = 0; column < n; column += PANEL) {
      int width = Math.min(PANEL, n - column);
      for (int r0 = 0; r0 < m; r0 += ROWS) {
        int count = Math.min(ROWS, m - r0);
        int to = cAt + r0 * cStride + column;
        for (int r = 0; r < count; r++) {
          System.arraycopy(c, to + r * cStride, copies.c[r], 0, width);
        }
        addBlockRows(k, r0, count, column, width, a, copies, b);
        for (int r = 0; r < count; r++) {
          System.arraycopy(copies.c[r], 0, c, to + r * cStride, width);
        }
      }
    }
  }

  private static void addBlockRows(
      int k, int first, int count, int column, int n, float[] a, Copies copies, float[] b) {
    int[] lefts = copies.lefts;
    int p = 0;
    for (; p + 4 <= k; p += 4) {
      for (int q = 0; q < 4; q++) {
        System.arraycopy(b, copies.rights[p + q] + column, copies.b[q], 0, n);
      }
      int a0 = lefts[p] + first;
      int a1 = lefts[p + 1] + first;
      int a2 = lefts[p + 2] + first;
      int a3 = lefts[p + 3] + first;
      links(count, n, a, a0, a1, a2, a3, 1, copies);
    }
    for (; p < k; p++) {
      System.arraycopy(b, copies.rights[p] + column, copies.b[0], 0, n);
      link(count, n, a, lefts[p] + first, 1, copies);
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
    ScalarRuns.sigmoid(n, x, at);
  }

  @Override
  public void tanh(int n, float[] x, int at) {
    ScalarRuns.tanh(n, x, at);
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
