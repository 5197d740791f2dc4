package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Tiles.PANEL;

import dev.carousel.kernel.PackedMatrix;

/**
 * The loops around the register tiles: over panels, blocks of k and rows.
 *
 * <p>Each product begins with what {@code start} holds: c itself, to be added to, or the bias in
 * every row. A panel that the matrix does not fill is computed whole in a scratch tile and copied
 * in part.
 */
final class Products {
  // Twenty accumulators leave room for the operands in 32 registers. Where there are 16, tiles of
  // four rows or more are BlockProducts', but for what is left of weight gradients; JDK 17 spills
  // twelve accumulators here.
  static final int TILE_ROWS = FEW_REGISTERS ? 5 : 10;

  // Rows of a block of k while several tiles read a panel. Reading a value of the next block in
  // every turn of a tile, to have it in the cache, lost: 9 % slower.
  private static final int PRODUCT_BLOCK = 512;

  // Values of the left operand that are multiplied with one panel after the other, in the
  // second-level cache meanwhile. 840 x 2,048 by 512: 30 or 120 rows of it, no difference.
  private static final int GROUP = 1 << 16;

  // Values of the panels that a tile meets before the next one does: 512 kB, half of a second-level
  // cache. One panel at a time stays in the first-level cache, but takes a call, and its checks of
  // indices, for every tile: 1 to 5 % longer, as does a quarter as many panels.
  private static final int TOGETHER = 1 << 17;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final float[] tile = new float[TILE_ROWS * PANEL];
    private float[] joined = {};

