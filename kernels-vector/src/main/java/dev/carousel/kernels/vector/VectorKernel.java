package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.all;
import static dev.carousel.kernels.vector.Lanes.load;

import dev.carousel.kernel.Functions;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.ScalarKernel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernel} on the Vector API, the same bits as {@link ScalarKernel}.
 *
 * <p>Products run over register tiles ({@link Tiles}) against panels two vectors wide. A panel that
 * the matrix does not fill is computed whole in a scratch tile and copied in part. The element-wise
 * methods do whole vectors and leave the rest of a row to the scalar code, which is the same
 * arithmetic.
 */
final class VectorKernel implements Kernel {
  private static final int PANEL = 2 * LENGTH;

  // Sixteen 512-bit accumulators fit the 32 registers of AVX-512; with 16 registers twelve leave
  // room for the operands.
  private static final int TILE_ROWS = LENGTH >= 16 ? 8 : 6;

  // Rows of a k-block of the transposed product: its panel (256 x 2 vectors) stays in the
  // first-level cache.
  private static final int BLOCK = 256;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final ScalarKernel scalar = new ScalarKernel();

  private VectorKernel() {}

  static Kernel create() {
    return new VectorKernel();
  }

  private static final class Scratch {
    final float[] tile = new float[8 * PANEL];
    final float[] stripes = new float[STRIPES];
    final float[] panel = new float[BLOCK * PANEL];
    float[] transposed = new float[0];

    float[] transposed(int size) {
      if (transposed.length < size) {
        transposed = new float[size];
      }
      return transposed;
    }
  }

  @Override
  public String name() {
    return "vector, " + LENGTH * Float.SIZE + " bits";
  }

  @Override
  public PackedMatrix packed(int rows, int columns) {
    return new PackedMatrix(rows, columns, PANEL);
  }

  @Override
  public int columnAlignment() {
    return PANEL;
  }

  @Override
  public void product(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    int k = b.rows();
    int full = b.columns() / PANEL;
    int panel = 0;
    if (m == 1) {
      for (; panel + 4 <= full; panel += 4) {
        Tiles.row1Panels4(k, a, aAt, b.data(), panel * PANEL * k, c, cAt + panel * PANEL);
      }
    }
    for (; panel < full; panel++) {
      rows(k, m, a, aAt, aStride, b.data(), panel * PANEL * k, c, cAt + panel * PANEL, cStride);
    }
    int rest = b.columns() - full * PANEL;
    if (rest > 0) {
      int from = cAt + full * PANEL;
      narrow(k, m, rest, a, aAt, aStride, b.data(), full * PANEL * k, c, from, cStride);
    }
  }

