package dev.carousel.execution;

import org.jspecify.annotations.Nullable;

/**
 * The parts of a batch's rows, which the members of a team take one after the other; see {@link
 * Shares}. Allocates nothing once it has seen as many parts.
 */
public final class RowParts {
  private final int workers;
  private final Shares shares;
  private RowRange[] ranges = {};

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

  /** A part that nobody has taken; null if all are. */
  public @Nullable RowRange take(int worker) {
    int part = shares.take(worker);
    return part < 0 ? null : ranges[part];
  }
}
