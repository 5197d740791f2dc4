package dev.carousel.execution;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;

/**
 * Some sequences of a data set, ordered by length, and a window of their steps, laid out for a
 * {@link NetworkPass}.
 *
 * <p>Use: {@link #select}, then for each window {@link #window} by one thread and {@link #fill} by
 * several on disjoint rows. Reusing the object allocates nothing once it has seen the largest
 * batch.
 */
public final class Batch {
  private final Sequences source;
  private final Targets targets;
  private long[] order = {};
  private int[] sequences = {};
  private int[] lengths = {};
  private int size;
  private int from;

  /** Of a data set; empty until sequences are selected. */
  public Batch(Sequences source) {
    this.source = source;
    this.targets = source.targets();
  }

  /** Where the sequences come from. */
  public Sequences source() {
    return source;
  }

  /**
   * Chooses {@code count} sequences, {@code indices[at]} on, and orders them by length; equal
   * lengths keep their order.
   */
  public void select(int[] indices, int at, int count) {
    size = count;
    if (order.length < count) {
      order = new long[count];
      sequences = new int[count];
      lengths = new int[count];
    }
    for (int i = 0; i < count; i++) {
      order[i] = (long) -source.length(indices[at + i]) << 32 | i;
    }
    sort(order, count);
    for (int r = 0; r < count; r++) {
      sequences[r] = indices[at + (int) order[r]];
    }
  }

  /**
   * Ascending, by Shell's method. {@code Arrays.sort} of JDK 25 allocates an array for every
   * partition it makes.
   */
  private static void sort(long[] values, int count) {
    int gap = 1;
    while (gap < count / 3) {
      gap = 3 * gap + 1;
    }
    for (; gap > 0; gap /= 3) {
      for (int i = gap; i < count; i++) {
        long value = values[i];
        int to = i;
        for (; to >= gap && values[to - gap] > value; to -= gap) {
          values[to] = values[to - gap];
        }
        values[to] = value;
      }
    }
  }

  /** The number of sequences chosen. */
  public int size() {
    return size;
  }

  /** The number, in the data set, of the sequence in row r. */
  public int sequence(int r) {
    return sequences[r];
  }

  /** The length of the longest sequence chosen. */
  public int longest() {
    return source.length(sequences[0]);
  }

  /**
   * Opens the window of at most {@code steps} steps from step {@code from} on, for the sequences
   * that are longer than {@code from}: they are the first rows.
   *
   * @param workers that will run it, part by part
   */
  public void window(NetworkPass pass, int from, int steps, int workers) {
    this.from = from;
    int rows = 0;
    while (rows < size && source.length(sequences[rows]) > from) {
      lengths[rows] = Math.min(steps, source.length(sequences[rows]) - from);
      rows++;
    }
    pass.reserve(lengths, rows, workers);
  }

  /** Copies the inputs of a part of the rows into the pass. */
  public void fill(NetworkPass pass, RowRange range) {
    Steps steps = pass.steps();
    if (source.hasTokens()) {
      int[] tokens = pass.tokens();
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = 0; t < steps.length(r); t++) {
          tokens[steps.vector(r, t)] = source.token(sequences[r], from + t);
        }
      }
      return;
    }
    Activations inputs = pass.inputs();
    for (int r = range.from(); r < range.to(); r++) {
      for (int t = 0; t < steps.length(r); t++) {
        int to = inputs.index(steps.vector(r, t));
        source.copyFeatures(sequences[r], from + t, inputs.values(), to);
      }
    }
  }

  /**
   * The wanted class of step t of the window in row r, or {@link Targets#MASKED}; t is ignored for
   * one per sequence.
   */
  public int targetClass(int r, int t) {
    if (targets instanceof Targets.StepClasses classes) {
      return classes.of(position(r, t));
    }
    return ((Targets.Classes) targets).of(sequences[r]);
  }

  /**
   * Copies the wanted values of step t of the window in row r; t is ignored for one vector per
   * sequence.
   */
  public void targetValues(int r, int t, float[] to, int at) {
    if (targets instanceof Targets.StepValues values) {
      values.copy(position(r, t), to, at);
    } else {
      ((Targets.Values) targets).copy(sequences[r], to, at);
    }
  }

  /**
   * How much step t of the window in row r counts: 0 if it is masked, else 1 or the weight the data
   * gives it.
   */
  public float targetWeight(int r, int t) {
    if (targets instanceof Targets.StepValues values) {
      return values.weight(position(r, t));
    }
    if (targets instanceof Targets.StepClasses classes) {
      return classes.of(position(r, t)) == Targets.MASKED ? 0f : 1f;
    }
    return 1f;
  }

  private int position(int r, int t) {
    return source.start(sequences[r]) + from + t;
  }
}