  /** All m rows against one panel. */
  private static void rows(
      int k,
      int m,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int tiles = (m + TILE_ROWS - 1) / TILE_ROWS;
    int r = 0;
    for (int tile = 0; tile < tiles; tile++) {
      // What is left in equal parts: a tile of one or two rows has too few chains to hide a
      // latency.
      int count = (m - r + tiles - tile - 1) / (tiles - tile);
      int ai = aAt + r * aStride;
      int ci = cAt + r * cStride;
      switch (count) {
        case 8 -> Tiles.rows8(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 7 -> Tiles.rows7(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 6 -> Tiles.rows6(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 5 -> Tiles.rows5(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 4 -> Tiles.rows4(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 3 -> Tiles.rows3(k, a, ai, aStride, b, bAt, c, ci, cStride);
        case 2 -> Tiles.rows2(k, a, ai, aStride, b, bAt, c, ci, cStride);
        default -> Tiles.rows1(k, a, ai, aStride, b, bAt, c, ci, cStride);
      }
      r += count;
    }
  }

  /**
   * All m rows against a panel of which only {@code width} columns are the matrix's, through a
   * scratch tile.
   */
  private static void narrow(
      int k,
      int m,
      int width,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    float[] tile = SCRATCH.get().tile;
    for (int r = 0; r < m; r += 8) {
      int count = Math.min(8, m - r);
      for (int i = 0; i < count; i++) {
        System.arraycopy(c, cAt + (r + i) * cStride, tile, i * PANEL, width);
      }
      rows(k, count, a, aAt + r * aStride, aStride, b, bAt, tile, 0, PANEL);
      for (int i = 0; i < count; i++) {
        System.arraycopy(tile, i * PANEL, c, cAt + (r + i) * cStride, width);
      }
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
    Scratch scratch = SCRATCH.get();
    float[] panel = scratch.panel;
    float[] transposed = scratch.transposed(m * BLOCK);
    for (int k0 = 0; k0 < k; k0 += BLOCK) {
      int block = Math.min(BLOCK, k - k0);
      transpose(block, m, a, aAt + k0 * aStride, aStride, transposed);
      for (int column = 0; column < n; column += PANEL) {
        int width = Math.min(PANEL, n - column);
        int from = bAt + k0 * bStride + column;
        if (width == PANEL) {
          copyPanel(block, b, from, bStride, panel);
          rows(block, m, transposed, 0, block, panel, 0, c, cAt + column, cStride);
        } else {
          for (int p = 0; p < block; p++) {
            System.arraycopy(b, from + p * bStride, panel, p * PANEL, width);
          }
          narrow(block, m, width, transposed, 0, block, panel, 0, c, cAt + column, cStride);
        }
      }
    }
  }

  /** Two vectors of every row; cheaper than a call of {@code arraycopy} for each. */
  private static void copyPanel(int k, float[] b, int bAt, int bStride, float[] to) {
    for (int p = 0; p < k; p++) {
      load(b, bAt + p * bStride).intoArray(to, p * PANEL);
      load(b, bAt + p * bStride + LENGTH).intoArray(to, p * PANEL + LENGTH);
    }
  }

  /** {@code to[i][p] = a[p][i]}, in squares of 16 so that both sides stay in cache lines. */
  private static void transpose(int k, int m, float[] a, int aAt, int aStride, float[] to) {
    for (int i0 = 0; i0 < m; i0 += 16) {
      int i1 = Math.min(m, i0 + 16);
      for (int p0 = 0; p0 < k; p0 += 16) {
        int p1 = Math.min(k, p0 + 16);
        for (int i = i0; i < i1; i++) {
          for (int p = p0; p < p1; p++) {
            to[i * k + p] = a[aAt + p * aStride + i];
          }
        }
      }
    }
  }

  @Override
  public void columnSums(int k, int n, float[] b, int bAt, int bStride, float[] c, int cAt) {
    int j = 0;
    for (; j + 2 * LENGTH <= n; j += 2 * LENGTH) {
      FloatVector low = load(c, cAt + j);
      FloatVector high = load(c, cAt + j + LENGTH);
      for (int p = 0; p < k; p++) {
        int row = bAt + p * bStride + j;
        low = low.add(load(b, row));
        high = high.add(load(b, row + LENGTH));
      }
      low.intoArray(c, cAt + j);
      high.intoArray(c, cAt + j + LENGTH);
    }
    scalar.columnSums(k, n - j, b, bAt + j, bStride, c, cAt + j);
  }

  @Override
  public void sigmoid(int n, float[] x, int at) {
    int i = Runs.sigmoid(n, x, at);
    for (; i + LENGTH <= n; i += LENGTH) {
      Lanes.sigmoid(load(x, at + i)).intoArray(x, at + i);
    }
    scalar.sigmoid(n - i, x, at + i);
  }

  @Override
  public void tanh(int n, float[] x, int at) {
    int i = Runs.tanh(n, x, at);
    for (; i + LENGTH <= n; i += LENGTH) {
      Lanes.tanh(load(x, at + i)).intoArray(x, at + i);
    }
    scalar.tanh(n - i, x, at + i);
  }

  @Override
  public float expSum(int n, float shift, float[] x, int at) {
    float[] stripes = emptyStripes();
    int i = 0;
    for (; i + STRIPES <= n; i += STRIPES) {
      for (int j = 0; j < STRIPES; j += LENGTH) {
        FloatVector e = Lanes.exp(load(x, at + i + j).sub(shift));
        e.intoArray(x, at + i + j);
        load(stripes, j).add(e).intoArray(stripes, j);
      }
    }
    for (int j = 0; i < n; i++, j++) {
      float e = Functions.exp(x[at + i] - shift);
      x[at + i] = e;
      stripes[j] += e;
    }
    return ScalarKernel.fold(stripes);
  }

  @Override
  public float sumOfSquares(int n, float[] x, int at) {
    float[] stripes = emptyStripes();
    int i = 0;
    for (; i + STRIPES <= n; i += STRIPES) {
      for (int j = 0; j < STRIPES; j += LENGTH) {
        FloatVector v = load(x, at + i + j);
        v.fma(v, load(stripes, j)).intoArray(stripes, j);
      }
    }
    for (int j = 0; i < n; i++, j++) {
      float v = x[at + i];
      stripes[j] = Math.fma(v, v, stripes[j]);
    }
    return ScalarKernel.fold(stripes);
  }

  private static float[] emptyStripes() {
    float[] stripes = SCRATCH.get().stripes;
    Arrays.fill(stripes, 0f);
    return stripes;
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
    int whole = hiddenSize - hiddenSize % (2 * LENGTH);
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      int zi = zAt + 4 * row;
      int zf = zi + hiddenSize;
      int zg = zf + hiddenSize;
      int zo = zg + hiddenSize;
      Runs.sigmoid(whole, z, zi);
      Runs.sigmoid(whole, z, zf);
      Runs.tanh(whole, z, zg);
      Runs.sigmoid(whole, z, zo);
      for (int j = 0; j < whole; j += LENGTH) {
        FloatVector added = load(z, zi + j).mul(load(z, zg + j));
        FloatVector cell = load(z, zf + j).fma(load(cPrevious, cPreviousAt + row + j), added);
        cell.intoArray(c, cAt + row + j);
        cell.intoArray(tanhC, tanhCAt + row + j);
      }
      Runs.tanh(whole, tanhC, tanhCAt + row);
      for (int j = 0; j < whole; j += LENGTH) {
        load(z, zo + j).mul(load(tanhC, tanhCAt + row + j)).intoArray(h, hAt + row + j);
      }
      ScalarKernel.lstmForwardRow(
          hiddenSize,
          whole,
          z,
          zi,
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
    int whole = hiddenSize - hiddenSize % LENGTH;
    FloatVector one = all(1f);
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      int zi = zAt + 4 * row;
      for (int j = 0; j < whole; j += LENGTH) {
        int at = zi + j;
        FloatVector i = load(z, at);
        FloatVector f = load(z, at + hiddenSize);
        FloatVector g = load(z, at + 2 * hiddenSize);
        FloatVector o = load(z, at + 3 * hiddenSize);
        FloatVector t = load(tanhC, tanhCAt + row + j);
        FloatVector dhj = load(dh, dhAt + row + j);
        FloatVector slope = t.neg().fma(t, one);
        FloatVector dcj = dhj.mul(o).fma(slope, load(dc, dcAt + row + j));
        FloatVector before = load(cPrevious, cPreviousAt + row + j);
        dcj.intoArray(dc, dcAt + row + j);
        dcj.mul(g).mul(i.mul(one.sub(i))).intoArray(z, at);
        dcj.mul(before).mul(f.mul(one.sub(f))).intoArray(z, at + hiddenSize);
        dcj.mul(i).mul(g.neg().fma(g, one)).intoArray(z, at + 2 * hiddenSize);
        dhj.mul(t).mul(o.mul(one.sub(o))).intoArray(z, at + 3 * hiddenSize);
        int previous = dcPreviousAt + row + j;
        dcj.fma(f, load(dcPrevious, previous)).intoArray(dcPrevious, previous);
      }
      ScalarKernel.lstmBackwardRow(
          hiddenSize,
          whole,
          cPrevious,
          cPreviousAt + row,
          tanhC,
          tanhCAt + row,
          dh,
          dhAt + row,
          dc,
          dcAt + row,
          z,
          zi,
          dcPrevious,
          dcPreviousAt + row);
    }
  }
}