    float[] joined(int size) {
      if (joined.length < size) {
        joined = new float[size];
      }
      return joined;
    }
  }

  private Products() {}

  /** {@code c += a b}. */
  static void add(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride) {
    if (BlockProducts.takes(m)) {
      int k = b.rows();
      BlockProducts.from(m, c, cAt, cStride, k, a, aAt, aStride, a, 0, 0, b, c, cAt, cStride);
      return;
    }
    int group = group(b);
    for (int r = 0; r < m; r += group) {
      int rows = Math.min(group, m - r);
      int to = cAt + r * cStride;
      group(rows, c, to, cStride, a, aAt + r * aStride, aStride, b, c, to, cStride);
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
    if (BlockProducts.takes(m)) {
      int k = b.rows();
      BlockProducts.from(m, bias, biasAt, 0, k, a, aAt, aStride, a, 0, 0, b, c, cAt, cStride);
      return;
    }
    int group = group(b);
    for (int r = 0; r < m; r += group) {
      int rows = Math.min(group, m - r);
      int to = cAt + r * cStride;
      group(rows, bias, biasAt, 0, a, aAt + r * aStride, aStride, b, c, to, cStride);
    }
  }

  /**
   * {@code c = bias + [a a2] b}. The rows of both are copied side by side: one chain in registers
   * from the bias to the last link, where two products would store and load c between them.
   */
  static void fromBias(
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
    if (BlockProducts.takes(m)) {
      BlockProducts.from(
          m, bias, biasAt, 0, columns, a, aAt, columns, a2, a2At, columns2, b, c, cAt, cStride);
      return;
    }
    int k = columns + columns2;
    int group = Math.min(m, group(b));
    float[] joined = SCRATCH.get().joined(group * k);
    for (int r0 = 0; r0 < m; r0 += group) {
      int rows = Math.min(group, m - r0);
      copy(rows, columns, a, aAt + r0 * columns, columns, joined, 0, k);
      copy(rows, columns2, a2, a2At + r0 * columns2, columns2, joined, columns, k);
      group(rows, bias, biasAt, 0, joined, 0, k, b, c, cAt + r0 * cStride, cStride);
    }
  }

  /** Rows of a that are multiplied with one panel after the other. */
  private static int group(PackedMatrix b) {
    return Math.max(1, GROUP / Math.max(1, b.rows()) / TILE_ROWS) * TILE_ROWS;
  }

  private static void group(
      int m,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    int full = b.columns() / PANEL;
    int panel = m == 1 ? row(full, start, startAt, a, aAt, b, c, cAt) : 0;
    int block = Math.min(b.rows(), PRODUCT_BLOCK);
    int together = m <= TILE_ROWS ? full : Math.max(1, TOGETHER / Math.max(1, block * PANEL));
    while (panel < full) {
      int some = Math.min(together, full - panel);
      int column = panel * PANEL;
      panels(
          panel,
          some,
          m,
          start,
          startAt + column,
          startStride,
          a,
          aAt,
          aStride,
          b,
          c,
          cAt + column,
          cStride);
      panel += some;
    }
    int rest = b.columns() - full * PANEL;
    if (rest > 0) {
      int column = full * PANEL;
      narrow(
          full,
          rest,
          m,
          start,
          startAt + column,
          startStride,
          a,
          aAt,
          aStride,
          b,
          c,
          cAt + column,
          cStride);
    }
  }

  /** One row against the first panels, four at a time; returns how many panels that are. */
  private static int row(
      int full,
      float[] start,
      int startAt,
      float[] a,
      int aAt,
      PackedMatrix b,
      float[] c,
      int cAt) {
    int panel = 0;
    int stride = b.panel(1) - b.panel(0);
    PackedMatrix.Place place = b.place();
    float[] data = place.data();
    for (; panel + 4 <= full; panel += 4) {
      int column = panel * PANEL;
      int bAt = place.origin() + b.panel(panel);
      Tiles.row1Panels4(
          b.rows(), start, startAt + column, a, aAt, data, bAt, stride, c, cAt + column);
    }
    return panel;
  }

  /** All m rows against neighbouring panels; {@code start} and {@code c} at their first column. */
  private static void panels(
      int panel,
      int count,
      int m,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    int k = b.rows();
    PackedMatrix.Place place = b.place();
    float[] data = place.data();
    int bAt = place.origin() + b.panel(panel);
    int next = b.panel(1) - b.panel(0);
    int block = m > TILE_ROWS ? Math.min(k, PRODUCT_BLOCK) : k;
    rows(
        count,
        next,
        block,
        m,
        start,
        startAt,
        startStride,
        a,
        aAt,
        aStride,
        data,
        bAt,
        c,
        cAt,
        cStride);
    for (int k0 = block; k0 < k; k0 += PRODUCT_BLOCK) {
      int length = Math.min(PRODUCT_BLOCK, k - k0);
      int at = bAt + k0 * PANEL;
      rows(
          count, next, length, m, c, cAt, cStride, a, aAt + k0, aStride, data, at, c, cAt, cStride);
    }
  }

  /** The last columns, fewer than a panel has. */
  private static void narrow(
      int panel,
      int columns,
      int m,
      float[] start,
      int startAt,
      int startStride,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    float[] tile = SCRATCH.get().tile;
    int r = 0;
    while (r < m) {
      int count = tileRows(m - r);
      int ai = aAt + r * aStride;
      copy(count, columns, start, startAt + r * startStride, startStride, tile, 0, PANEL);
      panels(panel, 1, count, tile, 0, PANEL, a, ai, aStride, b, tile, 0, PANEL);
      copy(count, columns, tile, 0, PANEL, c, cAt + r * cStride, cStride);
      r += count;
    }
  }

  static void copy(
      int rows, int columns, float[] from, int at, int stride, float[] to, int toAt, int toStride) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, at + r * stride, to, toAt + r * toStride, columns);
    }
  }

  /** Rows of tiles against neighbouring panels, {@code next} values apart. */
  static void rows(
      int panels,
      int next,
      int k,
      int m,
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
    int r = 0;
    while (r < m) {
      int count = tileRows(m - r);
      int si = startAt + r * startStride;
      int ai = aAt + r * aStride;
      int ci = cAt + r * cStride;
      switch (count) {
        case 10 ->
            Tiles.rows10(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 8 ->
            Tiles.rows8(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 7 ->
            Tiles.rows7(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 6 ->
            Tiles.rows6(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 5 ->
            Tiles.rows5(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 4 ->
            Tiles.rows4(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 3 ->
            Tiles.rows3(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        case 2 ->
            Tiles.rows2(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
        default ->
            Tiles.rows1(
                panels, next, k, start, si, startStride, a, ai, aStride, b, bAt, c, ci, cStride);
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
