package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

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
 * <p>For the gradients of weights, which are sums over all vectors, the sequences are divided once
 * more, into groups: the sum of each is made in the order of time, then those of the groups are
 * added up in their order. Whoever made the vectors of a group finds them in its own caches. The
 * groups must depend on nothing but the network and the lengths; then no bit depends on the parts.
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
  private int groups;
  // Group g has the sequences [groupRows[g], groupRows[g + 1]).
  private int[] groupRows = {};
  private Group[] group = {};
  private final Group all = new Group();
  private int stretches;
  private int[] starts = {};
  private int[] befores = {};
  private int[] counts = {};

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
    this.groups = groups;
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
    if (group.length < groups) {
      groupRows = new int[groups + 1];
      group = Stream.generate(Group::new).limit(groups).toArray(Group[]::new);
    }
    int places = Math.multiplyExact(timeSteps, parts);
    if (offsets.length < places) {
      offsets = new int[places];
    }
    // At each step a boundary between groups cuts at most one part in two.
    int most = Math.multiplyExact(timeSteps, parts + groups - 1);
    if (starts.length < most) {
      starts = new int[most];
      befores = new int[most];
      counts = new int[most];
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
    divide(groups, groupRows);
    place();
    order();
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
  private void divide(int n, int[] firsts) {
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

  /**
   * The vectors, group by group and in each in the order of time, those together that follow each
   * other in memory.
   */
  private void order() {
    stretches = 0;
    for (int g = 0; g < groups; g++) {
      int first = stretches;
      for (int t = 0; t < timeSteps; t++) {
        order(first, t, groupRows[g], Math.min(groupRows[g + 1], rows[t]));
      }
      group[g].set(groupRows[g], groupRows[g + 1], first, stretches);
    }
    all.set(0, batchSize, 0, stretches);
  }

  /** Step t of sequences {@code [from, to)}; from stretch {@code first} on they may be joined. */
  private void order(int first, int t, int from, int to) {
    for (int row = from; row < to; ) {
      int part = owners[row];
      int count = Math.min(to, firstRows[part + 1]) - row;
      int start = vector(row, t);
      int before = stateRow(row, t);
      int last = stretches - 1;
      if (last >= first
          && starts[last] + counts[last] == start
          && befores[last] + counts[last] == before) {
        counts[last] += count;
      } else {
        starts[stretches] = start;
        befores[stretches] = before;
        counts[stretches] = count;
        stretches++;
      }
      row += count;
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
    return groups;
  }

  /**
   * Group g, until the next batch.
   *
   * @throws IndexOutOfBoundsException if this batch has not so many
   */
  Group group(int g) {
    return group[Objects.checkIndex(g, groups)];
  }

  /** All sequences, and their vectors group by group. */
  Group all() {
    return all;
  }

  /** Neighbouring sequences: over what, and in which order, sums are made. */
  final class Group {
    private final RowPairs vectors = new Stretches(false);
    private final RowPairs transitions = new Stretches(true);
    private final RowPairs sequences = new OnePerSequence();
    private int from;
    private int to;
    private int firstStretch;
    private int endStretch;

    private void set(int from, int to, int firstStretch, int endStretch) {
      this.from = from;
      this.to = to;
      this.firstStretch = firstStretch;
      this.endStretch = endStretch;
    }

    /** Its vectors in the order of time, on both sides. */
    RowPairs vectors() {
      return vectors;
    }

    /** Left the state rows before its vectors, right the vectors; in the order of time. */
    RowPairs transitions() {
      return transitions;
    }

    /** What there is one of per sequence: one stretch. */
    RowPairs sequences() {
      return sequences;
    }

    private final class OnePerSequence implements RowPairs {
      @Override
      public int stretches() {
        return from == to ? 0 : 1;
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
        return to - from;
      }
    }

    private final class Stretches implements RowPairs {
      private final boolean fromStates;

      Stretches(boolean fromStates) {
        this.fromStates = fromStates;
      }

      @Override
      public int stretches() {
        return endStretch - firstStretch;
      }

      @Override
      public int left(int stretch) {
        return (fromStates ? befores : starts)[firstStretch + stretch];
      }

      @Override
      public int right(int stretch) {
        return starts[firstStretch + stretch];
      }

      @Override
      public int count(int stretch) {
        return counts[firstStretch + stretch];
      }
    }
  }
}
