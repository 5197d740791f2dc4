package dev.carousel.execution;

/**
 * The sequences {@code [from, to)} of a batch, which are taken through all the steps together;
 * their vectors lie together.
 */
public final class RowRange {
  private int part;
  private int from;
  private int to;
  private int start;
  private int count;

  /** Empty until {@link #set}. */
  public RowRange() {}

  /**
   * All rows of a batch.
   *
   * @throws IllegalArgumentException if they are in several parts
   */
  public static RowRange all(Steps steps) {
    if (steps.parts() != 1) {
      throw new IllegalArgumentException(
          "rows: expected a batch in one part, got one in " + steps.parts());
    }
    RowRange range = new RowRange();
    range.set(steps, 0);
    return range;
  }

  /** So many empty ranges. */
  static RowRange[] empty(int count) {
    RowRange[] ranges = new RowRange[count];
    for (int i = 0; i < count; i++) {
      ranges[i] = new RowRange();
    }
    return ranges;
  }

  /** Makes this one part of the rows. */
  public void set(Steps steps, int part) {
    this.part = part;
    from = steps.firstRow(part);
    to = steps.firstRow(part + 1);
    count = 0;
    for (int r = from; r < to; r++) {
      count += steps.length(r);
    }
    start = from < to ? steps.vector(from, 0) : 0;
  }

  /**
   * Makes this the first rows of a batch.
   *
   * @throws IllegalArgumentException if it has not so many, or more than one step: the vectors of
   *     some rows are apart then
   */
  public void setFirst(Steps steps, int rows) {
    if (steps.timeSteps() != 1 || rows > steps.batchSize()) {
      throw new IllegalArgumentException(
          "rows: expected a batch of 1 step and at least "
              + rows
              + " rows, got one of "
              + steps.timeSteps()
              + " and "
              + steps.batchSize());
    }
    part = 0;
    from = 0;
    to = rows;
    start = 0;
    count = rows;
  }

  /** Which part of the batch it is. */
  public int part() {
    return part;
  }

  /** The first sequence. */
  public int from() {
    return from;
  }

  /** Behind the last sequence. */
  public int to() {
    return to;
  }

  /** How many sequences of this range have a step t; they are the first ones. */
  public int count(Steps steps, int t) {
    return Math.max(0, Math.min(to, steps.rows(t)) - from);
  }

  /** The first vector of its sequences. */
  public int start() {
    return start;
  }

  /** The number of vectors of its sequences. */
  public int count() {
    return count;
  }
}
