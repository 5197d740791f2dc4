package dev.carousel.execution;

/**
 * Which sequences run at which step: sequences are ordered by length, longest first, so that those
 * still running at step t are the first {@code rows(t)}. The vectors of one step follow each other
 * in memory, and the steps follow each other: vector {@code offset(t) + r} belongs to step t of
 * sequence r. Nothing is stored for padding.
 *
 * <p>Mutable, so that a steady state allocates nothing; not thread-safe while {@link #set} runs.
 */
public final class Steps {
  private int[] lengths = {};
  private int[] rows = {};
  private int[] offsets = {0};
  private int batchSize;
  private int timeSteps;

  /** Empty until {@link #set}. */
  public Steps() {}

  /** As {@link #set(int[], int)} on a new object. */
  public static Steps of(int... lengths) {
    Steps steps = new Steps();
    steps.set(lengths, lengths.length);
    return steps;
  }

  /**
   * Describes a batch.
   *
   * @param lengths of the sequences, descending, each at least 1; copied
   * @param batchSize how many of them count
   * @throws IllegalArgumentException if there is none, one is empty, or one is longer than the one
   *     before it
   */
  public void set(int[] lengths, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch: expected at least 1 sequence, got " + batchSize);
    }
    for (int r = 0; r < batchSize; r++) {
      if (lengths[r] < 1) {
        throw new IllegalArgumentException(
            "batch: expected sequences of at least 1 step, got " + lengths[r] + " in row " + r);
      }
      if (r > 0 && lengths[r] > lengths[r - 1]) {
        throw new IllegalArgumentException(
            "batch: expected the longest sequences first, got "
                + lengths[r]
                + " steps in row "
                + r
                + " behind "
                + lengths[r - 1]);
      }
    }
    this.batchSize = batchSize;
    this.timeSteps = lengths[0];
    if (this.lengths.length < batchSize) {
      this.lengths = new int[batchSize];
    }
    System.arraycopy(lengths, 0, this.lengths, 0, batchSize);
    if (rows.length < timeSteps) {
      rows = new int[timeSteps];
      offsets = new int[timeSteps + 1];
    }
    int running = batchSize;
    for (int t = 0; t < timeSteps; t++) {
      while (lengths[running - 1] <= t) {
        running--;
      }
      rows[t] = running;
      offsets[t + 1] = Math.addExact(offsets[t], running);
    }
  }

  /** The number of sequences, B. */
  public int batchSize() {
    return batchSize;
  }

  /** The length of the longest sequence. */
  public int timeSteps() {
    return timeSteps;
  }

  /** The steps of all sequences together, N. */
  public int total() {
    return offsets[timeSteps];
  }

  /** The number of steps of sequence r. */
  public int length(int r) {
    return lengths[r];
  }

  /** The number of sequences that have a step t. */
  public int rows(int t) {
    return rows[t];
  }

  /** The packed index of step t of sequence 0. */
  public int offset(int t) {
    return offsets[t];
  }

  /**
   * The state row (the initial states are rows 0 to B - 1, then the packed steps follow) of
   * sequence 0 before step t.
   */
  public int previous(int t) {
    return t == 0 ? 0 : batchSize + offsets[t - 1];
  }

  /** The state row of sequence r after {@code steps} of its steps. */
  public int stateRow(int r, int steps) {
    return steps == 0 ? r : batchSize + offsets[steps - 1] + r;
  }
}
