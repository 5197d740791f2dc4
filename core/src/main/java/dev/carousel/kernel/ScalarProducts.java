package dev.carousel.kernel;

/**
 * The products of {@link ScalarKernel}: panels and blocks, in loops that the compiler vectorises.
 */
final class ScalarProducts {
  /** Columns of a panel of a packed operand. */
  static final int PANEL = 512;

  // Row pairs of a block of weight gradients: both operands' stay in the second-level cache.
  private static final int BLOCK = 128;
  // Rows of c for which rows of b are copied once: with eight the copies took a sixth of the time,
  // with 16 everything took 6 to 8 % longer, with 24 2 to 7 %, with 32 up to 8 % or 2 % less.
  private static final int ROWS = 20;
  // Links of a chain in one loop: four take 4 to 9 % longer.
  private static final int LINKS = 6;
  // Two rows of c in one loop read every value of b once for both: 88 instead of 56 GFLOP/s on JDK
  // 25. JDK 17 uses no SIMD registers for a loop that writes two arrays (14), nor for one of more
  // than six links.
  private static final boolean PAIRS = Runtime.version().feature() >= 25;

  private static final ThreadLocal<Copies> COPIES = ThreadLocal.withInitial(Copies::new);

  /**
   * Rows of b and c in arrays of their own. The compiler uses SIMD registers for a loop over arrays
   * at one index, but not at two places of what may be one array: 45 instead of 8 GFLOP/s.
   */
  private static final class Copies {
    final float[][] b = new float[LINKS][PANEL];
    final float[][] c = new float[ROWS][PANEL];
    // Where the rows of a block of weight gradients begin in both operands.
    final int[] lefts = new int[BLOCK];
    final int[] rights = new int[BLOCK];
  }

  private ScalarProducts() {}

  /** {@code c += a b}, of b only k rows from {@code row} on. */
  static void add(
      int m,
      float[] a,
      int aAt,
      int aStride,
      int k,
      PackedMatrix b,
      int row,
      float[] c,
      int cAt,
      int cStride) {
    PackedMatrix.Place place = b.place();
    for (int panel = 0; panel < b.panels(); panel++) {
      int column = panel * PANEL;
      int width = Math.min(PANEL, b.columns() - column);
      int bAt = place.origin() + b.panel(panel) + row * PANEL;
      int to = cAt + column;
      rows(k, m, width, a, aAt, aStride, place.data(), bAt, c, to, cStride);
    }
  }

  /** {@code c[r][j] += sum over p of a[r][p] b[p][j]} for {@code n <= PANEL} columns. */
  private static void rows(
      int k,
      int m,
      int n,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride) {
    Copies copies = COPIES.get();
    for (int r0 = 0; r0 < m; r0 += ROWS) {
      int count = Math.min(ROWS, m - r0);
      for (int r = 0; r < count; r++) {
        System.arraycopy(c, cAt + (r0 + r) * cStride, copies.c[r], 0, n);
      }
      int p = 0;
      int at = aAt + r0 * aStride;
      for (; p + LINKS <= k; p += LINKS) {
        for (int q = 0; q < LINKS; q++) {
          System.arraycopy(b, bAt + (p + q) * PANEL, copies.b[q], 0, n);
        }
        links(
            count,
            n,
            a,
            at + p,
            at + p + 1,
            at + p + 2,
            at + p + 3,
            at + p + 4,
            at + p + 5,
            aStride,
            copies);
      }
      for (; p < k; p++) {
        System.arraycopy(b, bAt + p * PANEL, copies.b[0], 0, n);
        link(count, n, a, at + p, aStride, copies);
      }
      for (int r = 0; r < count; r++) {
        System.arraycopy(copies.c[r], 0, c, cAt + (r0 + r) * cStride, n);
      }
    }
  }

  /**
   * Six links of the chain of every element of {@code count} rows of c, so that c is touched a
   * sixth as often; those of row r have the factors {@code a[a0 + r * step]} and so on.
   */
  private static void links(
      int count,
      int n,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int a4,
      int a5,
      int step,
      Copies copies) {
    float[][] b = copies.b;
    float[][] c = copies.c;
    int at = 0;
    int r = 0;
    if (PAIRS) {
      for (; r + 2 <= count; r += 2) {
        int next = at + step;
        pairLinks(
            n,
            a[a0 + at],
            a[a1 + at],
            a[a2 + at],
            a[a3 + at],
            a[a4 + at],
            a[a5 + at],
            a[a0 + next],
            a[a1 + next],
            a[a2 + next],
            a[a3 + next],
            a[a4 + next],
            a[a5 + next],
            b[0],
            b[1],
            b[2],
            b[3],
            b[4],
            b[5],
            c[r],
            c[r + 1]);
        at = next + step;
      }
    }
    for (; r < count; r++) {
      rowLinks(
          n,
          a[a0 + at],
          a[a1 + at],
          a[a2 + at],
          a[a3 + at],
          a[a4 + at],
          a[a5 + at],
          b[0],
          b[1],
          b[2],
          b[3],
          b[4],
          b[5],
          c[r]);
      at += step;
    }
  }

