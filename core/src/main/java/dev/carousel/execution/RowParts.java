package dev.carousel.execution;

import java.util.function.Consumer;

/**
 * The parts of a batch's rows, which the members of a team take one after the other; see {@link
 * Shares}. Allocates nothing once it has seen as many parts.
 */
public final class RowParts {
  private final int workers;
  private final Shares shares;
  private RowRange[] ranges = {};

  /** For so many workers. */
  public RowParts(int workers) {
    this.workers = workers;
    this.shares = new Shares(workers);
  }

  /** Offers all parts of a batch. */
  public void set(Steps steps) {
    int parts = steps.parts();
    if (ranges.length < parts) {
      ranges = RowRange.empty(parts);
    }
    for (int p = 0; p < parts; p++) {
      ranges[p].set(steps, p);
    }
    shares.set(parts, workers);
  }

  /** Does a member's share of the work: on one part after the other, until all are taken. */
  public void each(int worker, Consumer<RowRange> work) {
    for (int part = shares.take(worker); part >= 0; part = shares.take(worker)) {
      work.accept(ranges[part]);
    }
  }
}
