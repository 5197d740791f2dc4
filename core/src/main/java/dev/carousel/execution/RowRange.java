package dev.carousel.execution;

import dev.carousel.kernel.Segments;

/**
 * The sequences {@code [from, to)} of a batch, which one worker takes through all the steps.
 *
 * <p>Work that does not depend on the step before runs over segments: stretches of packed vectors
 * that belong to the range without a gap. With one worker the whole window is one segment.
 */
public final class RowRange implements Segments {
  private int from;
  private int to;
  private int segments;
  private int[] starts = {};
  private int[] counts = {};
  private final Segments sequences = new Sequences();

  /** Empty until {@link #set}. */
  public RowRange() {}

  /** All rows of a batch. */
  public static RowRange all(Steps steps) {
    RowRange range = new RowRange();
    range.set(steps, 0, 1);
    return range;
  }

  /** An empty range for each worker. */
  public static RowRange[] forWorkers(int workers) {
    RowRange[] ranges = new RowRange[workers];
    for (int w = 0; w < workers; w++) {
      ranges[w] = new RowRange();
    }
    return ranges;
  }

  /**
   * Makes this worker w's share of the rows: as many steps as possible in each share, in whole
   * rows.
   */
  public void set(Steps steps, int worker, int workers) {
    from = boundary(steps, worker, workers);
    to = boundary(steps, worker + 1, workers);
    if (starts.length < steps.timeSteps()) {
      starts = new int[steps.timeSteps()];
      counts = new int[steps.timeSteps()];
    }
    segments = 0;
    for (int t = 0; t < steps.timeSteps(); t++) {
      int count = count(steps, t);
      if (count == 0) {
        break;
      }
      int start = steps.offset(t) + from;
      if (segments > 0 && starts[segments - 1] + counts[segments - 1] == start) {
        counts[segments - 1] += count;
      } else {
        starts[segments] = start;
        counts[segments] = count;
        segments++;
      }
    }
  }

  private static int boundary(Steps steps, int worker, int workers) {
    if (worker == 0) {
      return 0;
    }
    if (worker == workers) {
      return steps.batchSize();
    }
    long wanted = (long) steps.total() * worker / workers;
    long passed = 0;
    int row = 0;
    while (row < steps.batchSize() && passed + steps.length(row) / 2 < wanted) {
      passed += steps.length(row);
      row++;
    }
    return row;
  }

  /** The sequences themselves as rows: one segment, for what there is one of per sequence. */
  Segments sequences() {
    return sequences;
  }

  private final class Sequences implements Segments {
    @Override
    public int segments() {
      return from < to ? 1 : 0;
    }

    @Override
    public int start(int segment) {
      return from;
    }

    @Override
    public int count(int segment) {
      return to - from;
    }
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

  /** The number of segments of packed vectors. */
  @Override
  public int segments() {
    return segments;
  }

  /** The first packed vector of a segment. */
  @Override
  public int start(int segment) {
    return starts[segment];
  }

  /** The number of packed vectors of a segment. */
  @Override
  public int count(int segment) {
    return counts[segment];
  }
}
