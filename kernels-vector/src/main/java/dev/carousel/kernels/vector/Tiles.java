package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of the products: R rows by two vectors of columns, {@code c = start + a
 * panel}, for one panel after the other.
 *
 * <p>The rows' places in {@code start} and c are carried from panel to panel: computed anew for
 * each they cost 5 to 20 % on JDK 25.
 *
 * <p>Each is written out because the accumulators must be local variables: an array of vectors, or
 * a loop over them, is boxed. All share one signature; a panel is {@code k x 2 LENGTH}, row r of a
 * starts at {@code aAt + r * aStride}, the next panel {@code next} values behind the one before,
 * and {@code start} is c itself, to add to it, or the bias, with a stride of 0: then c, which may
 * be far away, is only written.
 */
final class Tiles {
  /**
   * Columns of a panel. One constant, since the compiler proves an index {@code p * PANEL + c} to
   * be in bounds before the loop, but checks {@code p * 2 * LENGTH} in every turn: 128 instead of
   * 190 GFLOP/s.
   */
  static final int PANEL = 2 * LENGTH;

  private Tiles() {}

  static void rows10(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int s5 = s4 + startStride;
    int a6 = a5 + aStride;
    int c6 = c5 + cStride;
    int s6 = s5 + startStride;
    int a7 = a6 + aStride;
    int c7 = c6 + cStride;
    int s7 = s6 + startStride;
    int a8 = a7 + aStride;
    int c8 = c7 + cStride;
    int s8 = s7 + startStride;
    int a9 = a8 + aStride;
    int c9 = c8 + cStride;
    int s9 = s8 + startStride;
    for (int panel = 0; panel < panels; panel++) {
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
      FloatVector low6 = fromArray(SPECIES, start, s6);
      FloatVector high6 = fromArray(SPECIES, start, s6 + LENGTH);
      FloatVector low7 = fromArray(SPECIES, start, s7);
      FloatVector high7 = fromArray(SPECIES, start, s7 + LENGTH);
      FloatVector low8 = fromArray(SPECIES, start, s8);
      FloatVector high8 = fromArray(SPECIES, start, s8 + LENGTH);
      FloatVector low9 = fromArray(SPECIES, start, s9);
      FloatVector high9 = fromArray(SPECIES, start, s9 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
        low3 = v3.fma(low, low3);
        high3 = v3.fma(high, high3);
        FloatVector v4 = broadcast(SPECIES, a[a4 + p]);
        low4 = v4.fma(low, low4);
        high4 = v4.fma(high, high4);
        FloatVector v5 = broadcast(SPECIES, a[a5 + p]);
        low5 = v5.fma(low, low5);
        high5 = v5.fma(high, high5);
        FloatVector v6 = broadcast(SPECIES, a[a6 + p]);
        low6 = v6.fma(low, low6);
        high6 = v6.fma(high, high6);
        FloatVector v7 = broadcast(SPECIES, a[a7 + p]);
        low7 = v7.fma(low, low7);
        high7 = v7.fma(high, high7);
        FloatVector v8 = broadcast(SPECIES, a[a8 + p]);
        low8 = v8.fma(low, low8);
        high8 = v8.fma(high, high8);
        FloatVector v9 = broadcast(SPECIES, a[a9 + p]);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
      s4 += PANEL;
      c4 += PANEL;
      s5 += PANEL;
      c5 += PANEL;
      s6 += PANEL;
      c6 += PANEL;
      s7 += PANEL;
      c7 += PANEL;
      s8 += PANEL;
      c8 += PANEL;
      s9 += PANEL;
      c9 += PANEL;
    }
  }

  static void rows8(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int s5 = s4 + startStride;
    int a6 = a5 + aStride;
    int c6 = c5 + cStride;
    int s6 = s5 + startStride;
    int a7 = a6 + aStride;
    int c7 = c6 + cStride;
    int s7 = s6 + startStride;
    for (int panel = 0; panel < panels; panel++) {
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
      FloatVector low6 = fromArray(SPECIES, start, s6);
      FloatVector high6 = fromArray(SPECIES, start, s6 + LENGTH);
      FloatVector low7 = fromArray(SPECIES, start, s7);
      FloatVector high7 = fromArray(SPECIES, start, s7 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
        low3 = v3.fma(low, low3);
        high3 = v3.fma(high, high3);
        FloatVector v4 = broadcast(SPECIES, a[a4 + p]);
        low4 = v4.fma(low, low4);
        high4 = v4.fma(high, high4);
        FloatVector v5 = broadcast(SPECIES, a[a5 + p]);
        low5 = v5.fma(low, low5);
        high5 = v5.fma(high, high5);
        FloatVector v6 = broadcast(SPECIES, a[a6 + p]);
        low6 = v6.fma(low, low6);
        high6 = v6.fma(high, high6);
        FloatVector v7 = broadcast(SPECIES, a[a7 + p]);
        low7 = v7.fma(low, low7);
        high7 = v7.fma(high, high7);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
      s4 += PANEL;
      c4 += PANEL;
      s5 += PANEL;
      c5 += PANEL;
      s6 += PANEL;
      c6 += PANEL;
      s7 += PANEL;
      c7 += PANEL;
    }
  }

  static void rows7(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int s5 = s4 + startStride;
    int a6 = a5 + aStride;
    int c6 = c5 + cStride;
    int s6 = s5 + startStride;
    for (int panel = 0; panel < panels; panel++) {
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
      FloatVector low6 = fromArray(SPECIES, start, s6);
      FloatVector high6 = fromArray(SPECIES, start, s6 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
        low3 = v3.fma(low, low3);
        high3 = v3.fma(high, high3);
        FloatVector v4 = broadcast(SPECIES, a[a4 + p]);
        low4 = v4.fma(low, low4);
        high4 = v4.fma(high, high4);
        FloatVector v5 = broadcast(SPECIES, a[a5 + p]);
        low5 = v5.fma(low, low5);
        high5 = v5.fma(high, high5);
        FloatVector v6 = broadcast(SPECIES, a[a6 + p]);
        low6 = v6.fma(low, low6);
        high6 = v6.fma(high, high6);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
      s4 += PANEL;
      c4 += PANEL;
      s5 += PANEL;
      c5 += PANEL;
      s6 += PANEL;
      c6 += PANEL;
    }
  }

  static void rows6(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int s5 = s4 + startStride;
    for (int panel = 0; panel < panels; panel++) {
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
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
        low3 = v3.fma(low, low3);
        high3 = v3.fma(high, high3);
        FloatVector v4 = broadcast(SPECIES, a[a4 + p]);
        low4 = v4.fma(low, low4);
        high4 = v4.fma(high, high4);
        FloatVector v5 = broadcast(SPECIES, a[a5 + p]);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
      s4 += PANEL;
      c4 += PANEL;
      s5 += PANEL;
      c5 += PANEL;
    }
  }

  static void rows5(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int s4 = s3 + startStride;
    for (int panel = 0; panel < panels; panel++) {
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
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
        low3 = v3.fma(low, low3);
        high3 = v3.fma(high, high3);
        FloatVector v4 = broadcast(SPECIES, a[a4 + p]);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
      s4 += PANEL;
      c4 += PANEL;
    }
  }

  static void rows4(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int s3 = s2 + startStride;
    for (int panel = 0; panel < panels; panel++) {
      FloatVector low0 = fromArray(SPECIES, start, startAt);
      FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
      FloatVector low1 = fromArray(SPECIES, start, s1);
      FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
      FloatVector low2 = fromArray(SPECIES, start, s2);
      FloatVector high2 = fromArray(SPECIES, start, s2 + LENGTH);
      FloatVector low3 = fromArray(SPECIES, start, s3);
      FloatVector high3 = fromArray(SPECIES, start, s3 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
        FloatVector v3 = broadcast(SPECIES, a[a3 + p]);
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
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
      s3 += PANEL;
      c3 += PANEL;
    }
  }

  static void rows3(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int s2 = s1 + startStride;
    for (int panel = 0; panel < panels; panel++) {
      FloatVector low0 = fromArray(SPECIES, start, startAt);
      FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
      FloatVector low1 = fromArray(SPECIES, start, s1);
      FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
      FloatVector low2 = fromArray(SPECIES, start, s2);
      FloatVector high2 = fromArray(SPECIES, start, s2 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
        FloatVector v2 = broadcast(SPECIES, a[a2 + p]);
        low2 = v2.fma(low, low2);
        high2 = v2.fma(high, high2);
      }
      low0.intoArray(c, cAt);
      high0.intoArray(c, cAt + LENGTH);
      low1.intoArray(c, c1);
      high1.intoArray(c, c1 + LENGTH);
      low2.intoArray(c, c2);
      high2.intoArray(c, c2 + LENGTH);
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
      s2 += PANEL;
      c2 += PANEL;
    }
  }

  static void rows2(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int s1 = startAt + startStride;
    for (int panel = 0; panel < panels; panel++) {
      FloatVector low0 = fromArray(SPECIES, start, startAt);
      FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
      FloatVector low1 = fromArray(SPECIES, start, s1);
      FloatVector high1 = fromArray(SPECIES, start, s1 + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
        FloatVector v1 = broadcast(SPECIES, a[a1 + p]);
        low1 = v1.fma(low, low1);
        high1 = v1.fma(high, high1);
      }
      low0.intoArray(c, cAt);
      high0.intoArray(c, cAt + LENGTH);
      low1.intoArray(c, c1);
      high1.intoArray(c, c1 + LENGTH);
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
      s1 += PANEL;
      c1 += PANEL;
    }
  }

  static void rows1(
      int panels,
      int next,
      int k,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    for (int panel = 0; panel < panels; panel++) {
      FloatVector low0 = fromArray(SPECIES, start, startAt);
      FloatVector high0 = fromArray(SPECIES, start, startAt + LENGTH);
      int bHigh = bAt + LENGTH;
      for (int p = 0; p < k; p++) {
        FloatVector low = fromArray(SPECIES, b, bAt + p * PANEL);
        FloatVector high = fromArray(SPECIES, b, bHigh + p * PANEL);
        FloatVector v0 = broadcast(SPECIES, a[aAt + p]);
        low0 = v0.fma(low, low0);
        high0 = v0.fma(high, high0);
      }
      low0.intoArray(c, cAt);
      high0.intoArray(c, cAt + LENGTH);
      bAt += next;
      startAt += PANEL;
      cAt += PANEL;
    }
  }

  /**
   * One row by four panels: eight independent chains, as many as hide the latency of a fused
   * multiply-add. Panels are {@code panel} values apart.
   */
  static void row1Panels4(
      int k,
      float[] start,
      int startAt,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int panel,
      float[] c,
      int cAt) {
    int b1 = bAt + panel;
    int b2 = b1 + panel;
    int b3 = b2 + panel;
    FloatVector low0 = fromArray(SPECIES, start, startAt + 0 * LENGTH);
    FloatVector high0 = fromArray(SPECIES, start, startAt + 1 * LENGTH);
    FloatVector low1 = fromArray(SPECIES, start, startAt + 2 * LENGTH);
    FloatVector high1 = fromArray(SPECIES, start, startAt + 3 * LENGTH);
    FloatVector low2 = fromArray(SPECIES, start, startAt + 4 * LENGTH);
    FloatVector high2 = fromArray(SPECIES, start, startAt + 5 * LENGTH);
    FloatVector low3 = fromArray(SPECIES, start, startAt + 6 * LENGTH);
    FloatVector high3 = fromArray(SPECIES, start, startAt + 7 * LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector v = broadcast(SPECIES, a[aAt + p]);
      low0 = v.fma(fromArray(SPECIES, b, bAt + p * PANEL), low0);
      high0 = v.fma(fromArray(SPECIES, b, bAt + p * PANEL + LENGTH), high0);
      low1 = v.fma(fromArray(SPECIES, b, b1 + p * PANEL), low1);
      high1 = v.fma(fromArray(SPECIES, b, b1 + p * PANEL + LENGTH), high1);
      low2 = v.fma(fromArray(SPECIES, b, b2 + p * PANEL), low2);
      high2 = v.fma(fromArray(SPECIES, b, b2 + p * PANEL + LENGTH), high2);
      low3 = v.fma(fromArray(SPECIES, b, b3 + p * PANEL), low3);
      high3 = v.fma(fromArray(SPECIES, b, b3 + p * PANEL + LENGTH), high3);
    }
    low0.intoArray(c, cAt + 0 * LENGTH);
    high0.intoArray(c, cAt + 1 * LENGTH);
    low1.intoArray(c, cAt + 2 * LENGTH);
    high1.intoArray(c, cAt + 3 * LENGTH);
    low2.intoArray(c, cAt + 4 * LENGTH);
    high2.intoArray(c, cAt + 5 * LENGTH);
    low3.intoArray(c, cAt + 6 * LENGTH);
    high3.intoArray(c, cAt + 7 * LENGTH);
  }
}
