package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.BlockTiles.BLOCK;
import static dev.carousel.kernels.vector.BlockTiles.STRIDE;
import static dev.carousel.kernels.vector.BlockTiles.UNROLLED;
import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Tiles.PANEL;

import dev.carousel.kernel.PackedMatrix;

/**
 * The loops around {@link BlockTiles}: over groups of rows, blocks of k, groups of panels, tiles
 * and the panels of a group.
 *
 * <p>A block of the left operand, which may be two matrices side by side, is copied once and
 * multiplied with that part of every panel; from the second block on a sum goes on from what c
 * holds.
 */
final class BlockProducts {
  /** Rows of the largest tile; tiles of 6, 5 and 4 make any number but 1, 2, 3 and 7. */
  private static final int TILE_ROWS = 6;

  // Rows that are copied at once, at most: 250 kB, half of a second-level cache of 512. With half
  // as many a vocabulary of 10,000, whose weights every group reads again, takes 8 % longer.
  private static final int GROUP_ROWS = 20 * TILE_ROWS;

  // Values of the panels that a tile of rows meets before the next: 128 kB, from the second-level
  // cache for every tile. One panel at a time, in the first-level cache, is no faster with few
  // columns and, where rows of c lie far apart, 20 to 30 % slower: each of a panel's tiles then
  // writes 64 bytes into other pages.
  private static final int TOGETHER = 1 << 15;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final float[] block = new float[GROUP_ROWS * STRIDE];
    final float[] tile = new float[TILE_ROWS * PANEL];
  }

  private BlockProducts() {}

  /** Whether a product of m rows is done here: with few registers, if it fills a tile. */
  static boolean takes(int m) {
    return FEW_REGISTERS && m > 3;
  }

  /** {@code c = start + [a a2] b}: {@code columns} of a, then what b has more rows of a2. */
  static void from(
      int m,
      float[] start,
      int startAt,
      int startStride,
      int columns,
      float[] a,
      int aAt,
      int aStride,
      float[] a2,
      int a2At,
      int a2Stride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride) {
    Scratch scratch = SCRATCH.get();
    int k = b.rows();
    int length = blockLength(k);
    int group = groupRows(m);
    for (int r0 = 0; r0 < m; r0 += group) {
      int rows = Math.min(group, m - r0);
      int to = cAt + r0 * cStride;
      int at = aAt + r0 * aStride;
      int at2 = a2At + r0 * a2Stride;
      int k0 = 0;
      do {
        int links = Math.min(length, k - k0);
        copy(rows, k0, links, columns, a, at, aStride, a2, at2, a2Stride, scratch.block);
        if (k0 == 0) {
          int from = startAt + r0 * startStride;
          panels(links, rows, start, from, startStride, scratch, b, 0, c, to, cStride);
        } else {
          panels(links, rows, c, to, cStride, scratch, b, k0, c, to, cStride);
        }
        k0 += length;
      } while (k0 < k);
    }
  }

  /** Groups of equal size, of whole tiles. */
  private static int groupRows(int m) {
    int groups = (m + GROUP_ROWS - 1) / GROUP_ROWS;
    return (m + groups * TILE_ROWS - 1) / (groups * TILE_ROWS) * TILE_ROWS;
  }

  /** Columns {@code [from, from + count)} of {@code [a a2]}. */
  private static void copy(
      int rows,
      int from,
      int count,
      int columns,
      float[] a,
      int aAt,
      int aStride,
      float[] a2,
      int a2At,
      int a2Stride,
      float[] block) {
    int first = Math.max(0, Math.min(count, columns - from));
    if (first > 0) {
      Products.copy(rows, first, a, aAt + from, aStride, block, 0, STRIDE);
    }
    if (first < count) {
      int at = a2At + from + first - columns;
      Products.copy(rows, count - first, a2, at, a2Stride, block, first, STRIDE);
    }
  }

  /** Blocks of equal length, of whole turns of a tile. */
  private static int blockLength(int k) {
    int blocks = Math.max(1, (k + BLOCK - 1) / BLOCK);
    return (k + blocks * UNROLLED - 1) / (blocks * UNROLLED) * UNROLLED;
  }

  /**
   * One block against its part of every panel: a tile of rows against several panels before the
   * next tile.
   */
  private static void panels(
      int k,
      int m,
      float[] start,
      int startAt,
      int startStride,
      Scratch scratch,
      PackedMatrix b,
      int bRow,
      float[] c,
      int cAt,
      int cStride) {
    float[] a = scratch.block;
    PackedMatrix.Place place = b.place();
    float[] data = place.data();
    int origin = place.origin() + bRow * PANEL;
    int full = b.columns() / PANEL;
    int together = Math.max(1, TOGETHER / (Math.max(1, k) * PANEL));
    for (int first = 0; first < full; first += together) {
      int end = Math.min(full, first + together);
      for (int r = 0; r < m; ) {
        int count = tileRows(m - r);
        int si = startAt + r * startStride;
        int ci = cAt + r * cStride;
        for (int panel = first; panel < end; panel++) {
          int column = panel * PANEL;
          int bAt = origin + b.panel(panel);
          tile(
              count,
              k,
              start,
              si + column,
              startStride,
              a,
              r * STRIDE,
              data,
              bAt,
              c,
              ci + column,
              cStride);
        }
        r += count;
      }
    }
    int column = full * PANEL;
    int rest = b.columns() - column;
    if (rest > 0) {
      float[] tile = scratch.tile;
      int bAt = origin + b.panel(full);
      for (int r = 0; r < m; ) {
        int count = tileRows(m - r);
        int from = startAt + r * startStride + column;
        int to = cAt + r * cStride + column;
        Products.copy(count, rest, start, from, startStride, tile, 0, PANEL);
        tile(count, k, tile, 0, PANEL, a, r * STRIDE, data, bAt, tile, 0, PANEL);
        Products.copy(count, rest, tile, 0, PANEL, c, to, cStride);
        r += count;
      }
    }
  }

  private static void tile(
      int rows,
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
    switch (rows) {
      case 6 -> BlockTiles.rows6(k, start, startAt, startStride, a, aAt, b, bAt, c, cAt, cStride);
      case 5 -> BlockTiles.rows5(k, start, startAt, startStride, a, aAt, b, bAt, c, cAt, cStride);
      case 4 -> BlockTiles.rows4(k, start, startAt, startStride, a, aAt, b, bAt, c, cAt, cStride);
      default ->
          Products.rows(
              1, 0, k, rows, start, startAt, startStride, a, aAt, STRIDE, b, bAt, c, cAt, cStride);
    }
  }

  /** What is left in equal parts. */
  private static int tileRows(int left) {
    int tiles = (left + TILE_ROWS - 1) / TILE_ROWS;
    return (left + tiles - 1) / tiles;
  }
}
