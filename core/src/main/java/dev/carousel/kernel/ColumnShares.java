package dev.carousel.kernel;

/** Divides columns between threads, at multiples of {@link Kernel#columnAlignment}. */
public final class ColumnShares {
  private ColumnShares() {}

  /** Where a share of n columns begins; its end is where the next one begins, the last one's n. */
  public static int first(Kernel kernel, int n, int share, int shares) {
    long panels = most(kernel, n);
    return (int) Math.min(n, panels * share / shares * kernel.columnAlignment());
  }

  /** The most shares of n columns of which none is empty. */
  public static int most(Kernel kernel, int n) {
    return (n + kernel.columnAlignment() - 1) / kernel.columnAlignment();
  }
}
