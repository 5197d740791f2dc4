package dev.carousel.execution;

import java.util.Arrays;

/**
 * Which sequences run at which step, and where their vectors are.
 *
 * <p>Sequences are ordered by length, longest first, so that those still running at step t are the
 * first {@code rows(t)}. Nothing is stored for padding. The sequences are divided into parts of
 * neighbouring ones, each of about as many steps as the others; the vectors of one part lie
 * together:
 *
 * <pre>
 * part 0: step 0 of its sequences, step 1 of those that have one, ...
 * part 1: step 0 of its sequences, ...
 * </pre>
 *
 * <p>Were the vectors of one step together, the processor would, at the end of a part's rows, fetch
 * the next part's ahead of need, and take them from the core that is writing them: a product over
 * 32 rows took 30 us so, and 24 apart.
 *
 * <p>In which order sums over the vectors are made says a {@link SumOrder} of their own.
 *
 * <p>Mutable, so that a steady state allocates nothing; not thread-safe while {@link #set} runs.
 */
public final class Steps {
  private int[] lengths = {};
  private int[] rows = {};
  // numbers[t]: how many vectors come before step t.
  private int[] numbers = {};
  private int batchSize;
  private int timeSteps;
  private int total;
  private int parts;
  // Part p has the sequences [firstRows[p], firstRows[p + 1]).
  private int[] firstRows = {};
  private int[] owners = {};
  // offsets[p * timeSteps + t]: the vector of step t of part p's first sequence.
  private int[] offsets = {};
  private final SumOrder sums = new SumOrder(this);

  /** Empty until {@link #set}. */
  public Steps() {}

  /** As {@link #set} on a new object, in one part and one group. */
  public static Steps of(int... lengths) {
    Steps steps = new Steps();
    steps.set(lengths, lengths.length, 1, 1);
    return steps;
  }

  /**
   * Describes a batch.
   *
   * @param lengths of the sequences, descending, each at least 1; copied
   * @param batchSize how many of them count
   * @param parts into which they are divided, at least 1
   * @param groups whose gradients are summed apart, at least 1
   * @throws IllegalArgumentException if there is none, one is empty, or one is longer than the one
   *     before it
   */
  public void set(int[] lengths, int batchSize, int parts, int groups) {
    check(lengths, batchSize);
    this.batchSize = batchSize;
    this.timeSteps = lengths[0];
    this.parts = parts;
    if (this.lengths.length < batchSize) {
      this.lengths = new int[batchSize];
      owners = new int[batchSize];
    }
    System.arraycopy(lengths, 0, this.lengths, 0, batchSize);
    if (rows.length < timeSteps) {
      rows = new int[timeSteps];
      numbers = new int[timeSteps];
    }
    if (firstRows.length < parts + 1) {
      firstRows = new int[parts + 1];
    }
    int places = Math.multiplyExact(timeSteps, parts);
    if (offsets.length < places) {
      offsets = new int[places];
    }
    total = 0;
    int running = batchSize;
    for (int t = 0; t < timeSteps; t++) {
      while (lengths[running - 1] <= t) {
        running--;
      }
      rows[t] = running;
      numbers[t] = total;
      total = Math.addExact(total, running);
    }
    divide(parts, firstRows);
    place();
    sums.set(groups);
  }

  private static void check(int[] lengths, int batchSize) {
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
  }

  /** Where each of n shares begins: about as many steps in each, in whole sequences. */
  void divide(int n, int[] firsts) {
    int row = 0;
    long passed = 0;
    firsts[0] = 0;
    for (int p = 0; p < n; p++) {
      long wanted = (long) total * (p + 1) / n;
      while (row < batchSize && (p == n - 1 || passed + lengths[row] / 2 < wanted)) {
        passed += lengths[row];
        row++;
      }
      firsts[p + 1] = row;
    }
  }

  private void place() {
    int next = 0;
    for (int p = 0; p < parts; p++) {
      Arrays.fill(owners, firstRows[p], firstRows[p + 1], p);
      for (int t = 0; t < timeSteps; t++) {
        offsets[p * timeSteps + t] = next;
        next += rows(p, t);
      }
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
    return total;
  }

  /** How many steps sequences {@code [from, to)} have together. */
  int total(int from, int to) {
    int sum = 0;
    for (int r = from; r < to; r++) {
      sum += lengths[r];
    }
    return sum;
  }

  /** The number of steps of sequence r. */
  public int length(int r) {
    return lengths[r];
  }

  /** The number of sequences that have a step t. */
  public int rows(int t) {
    return rows[t];
  }

  /** Into how many parts the sequences are divided. */
  public int parts() {
    return parts;
  }

  /** Part p's first sequence; behind its last is that of part p + 1. */
  int firstRow(int part) {
    return firstRows[part];
  }

  /** How many of part p's sequences have a step t; they are its first ones. */
  int rows(int part, int t) {
    int from = firstRows[part];
    return Math.max(0, Math.min(firstRows[part + 1], rows[t]) - from);
  }

  /** Behind the last sequence of the part that sequence r is in. */
  int endOfPart(int r) {
    return firstRows[owners[r] + 1];
  }

  /** Where, from 0 to N - 1, the vector of step t of sequence r lies. */
  public int vector(int r, int t) {
    int part = owners[r];
    return offsets[part * timeSteps + t] + r - firstRows[part];
  }

  /** The number, from 0 to N - 1, of step t of sequence r in the order of time. */
  public int number(int r, int t) {
    return numbers[t] + r;
  }

  /**
   * The state row of sequence r after {@code steps} of its steps: the initial states are rows 0 to
   * B - 1, then the vectors follow.
   */
  public int stateRow(int r, int steps) {
    return steps == 0 ? r : batchSize + vector(r, steps - 1);
  }

  /** Into how many groups the sequences are divided for sums over their vectors. */
  public int groups() {
    return sums.groups();
  }

  /** In which order sums over the vectors are made, until the next batch. */
  SumOrder sums() {
    return sums;
  }

  /** Whether the parts are the groups, so that whoever has a part has all of a group. */
  boolean partsAreGroups() {
    return parts == groups() && parts > 1;
  }
}
