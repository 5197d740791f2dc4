package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.Functions;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.kernel.ScalarGates;
import dev.carousel.kernel.ScalarKernel;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernel} on the Vector API, the same bits as {@link ScalarKernel}.
 *
 * <p>Products run over register tiles ({@link Tiles}, with few registers {@link BlockTiles})
 * against panels two vectors wide ({@link Products}). The element-wise methods do whole vectors and
 * leave the rest of a row to the scalar code, which is the same arithmetic.
 */
final class VectorKernel implements Kernel {

  private static final ThreadLocal<float[]> PARTIAL_SUMS =
      ThreadLocal.withInitial(() -> new float[STRIPES]);

  private static final ThreadLocal<float[]> PAIR =
      ThreadLocal.withInitial(() -> new float[2 * LENGTH]);

  // With 20 no trap was left in any of 6 runs; 30 take some 20 ms beside loading the Vector API.
  private static final int MIXED_CALLS = 30;

  private final ScalarKernel scalar = new ScalarKernel();

  private VectorKernel() {}

  static Kernel create() {
    VectorKernel kernel = new VectorKernel();
    kernel.mixOperations();
    return kernel;
  }

  /**
   * Shows the virtual machine every kind of operation before it compiles the Vector API.
   *
   * <p>Where a tile of nothing but fused multiply-adds runs first, {@code VectorOperators.opCode}
   * is compiled for that one kind of operator, and the others trap there, four times. HotSpot adds
   * the traps of all methods it inlines, and from a hundred on it trusts no type any more: 25
   * operations into a method, every vector is boxed. Of the JVMs that trained without this, half
   * had 12 MB of garbage in every step, for good.
   */
  private void mixOperations() {
    float[] x = new float[2 * LENGTH];
    for (int i = 0; i < MIXED_CALLS; i++) {
      sigmoid(x.length, x, 0);
      tanh(x.length, x, 0);
    }
  }

  @Override
  public String name() {
    return "vector, " + LENGTH * Float.SIZE + " bits";
  }

  @Override
  public PackedMatrix packed(int rows, int columns) {
    return new PackedMatrix(rows, columns, PANEL, CacheLines.alignment((long) rows * columns));
  }

  @Override
  public int columnAlignment() {
    return PANEL;
  }

  @Override
  public int rowsAtOnce(boolean training) {
    // With 16 registers, whole sequences: 12 rows take 6 to 13 % longer than 6, and 8 (tiles of 4),
    // 16, 18 and 32 longer than 12; training 28 to 128 in one part for each thread 5 to 22 %.
    // With 32 registers training in parts of 8, 11 or 16 rows made no difference with 28 steps, and
    // took 3 % longer with 784.
    if (FEW_REGISTERS) {
      return 6;
    }
    return training ? ALL_ROWS : 8;
  }

