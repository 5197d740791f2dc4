package dev.carousel.kernel;

/**
 * Neighbouring rows, the same ones on both sides. Mutable, so that a steady state allocates
 * nothing.
 */
public final class Stretch implements RowPairs {
  private int from;
  private int count;

  /** Empty until {@link #set}. */
  public Stretch() {}

  /** Makes these the rows {@code [from, from + count)}. */
  public Stretch set(int from, int count) {
    this.from = from;
    this.count = count;
    return this;
  }

  @Override
  public int stretches() {
    return count == 0 ? 0 : 1;
  }

  @Override
  public int left(int stretch) {
    return from;
  }

  @Override
  public int right(int stretch) {
    return from;
  }

  @Override
  public int count(int stretch) {
    return count;
  }
}
