package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.BlockTiles.UNROLLED;
import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static java.lang.invoke.VarHandle.acquireFence;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of the weight gradients, written out as {@link Tiles} are.
 *
 * <p>Its left operand stands as the tile wants it, the values of one p side by side, so copying a
 * strip of columns does in vectors what transposing does one value at a time: 261 us of 1,000 went
 * there for 1,792 x 128 by 256.
 */
final class Strips {
  /** Columns of a strip. */
  static final int COLUMNS = FEW_REGISTERS ? 6 : 10;

  /** Columns of a narrower strip, where there are few registers: most numbers are a sum of both. */
  static final int NARROW = 5;

  /** Values from one p to the next: with few registers a power of two, which is faster. */
  static final int PITCH = FEW_REGISTERS ? 8 : 10;

  // Whole vectors, as many as a row of a strip takes.
  private static final int COPIED = (COLUMNS + LENGTH - 1) / LENGTH * LENGTH;

  private Strips() {}

  /**
   * {@code c += transpose(strip) panel}: 10 columns of the left operand, stored together for every
   * p.
   */
  static void strip10(
      int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int c1 = cAt + cStride;
    int c2 = c1 + cStride;
    int c3 = c2 + cStride;
    int c4 = c3 + cStride;
    int c5 = c4 + cStride;
    int c6 = c5 + cStride;
    int c7 = c6 + cStride;
    int c8 = c7 + cStride;
    int c9 = c8 + cStride;
    FloatVector low0 = fromArray(SPECIES, c, cAt);
    FloatVector high0 = fromArray(SPECIES, c, cAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, c, c1);
    FloatVector high1 = fromArray(SPECIES, c, c1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, c, c2);
    FloatVector high2 = fromArray(SPECIES, c, c2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, c, c3);
    FloatVector high3 = fromArray(SPECIES, c, c3 + LENGTH);
    FloatVector low4 = fromArray(SPECIES, c, c4);
    FloatVector high4 = fromArray(SPECIES, c, c4 + LENGTH);
    FloatVector low5 = fromArray(SPECIES, c, c5);
    FloatVector high5 = fromArray(SPECIES, c, c5 + LENGTH);
    FloatVector low6 = fromArray(SPECIES, c, c6);
    FloatVector high6 = fromArray(SPECIES, c, c6 + LENGTH);
    FloatVector low7 = fromArray(SPECIES, c, c7);
    FloatVector high7 = fromArray(SPECIES, c, c7 + LENGTH);
    FloatVector low8 = fromArray(SPECIES, c, c8);
    FloatVector high8 = fromArray(SPECIES, c, c8 + LENGTH);
    FloatVector low9 = fromArray(SPECIES, c, c9);
    FloatVector high9 = fromArray(SPECIES, c, c9 + LENGTH);
    int a1 = aAt + 1;
    int a2 = aAt + 2;
    int a3 = aAt + 3;
    int a4 = aAt + 4;
    int a5 = aAt + 5;
    int a6 = aAt + 6;
    int a7 = aAt + 7;
    int a8 = aAt + 8;
    int a9 = aAt + 9;
    int bHigh = bAt + LENGTH;
    for (int p = 0; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p * 10]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[a1 + p * 10]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = broadcast(SPECIES, a[a2 + p * 10]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[a3 + p * 10]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      FloatVector v4 = broadcast(SPECIES, a[a4 + p * 10]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = broadcast(SPECIES, a[a5 + p * 10]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      FloatVector v6 = broadcast(SPECIES, a[a6 + p * 10]);
      low6 = v6.fma(low, low6);
      high6 = v6.fma(high, high6);
      FloatVector v7 = broadcast(SPECIES, a[a7 + p * 10]);
      low7 = v7.fma(low, low7);
      high7 = v7.fma(high, high7);
      FloatVector v8 = broadcast(SPECIES, a[a8 + p * 10]);
      low8 = v8.fma(low, low8);
      high8 = v8.fma(high, high8);
      FloatVector v9 = broadcast(SPECIES, a[a9 + p * 10]);
      low9 = v9.fma(low, low9);
      high9 = v9.fma(high, high9);
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
    low6.intoArray(c, c6);
    high6.intoArray(c, c6 + LENGTH);
    low7.intoArray(c, c7);
    high7.intoArray(c, c7 + LENGTH);
    low8.intoArray(c, c8);
    high8.intoArray(c, c8 + LENGTH);
    low9.intoArray(c, c9);
    high9.intoArray(c, c9 + LENGTH);
  }

  /**
   * {@code c += transpose(strip) panel}: 6 columns of the left operand, {@link #PITCH} values apart
   * for every p; in turns of four and with fences as {@link BlockTiles}.
   */
  static void strip6(
      int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int c1 = cAt + cStride;
    int c2 = c1 + cStride;
    int c3 = c2 + cStride;
    int c4 = c3 + cStride;
    int c5 = c4 + cStride;
    FloatVector low0 = fromArray(SPECIES, c, cAt);
    FloatVector high0 = fromArray(SPECIES, c, cAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, c, c1);
    FloatVector high1 = fromArray(SPECIES, c, c1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, c, c2);
    FloatVector high2 = fromArray(SPECIES, c, c2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, c, c3);
    FloatVector high3 = fromArray(SPECIES, c, c3 + LENGTH);
    FloatVector low4 = fromArray(SPECIES, c, c4);
    FloatVector high4 = fromArray(SPECIES, c, c4 + LENGTH);
    FloatVector low5 = fromArray(SPECIES, c, c5);
    FloatVector high5 = fromArray(SPECIES, c, c5 + LENGTH);
    int bHigh = bAt + LENGTH;
    int whole = k - k % UNROLLED;
    for (int p = 0; p < whole; p += UNROLLED) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p * 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p * 8 + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p * 8 + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p * 8 + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p * 8 + 4]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = broadcast(SPECIES, a[aAt + p * 8 + 5]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 9]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 10]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 11]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 12]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p * 8 + 13]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 2 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 2 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 16]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 17]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 18]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 19]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 20]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p * 8 + 21]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 3 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 3 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 24]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 25]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 26]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 27]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 28]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      v5 = broadcast(SPECIES, a[aAt + p * 8 + 29]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
    }
    for (int p = whole; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p * 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p * 8 + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p * 8 + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p * 8 + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p * 8 + 4]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = broadcast(SPECIES, a[aAt + p * 8 + 5]);
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

  /**
   * {@code c += transpose(strip) panel}: 5 columns of the left operand, {@link #PITCH} values apart
   * for every p; in turns of four and with fences as {@link BlockTiles}.
   */
  static void strip5(
      int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int c1 = cAt + cStride;
    int c2 = c1 + cStride;
    int c3 = c2 + cStride;
    int c4 = c3 + cStride;
    FloatVector low0 = fromArray(SPECIES, c, cAt);
    FloatVector high0 = fromArray(SPECIES, c, cAt + LENGTH);
    FloatVector low1 = fromArray(SPECIES, c, c1);
    FloatVector high1 = fromArray(SPECIES, c, c1 + LENGTH);
    FloatVector low2 = fromArray(SPECIES, c, c2);
    FloatVector high2 = fromArray(SPECIES, c, c2 + LENGTH);
    FloatVector low3 = fromArray(SPECIES, c, c3);
    FloatVector high3 = fromArray(SPECIES, c, c3 + LENGTH);
    FloatVector low4 = fromArray(SPECIES, c, c4);
    FloatVector high4 = fromArray(SPECIES, c, c4 + LENGTH);
    int bHigh = bAt + LENGTH;
    int whole = k - k % UNROLLED;
    for (int p = 0; p < whole; p += UNROLLED) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p * 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p * 8 + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p * 8 + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p * 8 + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p * 8 + 4]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 9]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 10]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 11]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 12]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 2 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 2 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 16]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 17]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 18]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 19]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 20]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      acquireFence();
      low = fromArray(SPECIES, b, bAt + p * PANEL + 3 * PANEL);
      high = fromArray(SPECIES, b, bHigh + p * PANEL + 3 * PANEL);
      v0 = broadcast(SPECIES, a[aAt + p * 8 + 24]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      v1 = broadcast(SPECIES, a[aAt + p * 8 + 25]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      v2 = broadcast(SPECIES, a[aAt + p * 8 + 26]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      v3 = broadcast(SPECIES, a[aAt + p * 8 + 27]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      v4 = broadcast(SPECIES, a[aAt + p * 8 + 28]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
    }
    for (int p = whole; p < k; p++) {
      FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
      FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
      FloatVector v0 = broadcast(SPECIES, a[aAt + p * 8]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = broadcast(SPECIES, a[aAt + p * 8 + 1]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      acquireFence();
      FloatVector v2 = broadcast(SPECIES, a[aAt + p * 8 + 2]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = broadcast(SPECIES, a[aAt + p * 8 + 3]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      acquireFence();
      FloatVector v4 = broadcast(SPECIES, a[aAt + p * 8 + 4]);
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

  /**
   * Columns of k rows of a, in strips of {@code columns}, {@code next} values from one strip to the
   * next.
   *
   * <p>Row by row: each line of a is read once. Strip by strip it took a quarter longer. What is
   * written behind a row of a strip, less than another row, the next one overwrites; the last row
   * writes nothing there.
   */
  static void copy(
      int strips,
      int columns,
      int k,
      float[] a,
      int aAt,
      int aStride,
      float[] to,
      int toAt,
      int next) {
    int p = 0;
    for (; p < k - 1; p++) {
      int from = aAt + p * aStride;
      int target = toAt + p * PITCH;
      for (int s = 0; s < strips; s++) {
        for (int j = 0; j < COPIED; j += LENGTH) {
          fromArray(SPECIES, a, from + j).intoArray(to, target + j);
        }
        from += columns;
        target += next;
      }
    }
    for (; p < k; p++) {
      for (int s = 0; s < strips; s++) {
        int from = aAt + p * aStride + s * columns;
        System.arraycopy(a, from, to, toAt + p * PITCH + s * next, columns);
      }
    }
  }
}
