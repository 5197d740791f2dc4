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
 * more, into groups: a sum is made for each, then they are added up in their order. Whoever made
 * the vectors of a group finds them in its own caches. The steps of a group are divided into
 * windows, of no more vectors than a near cache holds; the last one is summed first, so that
 * whoever goes back through a group can add up a window when it is through it. A sum over one group
 * of all sequences is made in the order of time. The groups must depend on nothing but the network
 * and the lengths; then no bit depends on the parts.
 *
 * <p>Mutable, so that a steady state allocates nothing; not thread-safe while {@link #set} runs,
 * nor are the windows of one group.
 */
public final class Steps {
  /** At most so many vectors are in a window, unless it is of one step. */
  static final int WINDOW = 256;

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
  // Of all groups, one behind the other.
  private int windows;
  // Window w has the stretches [firstStretches[w], firstStretches[w + 1]) and begins with step
  // firstSteps[w] of its group.
  private int[] firstStretches = {};
  private int[] firstSteps = {};
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
    int mostWindows = Math.multiplyExact(timeSteps, groups);
    if (firstSteps.length < mostWindows) {
      firstSteps = new int[mostWindows];
      firstStretches = new int[mostWindows + 1];
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
   * The vectors, group by group and window by window, in each in the order of time, those together
   * that follow each other in memory.
   */
  private void order() {
    stretches = 0;
    windows = 0;
    for (int g = 0; g < groups; g++) {
      int from = groupRows[g];
      int to = groupRows[g + 1];
      int firstWindow = windows;
      int size = windowSteps(to - from);
      for (int end = to > from ? lengths[from] : 0; end > 0; end -= size) {
        int begin = Math.max(0, end - size);
        int first = stretches;
        firstStretches[windows] = first;
        firstSteps[windows] = begin;
        windows++;
        for (int t = begin; t < end; t++) {
          order(first, t, from, Math.min(to, rows[t]));
        }
      }
      firstStretches[windows] = stretches;
      group[g].set(from, to, firstWindow, windows);
    }
    all.set(0, batchSize, 0, windows);
  }

  private int windowSteps(int sequences) {
    return groups == 1 ? timeSteps : Math.max(1, WINDOW / Math.max(1, sequences));
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

  /** Whether the parts are the groups, so that whoever has a part has all of a group. */
  boolean partsAreGroups() {
    return parts == groups && groups > 1;
  }

  /** Neighbouring sequences: over what, and in which order, sums are made. */
  final class Group {
    private final RowPairs sequences = new OnePerSequence();
    private final Stretches vectors = new Stretches(false);
    private final Stretches transitions = new Stretches(true);
    private final Window window = new Window();
    private int from;
    private int to;
    private int firstWindow;
    private int endWindow;

    private void set(int from, int to, int firstWindow, int endWindow) {
      this.from = from;
      this.to = to;
      this.firstWindow = firstWindow;
      this.endWindow = endWindow;
      vectors.set(firstStretches[firstWindow], firstStretches[endWindow]);
      transitions.set(firstStretches[firstWindow], firstStretches[endWindow]);
    }

    /** Its vectors in the order of the sums, on both sides. */
    RowPairs vectors() {
      return vectors;
    }

    /** Left the state rows before its vectors, right the vectors; in the order of the sums. */
    RowPairs transitions() {
      return transitions;
    }

    /** What there is one of per sequence: one stretch. */
    RowPairs sequences() {
      return sequences;
    }

    /** How many windows it has; the first is that of its last steps. */
    int windows() {
      return endWindow - firstWindow;
    }

    /**
     * Window w, until the next is asked for.
     *
     * @throws IndexOutOfBoundsException if it has not so many
     * @throws IllegalStateException of {@link #all}, whose windows are those of several groups
     */
    Window window(int w) {
      if (this == all) {
        throw new IllegalStateException("windows: expected one group, got all of them");
      }
      window.set(firstWindow + Objects.checkIndex(w, windows()), w == 0);
      return window;
    }

    /** Neighbouring steps of the group's sequences. */
    final class Window {
      private final Stretches vectors = new Stretches(false);
      private final Stretches transitions = new Stretches(true);
      private int begin;
      private int end;

      private void set(int window, boolean last) {
        begin = firstSteps[window];
        end = last ? lengths[from] : firstSteps[window - 1];
        vectors.set(firstStretches[window], firstStretches[window + 1]);
        transitions.set(firstStretches[window], firstStretches[window + 1]);
      }

      /** Its first step. */
      int begin() {
        return begin;
      }

      /** Behind its last step. */
      int end() {
        return end;
      }

      /** The number of its vectors. */
      int count() {
        int count = 0;
        for (int s = 0; s < vectors.stretches(); s++) {
          count += vectors.count(s);
        }
        return count;
      }

      /** As {@link Group#vectors}. */
      RowPairs vectors() {
        return vectors;
      }

      /** As {@link Group#transitions}. */
      RowPairs transitions() {
        return transitions;
      }
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
  }

  private final class Stretches implements RowPairs {
    private final boolean fromStates;
    private int first;
    private int end;

    Stretches(boolean fromStates) {
      this.fromStates = fromStates;
    }

    void set(int first, int end) {
      this.first = first;
      this.end = end;
    }

    @Override
    public int stretches() {
      return end - first;
    }

    @Override
    public int left(int stretch) {
      return (fromStates ? befores : starts)[first + stretch];
    }

    @Override
    public int right(int stretch) {
      return starts[first + stretch];
    }

    @Override
    public int count(int stretch) {
      return counts[first + stretch];
    }
  }
}
