package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
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

  // Rows of a block of the transposed product: its panel (256 x 2 vectors) stays in the first-level
  // cache.
  private static final int BLOCK = 256;

  // Values of the left operand that are multiplied with one panel after the other, in the
  // second-level cache meanwhile.
  private static final int GROUP = 1 << 16;

  // Panels of the transposed product that are packed at once: with a block's rows they stay in the
  // second-level cache.
  private static final int PACKED_PANELS = 16;

  // Rows between packed panels: else all begin in the same sets of the first-level cache.
  private static final int PANEL_GAP = 3;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final float[] tile = new float[TILE_ROWS * PANEL];
    final float[] panels = new float[PACKED_PANELS * (BLOCK + PANEL_GAP) * PANEL];
    final Block block = new Block();
    final Consecutive consecutive = new Consecutive();
    float[] left = {};

    float[] left(int size) {
      if (left.length < size) {
        left = new float[size];
      }
      return left;
    }
  }

  /** As many row pairs as are packed at once: pieces that follow each other in both matrices. */
  private static final class Block {
    final int[] lefts = new int[BLOCK];
    final int[] rights = new int[BLOCK];
    final int[] counts = new int[BLOCK];
    int pieces;
    int rows;
    private int stretch;
    private int used;

    void begin() {
      stretch = 0;
      used = 0;
    }

    /** Takes the next rows; false if there are none. */
    boolean next(RowPairs all, int aAt, int aStride, int bAt, int bStride) {
      pieces = 0;
      rows = 0;
      while (rows < BLOCK && stretch < all.stretches()) {
        int count = Math.min(BLOCK - rows, all.count(stretch) - used);
        if (count > 0) {
          lefts[pieces] = aAt + (all.left(stretch) + used) * aStride;
          rights[pieces] = bAt + (all.right(stretch) + used) * bStride;
          counts[pieces] = count;
          pieces++;
          rows += count;
          used += count;
        }
        if (used == all.count(stretch)) {
          stretch++;
          used = 0;
        }
      }
      return rows > 0;
    }
  }

  private static final class Consecutive implements RowPairs {
    private int count;

    @Override
    public int stretches() {
      return 1;
    }

    @Override
    public int left(int stretch) {
      return 0;
    }

    @Override
    public int right(int stretch) {
      return 0;
    }

    @Override
    public int count(int stretch) {
      return count;
    }
  }

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
    float[] tile = SCRATCH.get().tile;
    for (int r = 0; r < m; r += TILE_ROWS) {
      int count = Math.min(TILE_ROWS, m - r);
      copy(count, columns, c, cAt + r * cStride, cStride, tile, 0, PANEL);
      panel(panel, count, a, aAt + r * aStride, aStride, b, tile, 0, PANEL);
      copy(count, columns, tile, 0, PANEL, c, cAt + r * cStride, cStride);
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
      float[] tile = SCRATCH.get().tile;
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

  private static void copy(
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

  /** {@code c += transpose(a) b} over k rows that follow each other in both. */
  static void addTransposed(
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
    Consecutive rows = SCRATCH.get().consecutive;
    rows.count = k;
    addTransposed(rows, m, n, a, aAt, aStride, b, bAt, bStride, c, cAt, cStride);
  }

  /**
   * {@code c += transpose(a) b}, in blocks of rows: the block of b is packed into panels, that of a
   * into strips of as many columns as a tile has rows, and what is left of a is transposed.
   *
   * <p>Packing goes along the rows of b: panel by panel every row would be a cache line or two at a
   * far stride, which no prefetcher follows.
   */
  static void addTransposed(
      RowPairs rows,
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
    float[] left = scratch.left(m * BLOCK + LENGTH);
    int strips = m / TILE_ROWS;
    if (strips > 0 && m % TILE_ROWS > 0 && m % TILE_ROWS < TILE_ROWS / 2) {
      strips--; // Two middling tiles rather than a whole one and one with too few chains.
    }
    int rest = m - strips * TILE_ROWS;
    Block block = scratch.block;
    block.begin();
    while (block.next(rows, aAt, aStride, bAt, bStride)) {
      int end = 0;
      for (int s = 0; s < strips; s++) {
        for (int p = 0; p < block.pieces; p++) {
          int from = block.lefts[p] + s * TILE_ROWS;
          end = Strips.copy(TILE_ROWS, block.counts[p], a, from, aStride, left, end);
        }
      }
      int row = 0;
      for (int p = 0; p < block.pieces; p++) {
        int from = block.lefts[p] + strips * TILE_ROWS;
        transpose(block.counts[p], rest, a, from, aStride, left, end + row, block.rows);
        row += block.counts[p];
      }
      for (int column = 0; column < n; column += PACKED_PANELS * PANEL) {
        int columns = Math.min(PACKED_PANELS * PANEL, n - column);
        pack(block, columns, b, column, bStride, scratch.panels);
        for (int from = 0; from < columns; from += PANEL) {
          int width = Math.min(PANEL, columns - from);
          int to = cAt + column + from;
          panel(block.rows, strips, rest, width, scratch, from / PANEL, c, to, cStride);
        }
      }
    }
  }

  /** All rows of c against one packed panel. */
  private static void panel(
      int k,
      int strips,
      int rest,
      int width,
      Scratch scratch,
      int panel,
      float[] c,
      int cAt,
      int cStride) {
    float[] left = scratch.left;
    float[] b = scratch.panels;
    int bAt = panel * (k + PANEL_GAP) * PANEL;
    for (int s = 0; s < strips; s++) {
      int a = s * TILE_ROWS * k;
      int to = cAt + s * TILE_ROWS * cStride;
      if (width == PANEL) {
        strip(k, left, a, b, bAt, c, to, cStride);
      } else {
        copy(TILE_ROWS, width, c, to, cStride, scratch.tile, 0, PANEL);
        strip(k, left, a, b, bAt, scratch.tile, 0, PANEL);
        copy(TILE_ROWS, width, scratch.tile, 0, PANEL, c, to, cStride);
      }
    }
    int a = strips * TILE_ROWS * k;
    int to = cAt + strips * TILE_ROWS * cStride;
    if (width == PANEL) {
      rows(k, rest, left, a, k, b, bAt, c, to, cStride);
      return;
    }
    for (int r = 0; r < rest; r += TILE_ROWS) {
      int count = Math.min(TILE_ROWS, rest - r);
      copy(count, width, c, to + r * cStride, cStride, scratch.tile, 0, PANEL);
      rows(k, count, left, a + r * k, k, b, bAt, scratch.tile, 0, PANEL);
      copy(count, width, scratch.tile, 0, PANEL, c, to + r * cStride, cStride);
    }
  }

  private static void strip(
      int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride) {
    if (TILE_ROWS == 10) {
      Strips.strip10(k, a, aAt, b, bAt, c, cAt, cStride);
    } else {
      Strips.strip5(k, a, aAt, b, bAt, c, cAt, cStride);
    }
  }

  private static void pack(Block block, int n, float[] b, int column, int bStride, float[] panels) {
    int row = 0;
    int next = (block.rows + PANEL_GAP) * PANEL;
    for (int p = 0; p < block.pieces; p++) {
      int from = block.rights[p] + column;
      pack(block.counts[p], n, b, from, bStride, panels, row * PANEL, next);
      row += block.counts[p];
    }
  }

  /** k rows of b, {@code next} values between panels. */
  private static void pack(
      int k, int n, float[] b, int bAt, int bStride, float[] panels, int at, int next) {
    int whole = n - n % PANEL;
    for (int p = 0; p < k; p++) {
      int from = bAt + p * bStride;
      int to = at + p * PANEL;
      for (int j = 0; j < whole; j += PANEL) {
        fromArray(SPECIES, b, from + j).intoArray(panels, to);
        fromArray(SPECIES, b, from + j + LENGTH).intoArray(panels, to + LENGTH);
        to += next;
      }
      for (int j = whole; j < n; j++) {
        panels[to + j - whole] = b[from + j];
      }
    }
  }

  /**
   * {@code to[i][p] = a[p][i]}, {@code stride} values between rows of {@code to}; in squares of 16
   * so that both sides stay in cache lines.
   */
  private static void transpose(
      int k, int m, float[] a, int aAt, int aStride, float[] to, int toAt, int stride) {
    for (int i0 = 0; i0 < m; i0 += 16) {
      int i1 = Math.min(m, i0 + 16);
      for (int p0 = 0; p0 < k; p0 += 16) {
        int p1 = Math.min(k, p0 + 16);
        for (int i = i0; i < i1; i++) {
          for (int p = p0; p < p1; p++) {
            to[toAt + i * stride + p] = a[aAt + p * aStride + i];
          }
        }
      }
    }
  }
}
