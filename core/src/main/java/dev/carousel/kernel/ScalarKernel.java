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
  private static final ThreadLocal<float[]> PARTIAL_SUMS =
      ThreadLocal.withInitial(() -> new float[STRIPES]);

  /** The specification has no settings. */
  public ScalarKernel() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public PackedMatrix packed(int rows, int columns) {
    return new PackedMatrix(rows, columns, ScalarProducts.PANEL);
  }

  @Override
  public int columnAlignment() {
    return STRIPES;
  }

  @Override
  public int rowsAtOnce(boolean training) {
    return training ? ALL_ROWS : 8;
  }

  @Override
  public void product(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    ScalarProducts.add(m, a, aAt, aStride, b.rows(), b, 0, c, cAt, cStride);
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
    ScalarProducts.add(m, a, aAt, columns, columns, b, 0, c, cAt, cStride);
    ScalarProducts.add(m, a2, a2At, columns2, columns2, b, columns, c, cAt, cStride);
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
      ScalarProducts.addPairs(
          rows, true, n, dz, dzAt, dzStride, inputSize, x, xAt, gradients, dWih, stride);
    }
    if (hiddenSize > 0) {
      ScalarProducts.addPairs(
          rows, false, n, dz, dzAt, dzStride, hiddenSize, h, hAt, gradients, dWhh, stride);
    }
    if (dBias >= 0) {
      for (int s = 0; s < rows.stretches(); s++) {
        int from = dzAt + rows.right(s) * dzStride;
        columnSums(rows.count(s), n, dz, from, dzStride, gradients, dBias);
      }
    }
  }

  /** Adds k rows of b, one after the other, to c. */
  private static void columnSums(
      int k, int n, float[] b, int bAt, int bStride, float[] c, int cAt) {
    for (int p = 0; p < k; p++) {
      int row = bAt + p * bStride;
      for (int j = 0; j < n; j++) {
        c[cAt + j] += b[row + j];
      }
    }
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] sum, int sumAt) {
    for (int i = 0; i < n; i++) {
      sum[sumAt + i] += x[xAt + i];
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
  public float maximum(int n, float[] x, int at) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + n; i++) {
      largest = x[i] > largest ? x[i] : largest;
    }
    // Of equal values one is as good as another, but for the sign of zero.
    return largest + 0f;
  }

  @Override
  public int below(int n, float limit, float[] x, int at) {
    int below = 0;
    for (int i = at; i < at + n; i++) {
      below += x[i] < limit ? 1 : 0;
    }
    return below;
  }

  @Override
  public float sumOfSquares(int n, float[] x, int at) {
    float[] stripes = emptyStripes();
    int whole = n - n % STRIPES;
    for (int i = at; i < at + whole; i += STRIPES) {
      for (int j = 0; j < STRIPES; j++) {
        float v = x[i + j];
        stripes[j] = Math.fma(v, v, stripes[j]);
      }
    }
    for (int i = whole; i < n; i++) {
      float v = x[at + i];
      stripes[i - whole] = Math.fma(v, v, stripes[i - whole]);
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
      ScalarGates.lstmForwardRow(
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
      ScalarGates.lstmBackwardRow(
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
      ScalarGates.gruForwardRow(
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
      ScalarGates.gruBackwardRow(
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

  @Override
  public void dropoutMask(int n, long key, int threshold, float scale, float[] mask, int at) {
    int scaleBits = Float.floatToRawIntBits(scale);
    for (int j = 0; j < n; j++) {
      // Without a branch, which nobody could predict.
      int dropped = (Draws.draw(key, j) - threshold) >> 31;
      mask[at + j] = Float.intBitsToFloat(scaleBits & ~dropped);
    }
  }
}
