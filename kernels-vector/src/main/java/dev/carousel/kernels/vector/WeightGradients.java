package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static dev.carousel.kernels.vector.Strips.COLUMNS;
import static dev.carousel.kernels.vector.Strips.NARROW;
import static dev.carousel.kernels.vector.Strips.PITCH;
import static dev.carousel.kernels.vector.Tiles.PANEL;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.Alignment;
import dev.carousel.kernel.RowPairs;
import java.util.Arrays;

/**
 * The gradients of weights, products that sum along the rows of both operands, in blocks of rows:
 * the block of dz is packed into panels, that of x or h into strips of as many columns as a tile
 * has rows, and what is left of it is transposed.
 *
 * <p>The rows of a block lie in pieces, wherever the workers of a batch have theirs.
 */
final class WeightGradients {
  // Rows of a block: a panel of it (256 x 2 vectors) fits the first-level cache. 384 or 512, with
  // fewer panels: no difference.
  private static final int BLOCK = 256;

  // Panels that are packed at once: with a block's left rows they stay in the second-level cache. A
  // strip meets all of them before the next strip does: it stays in the first-level cache then, and
  // a row of gradients is written along. One panel after the other takes 2 to 6 % longer with LSTM
  // 512 and a vocabulary of 10,000, with 32 registers 0 to 3 %.
  private static final int PACKED_PANELS = 16;

  // Strips that are copied row by row at once: as many lines as they end in stay in the cache.
  private static final int COPIED_STRIPS = 13;

  // Rows between packed panels: else all begin in the same sets of the first-level cache.
  private static final int PANEL_GAP = 3;

  private static final ThreadLocal<Scratch> SCRATCH =
      ThreadLocal.withInitial(() -> new Scratch(CacheLines.alignment(Scratch.PANELS)));

  /** What one thread packs into. */
  static final class Scratch {
    private static final int PANELS = PACKED_PANELS * (BLOCK + PANEL_GAP) * PANEL;

    final float[] tile = new float[PANEL];
    private final Alignment alignment;
    final float[] panels;
    // Where the first panel begins.
    int panelsAt;
    final float[] ones = new float[BLOCK];
    final Block block = new Block();
    float[] left = {};
    private float[] last = {};

    Scratch(Alignment alignment) {
      this.alignment = alignment;
      panels = new float[PANELS + alignment.room()];
      Arrays.fill(ones, 1f);
    }

    /** Moves where the panels begin, if that is known to be faster; they are packed anew. */
    void align() {
      if (alignment.isWorthMoving(panels, panelsAt)) {
        int origin = alignment.origin(panels);
        panelsAt = origin >= 0 ? origin : panelsAt;
      }
    }

