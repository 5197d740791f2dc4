package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static java.lang.invoke.VarHandle.acquireFence;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of four to six rows for 16 registers: R rows by two vectors of columns, {@code
 * c = start + a panel}, with the rows of a in a block of constant stride.
 *
 * <p>The constant stride leaves one index for all rows; one for each, and the sums with it, do not
 * fit the general registers. Four links of the chain in one turn share what is left of that. The
 * fences are no instruction on x86-64, but keep the compiler from loading all operands of a turn
 * ahead: it would spill the sums. Of 97 GFLOP/s a tile of five rows with an index each reached 66,
 * or 43 while the host shares the core; these reach 80 or 62.
 */
final class BlockTiles {
  // 128 or 256: 5 to 15 % slower, c is read and written more often. 1,024: no difference.
  /** Links of a block. */
  static final int BLOCK = 512;

  /**
   * Values from one row of a block to the next: not a power of two, so that rows lie in different
   * sets.
   */
  static final int STRIDE = BLOCK + 8;

  /** Links in one turn. */
  static final int UNROLLED = 4;

  private BlockTiles() {}

  static void rows6(
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    int c5 = c4 + cStride;
    int s5 = s4 + startStride;
    FloatVector low0 = fromArray(SPECIES, start, startAt);
    FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, start, s1);
    FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, start, s2);
    FloatVector high2 = fromArray(SPECIES, start, s2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, start, s3);
    FloatVector high3 = fromArray(SPECIES, start, s3 + LENGTH);
    FloatVector low4 = fromArray(SPECIES, start, s4);
    FloatVector high4 = fromArray(SPECIES, start, s4 + LENGTH);
    FloatVector low5 = fromArray(SPECIES, start, s5);
    FloatVector high5 = fromArray(SPECIES, start, s5 + LENGTH);
    int bHigh = bAt + LENGTH;
    int whole = k - k % UNROLLED;
    for (int p = 0; p < whole; p += UNROLLED) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = broadcast(SPECIES, a[aAt + p + 5 * STRIDE]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 1]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 1]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 1]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 1]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p + 5 * STRIDE + 1]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 2 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 2 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 2]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 2]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 2]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 2]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p + 5 * STRIDE + 2]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 3 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 3 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 3]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 3]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 3]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 3]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p + 5 * STRIDE + 3]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
    }
    for (int p = whole; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = broadcast(SPECIES, a[aAt + p + 5 * STRIDE]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
    low1.intoArray(c, c1);
    high1.intoArray(c, c1 + LENGTH);
    low2.intoArray(c, c2);
    high2.intoArray(c, c2 + LENGTH);
    low3.intoArray(c, c3);
    high3.intoArray(c, c3 + LENGTH);
    low4.intoArray(c, c4);
    high4.intoArray(c, c4 + LENGTH);
    low5.intoArray(c, c5);
    high5.intoArray(c, c5 + LENGTH);
  }

  static void rows5(
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    FloatVector low0 = fromArray(SPECIES, start, startAt);
    FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, start, s1);
    FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, start, s2);
    FloatVector high2 = fromArray(SPECIES, start, s2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, start, s3);
    FloatVector high3 = fromArray(SPECIES, start, s3 + LENGTH);
    FloatVector low4 = fromArray(SPECIES, start, s4);
    FloatVector high4 = fromArray(SPECIES, start, s4 + LENGTH);
    int bHigh = bAt + LENGTH;
    int whole = k - k % UNROLLED;
    for (int p = 0; p < whole; p += UNROLLED) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 1]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 1]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 1]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 1]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 2 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 2 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 2]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 2]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 2]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 2]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 3 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 3 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 3]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 3]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 3]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE + 3]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
    }
    for (int p = whole; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p + 4 * STRIDE]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
    low1.intoArray(c, c1);
    high1.intoArray(c, c1 + LENGTH);
    low2.intoArray(c, c2);
    high2.intoArray(c, c2 + LENGTH);
    low3.intoArray(c, c3);
    high3.intoArray(c, c3 + LENGTH);
    low4.intoArray(c, c4);
    high4.intoArray(c, c4 + LENGTH);
  }

  static void rows4(
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    FloatVector low0 = fromArray(SPECIES, start, startAt);
    FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, start, s1);
    FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, start, s2);
    FloatVector high2 = fromArray(SPECIES, start, s2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, start, s3);
    FloatVector high3 = fromArray(SPECIES, start, s3 + LENGTH);
    int bHigh = bAt + LENGTH;
    int whole = k - k % UNROLLED;
    for (int p = 0; p < whole; p += UNROLLED) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      acquireFence();
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      acquireFence();
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 1]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      acquireFence();
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 1]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      acquireFence();
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 1]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 2 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 2 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 2]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      acquireFence();
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 2]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      acquireFence();
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 2]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 3 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 3 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p + 3]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      acquireFence();
      v1 = broadcast(SPECIES, a[aAt + p + STRIDE + 3]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE + 3]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      acquireFence();
      v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
    }
    for (int p = whole; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      acquireFence();
      FloatVector v1 = broadcast(SPECIES, a[aAt + p + STRIDE]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p + 2 * STRIDE]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      acquireFence();
      FloatVector v3 = broadcast(SPECIES, a[aAt + p + 3 * STRIDE]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
    low1.intoArray(c, c1);
    high1.intoArray(c, c1 + LENGTH);
    low2.intoArray(c, c2);
    high2.intoArray(c, c2 + LENGTH);
    low3.intoArray(c, c3);
    high3.intoArray(c, c3 + LENGTH);
  }
}
