package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.all;
import static dev.carousel.kernels.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of the products: R rows by two vectors of columns, {@code c += a panel}.
 *
 * <p>Each is written out because the accumulators must be local variables: an array of vectors, or
 * a loop over them, is boxed. All share one signature; a panel is {@code k x 2 LENGTH}, and row r
 * of a starts at {@code aAt + r * aStride}.
 */
final class Tiles {
  private Tiles() {}

  static void rows8(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int a6 = a5 + aStride;
    int c6 = c5 + cStride;
    int a7 = a6 + aStride;
    int c7 = c6 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    FloatVector low3 = load(c, c3);
    FloatVector high3 = load(c, c3 + LENGTH);
    FloatVector low4 = load(c, c4);
    FloatVector high4 = load(c, c4 + LENGTH);
    FloatVector low5 = load(c, c5);
    FloatVector high5 = load(c, c5 + LENGTH);
    FloatVector low6 = load(c, c6);
    FloatVector high6 = load(c, c6 + LENGTH);
    FloatVector low7 = load(c, c7);
    FloatVector high7 = load(c, c7 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = all(a[a3 + p]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      FloatVector v4 = all(a[a4 + p]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = all(a[a5 + p]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      FloatVector v6 = all(a[a6 + p]);
      low6 = v6.fma(low, low6);
      high6 = v6.fma(high, high6);
      FloatVector v7 = all(a[a7 + p]);
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
  }

  static void rows7(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    int a6 = a5 + aStride;
    int c6 = c5 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    FloatVector low3 = load(c, c3);
    FloatVector high3 = load(c, c3 + LENGTH);
    FloatVector low4 = load(c, c4);
    FloatVector high4 = load(c, c4 + LENGTH);
    FloatVector low5 = load(c, c5);
    FloatVector high5 = load(c, c5 + LENGTH);
    FloatVector low6 = load(c, c6);
    FloatVector high6 = load(c, c6 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = all(a[a3 + p]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      FloatVector v4 = all(a[a4 + p]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = all(a[a5 + p]);
      low5 = v5.fma(low, low5);
      high5 = v5.fma(high, high5);
      FloatVector v6 = all(a[a6 + p]);
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
  }

  static void rows6(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    FloatVector low3 = load(c, c3);
    FloatVector high3 = load(c, c3 + LENGTH);
    FloatVector low4 = load(c, c4);
    FloatVector high4 = load(c, c4 + LENGTH);
    FloatVector low5 = load(c, c5);
    FloatVector high5 = load(c, c5 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = all(a[a3 + p]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      FloatVector v4 = all(a[a4 + p]);
      low4 = v4.fma(low, low4);
      high4 = v4.fma(high, high4);
      FloatVector v5 = all(a[a5 + p]);
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
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    FloatVector low3 = load(c, c3);
    FloatVector high3 = load(c, c3 + LENGTH);
    FloatVector low4 = load(c, c4);
    FloatVector high4 = load(c, c4 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = all(a[a3 + p]);
      low3 = v3.fma(low, low3);
      high3 = v3.fma(high, high3);
      FloatVector v4 = all(a[a4 + p]);
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
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    FloatVector low3 = load(c, c3);
    FloatVector high3 = load(c, c3 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
      FloatVector v3 = all(a[a3 + p]);
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

  static void rows3(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    FloatVector low2 = load(c, c2);
    FloatVector high2 = load(c, c2 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
      FloatVector v2 = all(a[a2 + p]);
      low2 = v2.fma(low, low2);
      high2 = v2.fma(high, high2);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
    low1.intoArray(c, c1);
    high1.intoArray(c, c1 + LENGTH);
    low2.intoArray(c, c2);
    high2.intoArray(c, c2 + LENGTH);
  }

  static void rows2(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    int a1 = aAt + aStride;
    int c1 = cAt + cStride;
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    FloatVector low1 = load(c, c1);
    FloatVector high1 = load(c, c1 + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
      FloatVector v1 = all(a[a1 + p]);
      low1 = v1.fma(low, low1);
      high1 = v1.fma(high, high1);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
    low1.intoArray(c, c1);
    high1.intoArray(c, c1 + LENGTH);
  }

  static void rows1(
      int k, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt, int cStride) {
    FloatVector low0 = load(c, cAt);
    FloatVector high0 = load(c, cAt + LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector low = load(b, bAt + p * 2 * LENGTH);
      FloatVector high = load(b, bAt + p * 2 * LENGTH + LENGTH);
      FloatVector v0 = all(a[aAt + p]);
      low0 = v0.fma(low, low0);
      high0 = v0.fma(high, high0);
    }
    low0.intoArray(c, cAt);
    high0.intoArray(c, cAt + LENGTH);
  }

  /**
   * One row by four panels: eight independent chains, as many as hide the latency of a fused
   * multiply-add.
   */
  static void row1Panels4(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    int panel = 2 * LENGTH * k;
    int b1 = bAt + panel;
    int b2 = b1 + panel;
    int b3 = b2 + panel;
    FloatVector low0 = load(c, cAt + 0 * LENGTH);
    FloatVector high0 = load(c, cAt + 1 * LENGTH);
    FloatVector low1 = load(c, cAt + 2 * LENGTH);
    FloatVector high1 = load(c, cAt + 3 * LENGTH);
    FloatVector low2 = load(c, cAt + 4 * LENGTH);
    FloatVector high2 = load(c, cAt + 5 * LENGTH);
    FloatVector low3 = load(c, cAt + 6 * LENGTH);
    FloatVector high3 = load(c, cAt + 7 * LENGTH);
    for (int p = 0; p < k; p++) {
      FloatVector v = all(a[aAt + p]);
      low0 = v.fma(load(b, bAt + p * 2 * LENGTH), low0);
      high0 = v.fma(load(b, bAt + p * 2 * LENGTH + LENGTH), high0);
      low1 = v.fma(load(b, b1 + p * 2 * LENGTH), low1);
      high1 = v.fma(load(b, b1 + p * 2 * LENGTH + LENGTH), high1);
      low2 = v.fma(load(b, b2 + p * 2 * LENGTH), low2);
      high2 = v.fma(load(b, b2 + p * 2 * LENGTH + LENGTH), high2);
      low3 = v.fma(load(b, b3 + p * 2 * LENGTH), low3);
      high3 = v.fma(load(b, b3 + p * 2 * LENGTH + LENGTH), high3);
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
