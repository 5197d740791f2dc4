package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.PackedMatrix;
import jdk.incubator.vector.FloatVector;

/**
 * The loops around the register tiles: over panels, blocks of k and rows.
 *
 * <p>A panel that the matrix does not fill is computed whole in a scratch tile and copied in part.
 */
final class Products {
  // Twenty accumulators leave room for the operands in the 32 registers of AVX-512. Of 16 registers
  // twelve accumulators
  // should, but JDK 17 spills them: 6 rows run at half the speed of 5.
  static final int TILE_ROWS = LENGTH >= 16 ? 10 : 5;

  // Rows of a block of k while several tiles read a panel. Reading a value of the next block in
  // every turn of a tile, to have it in the cache, lost: 9 % slower.
  private static final int PRODUCT_BLOCK = 512;

  // Values of the left operand that are multiplied with one panel after the other, in the
  // second-level cache meanwhile.
  private static final int GROUP = 1 << 16;

  private static final ThreadLocal<float[]> TILE =
      ThreadLocal.withInitial(() -> new float[TILE_ROWS * PANEL]);

  private Products() {}

  /** {@code c += a b}. */
  static void add(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    int group = group(b);
    for (int r = 0; r < m; r += group) {
      int rows = Math.min(group, m - r);
      addGroup(rows, a, aAt + r * aStride, aStride, b, c, cAt + r * cStride, cStride);
    }
  }

  /** {@code c = bias + a b}. */
  static void fromBias(
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
    int group = group(b);
    for (int r = 0; r < m; r += group) {
      int rows = Math.min(group, m - r);
      int to = cAt + r * cStride;
      copy(rows, b.columns(), bias, biasAt, 0, c, to, cStride);
      addGroup(rows, a, aAt + r * aStride, aStride, b, c, to, cStride);
    }
  }

  /** Rows of a that are multiplied with one panel after the other. */
  private static int group(PackedMatrix b) {
    int k = Math.max(1, Math.min(b.rows(), PRODUCT_BLOCK));
    return Math.max(1, GROUP / k / TILE_ROWS) * TILE_ROWS;
  }

  private static void addGroup(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    int k = b.rows();
    int full = b.columns() / PANEL;
    int first = m == 1 ? addRow(full, a, aAt, b, c, cAt) : 0;
    int block = m > TILE_ROWS ? PRODUCT_BLOCK : Math.max(1, k);
    for (int k0 = 0; k0 < k; k0 += block) {
      int length = Math.min(block, k - k0);
      for (int panel = first; panel < full; panel++) {
        int bAt = (panel * k + k0) * PANEL;
        rows(length, m, a, aAt + k0, aStride, b.data(), bAt, c, cAt + panel * PANEL, cStride);
      }
    }
    int rest = b.columns() - full * PANEL;
    if (rest > 0) {
      narrow(full, rest, m, a, aAt, aStride, b, c, cAt + full * PANEL, cStride);
    }
  }

  /** The last columns, fewer than a panel has. */
  private static void narrow(
      int panel,
      int columns,
      int m,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    float[] tile = TILE.get();
    int r = 0;
    while (r < m) {
      int count = tileRows(m - r);
      copy(count, columns, c, cAt + r * cStride, cStride, tile, 0, PANEL);
      panel(panel, count, a, aAt + r * aStride, aStride, b, tile, 0, PANEL);
      copy(count, columns, tile, 0, PANEL, c, cAt + r * cStride, cStride);
      r += count;
    }
  }

  /**
   * {@code c = bias + a b + a2 b2}: a panel of c is begun and finished while it is in the
   * first-level cache.
   */
  static void fromBias(
      int m,
      float[] bias,
      int biasAt,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] a2,
      int a2At,
      int a2Stride,
      PackedMatrix b2,
      float[] c,
      int cAt,
      int cStride) {
    int full = m == 1 ? 0 : b.columns() / PANEL;
    for (int panel = 0; panel < full; panel++) {
      int to = cAt + panel * PANEL;
      fillPanel(m, bias, biasAt + panel * PANEL, c, to, cStride);
      panel(panel, m, a, aAt, aStride, b, c, to, cStride);
      panel(panel, m, a2, a2At, a2Stride, b2, c, to, cStride);
    }
    int rest = b.columns() - full * PANEL;
    if (m == 1) {
      copy(1, b.columns(), bias, biasAt, 0, c, cAt, cStride);
      add(1, a, aAt, aStride, b, c, cAt, cStride);
      add(1, a2, a2At, a2Stride, b2, c, cAt, cStride);
    } else if (rest > 0) {
      float[] tile = TILE.get();
      int from = cAt + full * PANEL;
      for (int r = 0; r < m; r += TILE_ROWS) {
        int count = Math.min(TILE_ROWS, m - r);
        copy(count, rest, bias, biasAt + full * PANEL, 0, tile, 0, PANEL);
        panel(full, count, a, aAt + r * aStride, aStride, b, tile, 0, PANEL);
        panel(full, count, a2, a2At + r * a2Stride, a2Stride, b2, tile, 0, PANEL);
        copy(count, rest, tile, 0, PANEL, c, from + r * cStride, cStride);
      }
    }
  }

  private static void fillPanel(int m, float[] bias, int biasAt, float[] c, int cAt, int cStride) {
    FloatVector low = fromArray(SPECIES, bias, biasAt);
    FloatVector high = fromArray(SPECIES, bias, biasAt + LENGTH);
    for (int r = 0; r < m; r++) {
      low.intoArray(c, cAt + r * cStride);
      high.intoArray(c, cAt + r * cStride + LENGTH);
    }
  }

  static void copy(
      int rows, int columns, float[] from, int at, int stride, float[] to, int toAt, int toStride) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, at + r * stride, to, toAt + r * toStride, columns);
    }
  }

  /** One row against the first panels, four at a time; returns how many panels that are. */
  private static int addRow(int full, float[] a, int aAt, PackedMatrix b, float[] c, int cAt) {
    int k = b.rows();
    int panel = 0;
    for (; panel + 4 <= full; panel += 4) {
      Tiles.row1Panels4(k, a, aAt, b.data(), panel * PANEL * k, c, cAt + panel * PANEL);
    }
    return panel;
  }

  /** All m rows against one panel; {@code c} at its first column. */
  private static void panel(
      int panel,
      int m,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    int k = b.rows();
    int block = m > TILE_ROWS ? PRODUCT_BLOCK : k;
    for (int k0 = 0; k0 < k; k0 += block) {
      int length = Math.min(block, k - k0);
      int bAt = panel * PANEL * k + k0 * PANEL;
      rows(length, m, a, aAt + k0, aStride, b.data(), bAt, c, cAt, cStride);
    }
  }

  /** Rows of tiles against one panel. */
  static void rows(
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
    int r = 0;
    while (r < m) {
      int count = tileRows(m - r);
      int ai = aAt + r * aStride;
      int ci = cAt + r * cStride;
      switch (count) {
        case 10 -> Tiles.rows10(k, a, ai, aStride, b, bAt, c, ci, cStride);
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
   * What is left in equal parts: a tile of one or two rows has too few chains to hide a latency.
   */
  private static int tileRows(int left) {
    int tiles = (left + TILE_ROWS - 1) / TILE_ROWS;
    int count = (left + tiles - 1) / tiles;
    return count == 9 ? (left == 9 ? 5 : 10) : count;
  }
}