    /** Room for the columns that do not fill a panel. */
    float[] last(int size) {
      if (last.length < size) {
        last = new float[size];
      }
      return last;
    }

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
    boolean next(RowPairs all) {
      pieces = 0;
      rows = 0;
      while (rows < BLOCK && stretch < all.stretches()) {
        int count = Math.min(BLOCK - rows, all.count(stretch) - used);
        if (count > 0) {
          lefts[pieces] = all.left(stretch) + used;
          rights[pieces] = all.right(stretch) + used;
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

  private WeightGradients() {}

  /** This thread's. */
  static Scratch scratch() {
    return SCRATCH.get();
  }

  /** {@link dev.carousel.kernel.Kernel#weightGradients}: dz is packed once for all three sums. */
  static void add(
      Scratch scratch,
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
    if (n == 0) {
      return;
    }
    scratch.align();
    float[] left = scratch.left((packed(inputSize) + packed(hiddenSize)) * BLOCK);
    Block block = scratch.block;
    block.begin();
    while (block.next(rows)) {
      int hidden = packed(inputSize) * block.rows;
      packLeft(block, block.rights, inputSize, x, xAt, left, 0);
      packLeft(block, block.lefts, hiddenSize, h, hAt, left, hidden);
      for (int column = 0; column < n; column += PACKED_PANELS * PANEL) {
        int columns = Math.min(PACKED_PANELS * PANEL, n - column);
        pack(block, columns, dz, dzAt + column, dzStride, scratch);
        if (dBias >= 0) {
          columnSums(block.rows, columns, scratch, gradients, dBias + column);
        }
        panels(block.rows, inputSize, columns, scratch, 0, gradients, dWih + column, stride);
        panels(block.rows, hiddenSize, columns, scratch, hidden, gradients, dWhh + column, stride);
      }
    }
  }

  /** Whole strips of m columns; two middling tiles rather than a whole one and a very small one. */
  private static int strips(int m) {
    int narrow = narrow(m);
    if (narrow > 0) {
      return (m - NARROW * narrow) / COLUMNS;
    }
    int strips = m / COLUMNS;
    int rest = m % COLUMNS;
    return strips > 0 && rest > 0 && rest < COLUMNS / 2 ? strips - 1 : strips;
  }

  /** Narrower strips behind them, where m is a sum of both. */
  private static int narrow(int m) {
    int strips = (m + COLUMNS - 1) / COLUMNS;
    return FEW_REGISTERS && NARROW * strips <= m ? COLUMNS * strips - m : 0;
  }

  /** Values that m columns take for each row of a block. */
  private static int packed(int m) {
    int strips = strips(m);
    int narrow = narrow(m);
    return (strips + narrow) * PITCH + m - strips * COLUMNS - narrow * NARROW;
  }

  /** The block of a: its strips one after the other, then the other columns transposed. */
  private static void packLeft(
      Block block, int[] rows, int m, float[] a, int aAt, float[] left, int at) {
    int strips = strips(m);
    int narrow = narrow(m);
    copy(block, rows, strips, COLUMNS, a, aAt, m, left, at);
    int done = strips * COLUMNS;
    int end = at + strips * PITCH * block.rows;
    copy(block, rows, narrow, NARROW, a, aAt + done, m, left, end);
    done += narrow * NARROW;
    end += narrow * PITCH * block.rows;
    for (int p = 0; p < block.pieces; p++) {
      int from = aAt + rows[p] * m + done;
      transpose(block.counts[p], m - done, a, from, m, left, end, block.rows);
      end += block.counts[p];
    }
  }

  private static void copy(
      Block block,
      int[] rows,
      int strips,
      int columns,
      float[] a,
      int aAt,
      int aStride,
      float[] left,
      int at) {
    int next = block.rows * PITCH;
    for (int s = 0; s < strips; s += COPIED_STRIPS) {
      int some = Math.min(COPIED_STRIPS, strips - s);
      int to = at + s * next;
      for (int p = 0; p < block.pieces; p++) {
        int from = aAt + rows[p] * aStride + s * columns;
        Strips.copy(some, columns, block.counts[p], a, from, aStride, left, to, next);
        to += block.counts[p] * PITCH;
      }
    }
  }

  /** All m rows of c against the packed panels. */
  private static void panels(
      int k, int m, int columns, Scratch scratch, int leftAt, float[] c, int cAt, int cStride) {
    int whole = columns / PANEL;
    panels(k, m, 0, whole, scratch, leftAt, c, cAt, cStride);
    int width = columns - whole * PANEL;
    if (width > 0) {
      float[] last = scratch.last(m * PANEL);
      int at = cAt + whole * PANEL;
      Products.copy(m, width, c, at, cStride, last, 0, PANEL);
      panels(k, m, whole, whole + 1, scratch, leftAt, last, 0, PANEL);
      Products.copy(m, width, last, 0, PANEL, c, at, cStride);
    }
  }

  /**
   * Panels {@code [first, end)}, the first one's columns at {@code cAt}: a strip of the left rows
   * meets all of them before the next.
   */
  private static void panels(
      int k,
      int m,
      int first,
      int end,
      Scratch scratch,
      int leftAt,
      float[] c,
      int cAt,
      int cStride) {
    float[] left = scratch.left;
    float[] b = scratch.panels;
    int bAt = scratch.panelsAt;
    int next = (k + PANEL_GAP) * PANEL;
    int strips = strips(m);
    int all = strips + narrow(m);
    int a = leftAt;
    int to = cAt;
    for (int s = 0; s < all; s++) {
      int rows = s < strips ? COLUMNS : NARROW;
      for (int panel = first; panel < end; panel++) {
        strip(rows, k, left, a, b, bAt + panel * next, c, to + (panel - first) * PANEL, cStride);
      }
      a += PITCH * k;
      to += rows * cStride;
    }
    int rest = m - strips * COLUMNS - (all - strips) * NARROW;
    Products.rows(
        end - first,
        next,
        k,
        rest,
        c,
        to,
        cStride,
        left,
        a,
        k,
        b,
        bAt + first * next,
        c,
        to,
        cStride);
  }

  /** The packed panels' columns added to c, as a product with ones: the same bits. */
  private static void columnSums(int k, int columns, Scratch scratch, float[] c, int cAt) {
    float[] ones = scratch.ones;
    for (int from = 0; from < columns; from += PANEL) {
      int width = Math.min(PANEL, columns - from);
      int bAt = scratch.panelsAt + from * (k + PANEL_GAP);
      if (width == PANEL) {
        Tiles.rows1(1, 0, k, c, cAt + from, 0, ones, 0, 0, scratch.panels, bAt, c, cAt + from, 0);
      } else {
        System.arraycopy(c, cAt + from, scratch.tile, 0, width);
        Tiles.rows1(
            1, 0, k, scratch.tile, 0, 0, ones, 0, 0, scratch.panels, bAt, scratch.tile, 0, 0);
        System.arraycopy(scratch.tile, 0, c, cAt + from, width);
      }
    }
  }

  private static void strip(
      int rows, int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride) {
    if (!FEW_REGISTERS) {
      Strips.strip10(k, a, aAt, b, bAt, c, cAt, cStride);
    } else if (rows == 6) {
      Strips.strip6(k, a, aAt, b, bAt, c, cAt, cStride);
    } else {
      Strips.strip5(k, a, aAt, b, bAt, c, cAt, cStride);
    }
  }

  /**
   * Along the rows of b: panel by panel every row would be a cache line or two at a far stride,
   * which no prefetcher follows.
   */
  private static void pack(Block block, int n, float[] b, int bAt, int bStride, Scratch scratch) {
    int row = 0;
    int next = (block.rows + PANEL_GAP) * PANEL;
    for (int p = 0; p < block.pieces; p++) {
      int from = bAt + block.rights[p] * bStride;
      int to = scratch.panelsAt + row * PANEL;
      pack(block.counts[p], n, b, from, bStride, scratch.panels, to, next);
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