  @Override
  public void product(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    Products.add(m, a, aAt, aStride, b, c, cAt, cStride);
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
    Products.fromBias(m, bias, biasAt, a, aAt, aStride, b, c, cAt, cStride);
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
    Products.fromBias(m, bias, biasAt, columns, a, aAt, columns2, a2, a2At, b, c, cAt, cStride);
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
    WeightGradients.add(
        WeightGradients.scratch(),
        rows,
        n,
        dz,
        dzAt,
        dzStride,
        inputSize,
        x,
        xAt,
        hiddenSize,
        h,
        hAt,
        gradients,
        dWih,
        dWhh,
        dBias,
        stride);
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] sum, int sumAt) {
    int whole = n - n % LENGTH;
    for (int i = 0; i < whole; i += LENGTH) {
      // The bits of an addition; see expSum.
      fromArray(SPECIES, x, xAt + i)
          .fma(broadcast(SPECIES, 1f), fromArray(SPECIES, sum, sumAt + i))
          .intoArray(sum, sumAt + i);
    }
    scalar.add(n - whole, x, xAt + whole, sum, sumAt + whole);
  }

  @Override
  public void sigmoid(int n, float[] x, int at) {
    int done = Runs.sigmoid(n, x, at);
    if (n - done >= LENGTH) {
      float[] pair = lone(x, at + done);
      Runs.sigmoid(pair.length, pair, 0);
      fromArray(SPECIES, pair, 0).intoArray(x, at + done);
      done += LENGTH;
    }
    scalar.sigmoid(n - done, x, at + done);
  }

  @Override
  public void tanh(int n, float[] x, int at) {
    int done = Runs.tanh(n, x, at);
    if (n - done >= LENGTH) {
      float[] pair = lone(x, at + done);
      Runs.tanh(pair.length, pair, 0);
      fromArray(SPECIES, pair, 0).intoArray(x, at + done);
      done += LENGTH;
    }
    scalar.tanh(n - done, x, at + done);
  }

  /**
   * A pair of vectors for {@link Runs}, of which only the first is wanted. Moved as vectors: a load
   * of one waits for the smaller stores of an array copy.
   */
  private static float[] lone(float[] x, int at) {
    float[] pair = PAIR.get();
    fromArray(SPECIES, x, at).intoArray(pair, 0);
    return pair;
  }

  @Override
  public float expSum(int n, float shift, float[] x, int at) {
    int done = Runs.exp(n, shift, x, at);
    if (n - done >= LENGTH) {
      float[] pair = lone(x, at + done);
      Runs.exp(pair.length, shift, pair, 0);
      fromArray(SPECIES, pair, 0).intoArray(x, at + done);
      done += LENGTH;
    }
    for (int i = at + done; i < at + n; i++) {
      x[i] = Functions.exp(x[i] - shift);
    }
    // Afterwards, since Runs writes its chains out for pairs of vectors, whatever the stripes are.
    float[] stripes = PARTIAL_SUMS.get();
    int whole = n - n % STRIPES;
    for (int j = 0; j < STRIPES; j += LENGTH) {
      FloatVector sums = broadcast(SPECIES, 0f);
      for (int i = j; i < whole; i += STRIPES) {
        // The bits of an addition, which two JVMs of three (25) boxed here.
        sums = fromArray(SPECIES, x, at + i).fma(broadcast(SPECIES, 1f), sums);
      }
      sums.intoArray(stripes, j);
    }
    for (int i = whole; i < n; i++) {
      stripes[i - whole] += x[at + i];
    }
    return ScalarKernel.fold(stripes);
  }

  @Override
  public float maximum(int n, float[] x, int at) {
    int whole = Scans.whole(n);
    float rest = scalar.maximum(n - whole, x, at + whole);
    return whole == 0 ? rest : Math.max(rest, Scans.maximum(whole, x, at)) + 0f;
  }

  @Override
  public int below(int n, float limit, float[] x, int at) {
    int whole = Scans.whole(n);
    int rest = scalar.below(n - whole, limit, x, at + whole);
    return whole == 0 ? rest : rest + Scans.below(whole, limit, x, at);
  }

  @Override
  public float sumOfSquares(int n, float[] x, int at) {
    // Sums kept in the array wait for their own stores: 7 ns a vector, in registers 1.
    float[] stripes = PARTIAL_SUMS.get();
    int whole = n - n % STRIPES;
    for (int j = 0; j < STRIPES; j += LENGTH) {
      FloatVector sums = broadcast(SPECIES, 0f);
      for (int i = j; i < whole; i += STRIPES) {
        FloatVector v = fromArray(SPECIES, x, at + i);
        sums = v.fma(v, sums);
      }
      sums.intoArray(stripes, j);
    }
    for (int i = whole; i < n; i++) {
      float v = x[at + i];
      stripes[i - whole] = Math.fma(v, v, stripes[i - whole]);
    }
    return ScalarKernel.fold(stripes);
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
        FloatVector added = fromArray(SPECIES, z, zi + j).mul(fromArray(SPECIES, z, zg + j));
        FloatVector cell =
            fromArray(SPECIES, z, zf + j)
                .fma(fromArray(SPECIES, cPrevious, cPreviousAt + row + j), added);
        cell.intoArray(c, cAt + row + j);
        cell.intoArray(tanhC, tanhCAt + row + j);
      }
      Runs.tanh(whole, tanhC, tanhCAt + row);
      for (int j = 0; j < whole; j += LENGTH) {
        fromArray(SPECIES, z, zo + j)
            .mul(fromArray(SPECIES, tanhC, tanhCAt + row + j))
            .intoArray(h, hAt + row + j);
      }
      ScalarGates.lstmForwardRow(
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
    FloatVector one = broadcast(SPECIES, 1f);
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      int zi = zAt + 4 * row;
      for (int j = 0; j < whole; j += LENGTH) {
        int at = zi + j;
        FloatVector i = fromArray(SPECIES, z, at);
        FloatVector f = fromArray(SPECIES, z, at + hiddenSize);
        FloatVector g = fromArray(SPECIES, z, at + 2 * hiddenSize);
        FloatVector o = fromArray(SPECIES, z, at + 3 * hiddenSize);
        FloatVector t = fromArray(SPECIES, tanhC, tanhCAt + row + j);
        FloatVector dhj = fromArray(SPECIES, dh, dhAt + row + j);
        FloatVector slope = t.neg().fma(t, one);
        FloatVector dcj = dhj.mul(o).fma(slope, fromArray(SPECIES, dc, dcAt + row + j));
        FloatVector before = fromArray(SPECIES, cPrevious, cPreviousAt + row + j);
        dcj.intoArray(dc, dcAt + row + j);
        dcj.mul(g).mul(i.mul(one.sub(i))).intoArray(z, at);
        dcj.mul(before).mul(f.mul(one.sub(f))).intoArray(z, at + hiddenSize);
        dcj.mul(i).mul(g.neg().fma(g, one)).intoArray(z, at + 2 * hiddenSize);
        dhj.mul(t).mul(o.mul(one.sub(o))).intoArray(z, at + 3 * hiddenSize);
        dcj.mul(f).intoArray(dcPrevious, dcPreviousAt + row + j);
      }
      ScalarGates.lstmBackwardRow(
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
    int whole = hiddenSize - hiddenSize % (2 * LENGTH);
    for (int r = 0; r < rows; r++) {
      int row = r * hiddenSize;
      int zr = zAt + 3 * row;
      int zz = zr + hiddenSize;
      int zn = zz + hiddenSize;
      Runs.sigmoid(whole, z, zr);
      Runs.sigmoid(whole, z, zz);
      for (int j = 0; j < whole; j += LENGTH) {
        FloatVector recurrent = fromArray(SPECIES, u, uAt + row + j);
        FloatVector reset = fromArray(SPECIES, z, zr + j);
        reset.fma(recurrent, fromArray(SPECIES, z, zn + j)).intoArray(z, zn + j);
      }
      Runs.tanh(whole, z, zn);
      for (int j = 0; j < whole; j += LENGTH) {
        FloatVector n = fromArray(SPECIES, z, zn + j);
        FloatVector difference = fromArray(SPECIES, hPrevious, hPreviousAt + row + j).sub(n);
        fromArray(SPECIES, z, zz + j).fma(difference, n).intoArray(h, hAt + row + j);
      }
      ScalarGates.gruForwardRow(
          hiddenSize, whole, z, zr, u, uAt + row, hPrevious, hPreviousAt + row, h, hAt + row);
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
    int whole = hiddenSize - hiddenSize % LENGTH;
    FloatVector one = broadcast(SPECIES, 1f);
    for (int row = 0; row < rows * hiddenSize; row += hiddenSize) {
      int zr = zAt + 3 * row;
      for (int j = 0; j < whole; j += LENGTH) {
        int at = zr + j;
        int k = row + j;
        FloatVector r = fromArray(SPECIES, z, at);
        FloatVector update = fromArray(SPECIES, z, at + hiddenSize);
        FloatVector n = fromArray(SPECIES, z, at + 2 * hiddenSize);
        FloatVector recurrent = fromArray(SPECIES, u, uAt + k);
        FloatVector before = fromArray(SPECIES, hPrevious, hPreviousAt + k);
        FloatVector d = fromArray(SPECIES, dh, dhAt + k);
        FloatVector dn = d.mul(one.sub(update)).mul(n.neg().fma(n, one));
        dn.mul(recurrent).mul(r.mul(one.sub(r))).intoArray(z, at);
        FloatVector slope = update.mul(one.sub(update));
        d.mul(before.sub(n)).mul(slope).intoArray(z, at + hiddenSize);
        dn.intoArray(z, at + 2 * hiddenSize);
        dn.mul(r).intoArray(u, uAt + k);
        FloatVector back = fromArray(SPECIES, dhPrevious, dhPreviousAt + k);
        d.fma(update, back).intoArray(dhPrevious, dhPreviousAt + k);
      }
      ScalarGates.gruBackwardRow(
          hiddenSize,
          whole,
          z,
          zr,
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
    int done = DropoutMasks.whole(n);
    DropoutMasks.write(done, key, threshold, scale, mask, at);
    scalar.dropoutMask(n - done, key + done, threshold, scale, mask, at + done);
  }
}