  private static void rowLinks(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float a4,
      float a5,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] b4,
      float[] b5,
      float[] c) {
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, b0[j], c[j]);
      sum = Math.fma(a1, b1[j], sum);
      sum = Math.fma(a2, b2[j], sum);
      sum = Math.fma(a3, b3[j], sum);
      sum = Math.fma(a4, b4[j], sum);
      c[j] = Math.fma(a5, b5[j], sum);
    }
  }

  private static void pairLinks(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float a4,
      float a5,
      float e0,
      float e1,
      float e2,
      float e3,
      float e4,
      float e5,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] b4,
      float[] b5,
      float[] c,
      float[] d) {
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, b0[j], c[j]);
      float other = Math.fma(e0, b0[j], d[j]);
      sum = Math.fma(a1, b1[j], sum);
      other = Math.fma(e1, b1[j], other);
      sum = Math.fma(a2, b2[j], sum);
      other = Math.fma(e2, b2[j], other);
      sum = Math.fma(a3, b3[j], sum);
      other = Math.fma(e3, b3[j], other);
      sum = Math.fma(a4, b4[j], sum);
      other = Math.fma(e4, b4[j], other);
      c[j] = Math.fma(a5, b5[j], sum);
      d[j] = Math.fma(e5, b5[j], other);
    }
  }

  private static void link(int count, int n, float[] a, int at, int step, Copies copies) {
    for (int r = 0; r < count; r++) {
      link(n, a[at + r * step], copies.b[0], copies.c[r]);
    }
  }

  private static void link(int n, float a, float[] b, float[] c) {
    for (int j = 0; j < n; j++) {
      c[j] = Math.fma(a, b[j], c[j]);
    }
  }

  /** {@code c += transpose(a) dz} over all pairs, with a's rows on the right or on the left. */
  static void addPairs(
      RowPairs pairs,
      boolean right,
      int n,
      float[] dz,
      int dzAt,
      int dzStride,
      int m,
      float[] a,
      int aAt,
      float[] c,
      int cAt,
      int cStride) {
    Copies copies = COPIES.get();
    int block = 0;
    for (int s = 0; s < pairs.stretches(); s++) {
      int left = right ? pairs.right(s) : pairs.left(s);
      for (int r = 0; r < pairs.count(s); r++) {
        copies.lefts[block] = aAt + (left + r) * m;
        copies.rights[block] = dzAt + (pairs.right(s) + r) * dzStride;
        block++;
        if (block == BLOCK) {
          addBlock(block, m, n, a, copies, dz, c, cAt, cStride);
          block = 0;
        }
      }
    }
    if (block > 0) {
      addBlock(block, m, n, a, copies, dz, c, cAt, cStride);
    }
  }

  /** {@code c[i][j] += sum over p of a[lefts[p] + i] b[rights[p] + j]}. */
  private static void addBlock(
      int k, int m, int n, float[] a, Copies copies, float[] b, float[] c, int cAt, int cStride) {
    for (int column = 0; column < n; column += PANEL) {
      int width = Math.min(PANEL, n - column);
      for (int r0 = 0; r0 < m; r0 += ROWS) {
        int count = Math.min(ROWS, m - r0);
        int to = cAt + r0 * cStride + column;
        for (int r = 0; r < count; r++) {
          System.arraycopy(c, to + r * cStride, copies.c[r], 0, width);
        }
        addBlockRows(k, r0, count, column, width, a, copies, b);
        for (int r = 0; r < count; r++) {
          System.arraycopy(copies.c[r], 0, c, to + r * cStride, width);
        }
      }
    }
  }

  private static void addBlockRows(
      int k, int first, int count, int column, int n, float[] a, Copies copies, float[] b) {
    int[] lefts = copies.lefts;
    int p = 0;
    for (; p + LINKS <= k; p += LINKS) {
      for (int q = 0; q < LINKS; q++) {
        System.arraycopy(b, copies.rights[p + q] + column, copies.b[q], 0, n);
      }
      int a0 = lefts[p] + first;
      int a1 = lefts[p + 1] + first;
      int a2 = lefts[p + 2] + first;
      int a3 = lefts[p + 3] + first;
      int a4 = lefts[p + 4] + first;
      int a5 = lefts[p + 5] + first;
      links(count, n, a, a0, a1, a2, a3, a4, a5, 1, copies);
    }
    for (; p < k; p++) {
      System.arraycopy(b, copies.rights[p] + column, copies.b[0], 0, n);
      link(count, n, a, lefts[p] + first, 1, copies);
    }
  }
}
