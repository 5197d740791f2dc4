package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import dev.carousel.kernel.Stretch;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * In which order the gradients of weights, which are sums over all vectors of a batch, are made.
 *
 * <p>The sequences are divided into groups: a sum is made for each, then they are added up in their
 * order. Whoever made the vectors of a group finds them in its own caches. The steps of a group are
 * divided into windows, of no more vectors than a near cache holds; the last one is summed first,
 * so that whoever goes back through a group can add up a window when it is through it. A sum over
 * one group of all sequences is made in the order of time. The groups must depend on nothing but
 * the network and the lengths; then no bit depends on the parts of {@link Steps}.
 *
 * <p>Mutable, so that a steady state allocates nothing; not thread-safe while {@link #set} runs,
 * nor are the windows of one group.
 */
final class SumOrder {
  /** At most so many vectors are in a window, unless it is of one step. */
  static final int WINDOW = 256;

  private final Steps steps;
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

  /** Of vectors that lie as {@code steps} says; empty until {@link #set}. */
  SumOrder(Steps steps) {
    this.steps = steps;
  }

  /**
   * Orders the vectors of the batch that the steps describe now.
   *
   * @param groups at least 1
   */
  void set(int groups) {
    this.groups = groups;
    if (group.length < groups) {
      groupRows = new int[groups + 1];
      group = Stream.generate(Group::new).limit(groups).toArray(Group[]::new);
    }
    // At each step a boundary between groups cuts at most one part in two.
    int most = Math.multiplyExact(steps.timeSteps(), steps.parts() + groups - 1);
    if (starts.length < most) {
      starts = new int[most];
      befores = new int[most];
      counts = new int[most];
    }
    int mostWindows = Math.multiplyExact(steps.timeSteps(), groups);
    if (firstSteps.length < mostWindows) {
      firstSteps = new int[mostWindows];
      firstStretches = new int[mostWindows + 1];
    }
    steps.divide(groups, groupRows);
    order();
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
      for (int end = to > from ? steps.length(from) : 0; end > 0; end -= size) {
        int begin = Math.max(0, end - size);
        int first = stretches;
        firstStretches[windows] = first;
        firstSteps[windows] = begin;
        windows++;
        for (int t = begin; t < end; t++) {
          order(first, t, from, Math.min(to, steps.rows(t)));
        }
      }
      firstStretches[windows] = stretches;
      group[g].set(g, from, to, firstWindow, windows);
    }
    all.set(-1, 0, steps.batchSize(), 0, windows);
  }

  private int windowSteps(int sequences) {
    return groups == 1 ? steps.timeSteps() : Math.max(1, WINDOW / Math.max(1, sequences));
  }

  /** Step t of sequences {@code [from, to)}; from stretch {@code first} on they may be joined. */
  private void order(int first, int t, int from, int to) {
    for (int row = from; row < to; ) {
      int count = Math.min(to, steps.endOfPart(row)) - row;
      int start = steps.vector(row, t);
      int before = steps.stateRow(row, t);
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

  /** How many there are. */
  int groups() {
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
    private final Stretch sequences = new Stretch();
    private final Stretches vectors = new Stretches(false);
    private final Stretches transitions = new Stretches(true);
    private final Window window = new Window();
    private int number;
    private int from;
    private int to;
    private int firstWindow;
    private int endWindow;

    private void set(int number, int from, int to, int firstWindow, int endWindow) {
      this.number = number;
      this.from = from;
      this.to = to;
      sequences.set(from, to - from);
      this.firstWindow = firstWindow;
      this.endWindow = endWindow;
      vectors.set(firstStretches[firstWindow], firstStretches[endWindow]);
      transitions.set(firstStretches[firstWindow], firstStretches[endWindow]);
    }

    /** Which of the groups it is; -1 of all together. */
    int number() {
      return number;
    }

    /** Its first sequence. */
    int from() {
      return from;
    }

    /** Behind its last sequence. */
    int to() {
      return to;
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
        end = last ? steps.length(from) : firstSteps[window - 1];
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
