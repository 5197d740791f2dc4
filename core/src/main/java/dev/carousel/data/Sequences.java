package dev.carousel.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Many sequences of differing length, each a row of feature vectors or a row of tokens, with the
 * targets they belong to.
 *
 * <p>Storage is flat: the steps of sequence 0, then those of sequence 1 and so on, no padding. Step
 * t of sequence i stands at position {@code start(i) + t}; features are [totalSteps, inputSize]
 * row-major, tokens [totalSteps].
 *
 * <p>Immutable and safe to share between threads: what is passed in is copied, and nothing that can
 * be written to is handed out. The accessors allocate nothing.
 */
public final class Sequences {
  private static final float[] NO_FEATURES = {};
  private static final int[] NO_TOKENS = {};

  private final int[] starts;
  private final int inputSize;
  private final float[] features;
  private final int tokenCount;
  private final int[] tokens;
  private final Targets targets;

  private Sequences(
      int[] starts,
      int inputSize,
      float[] features,
      int tokenCount,
      int[] tokens,
      Targets targets) {
    targets.checkFits(starts.length - 1, starts[starts.length - 1]);
    this.starts = starts;
    this.inputSize = inputSize;
    this.features = features;
    this.tokenCount = tokenCount;
    this.tokens = tokens;
    this.targets = targets;
  }

  /**
   * Sequences of tokens.
   *
   * @param sequences each of at least one token, each token in [0, tokenCount)
   * @param tokenCount size of the vocabulary, at least 1
   * @param targets for these sequences
   * @throws InvalidDataException if a sequence is empty (naming its index), a token is out of range
   *     or targets do not fit
   */
  public static Sequences ofTokens(List<int[]> sequences, int tokenCount, Targets targets) {
    int[] lengths = new int[sequences.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = sequences.get(i).length;
    }
    int[] starts = starts(lengths);
    int[] tokens = new int[starts[lengths.length]];
    for (int i = 0; i < lengths.length; i++) {
      System.arraycopy(sequences.get(i), 0, tokens, starts[i], lengths[i]);
    }
    return ownedTokens(tokens, starts, tokenCount, targets);
  }

  /**
   * Sequences of tokens that already stand one after the other.
   *
   * @param tokens [totalSteps], each in [0, tokenCount); copied
   * @param lengths of the sequences, each at least 1; their sum is totalSteps
   * @param tokenCount size of the vocabulary, at least 1
   * @param targets for these sequences
   * @throws InvalidDataException if a sequence is empty (naming its index), a token is out of
   *     range, the lengths do not add up or the targets do not fit
   */
  public static Sequences ofTokens(int[] tokens, int[] lengths, int tokenCount, Targets targets) {
    int[] starts = starts(lengths);
    checkTotal("tokens", tokens.length, starts[lengths.length]);
    return ownedTokens(tokens.clone(), starts, tokenCount, targets);
  }

  /**
   * Sequences of feature vectors.
   *
   * @param sequences each [steps][inputSize] with at least one step; every value finite
   * @param inputSize features of a step, at least 1
   * @param targets for these sequences
   * @throws InvalidDataException if a sequence is empty (naming its index), a step has another
   *     number of features, a value is not finite or the targets do not fit
   */
  public static Sequences ofFeatures(List<float[][]> sequences, int inputSize, Targets targets) {
    int[] lengths = new int[sequences.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = sequences.get(i).length;
    }
    int[] starts = starts(lengths);
    checkInputSize(inputSize);
    float[] features = new float[checkedArea(starts[lengths.length], inputSize)];
    int at = 0;
    for (int i = 0; i < lengths.length; i++) {
      float[][] sequence = sequences.get(i);
      for (int t = 0; t < sequence.length; t++) {
        if (sequence[t].length != inputSize) {
          throw new InvalidDataException(
              "sequence "
                  + i
                  + ", step "
                  + t
                  + ": expected "
                  + inputSize
                  + " features (the input size), got "
                  + sequence[t].length);
        }
        System.arraycopy(sequence[t], 0, features, at, inputSize);
        at += inputSize;
      }
    }
    return ownedFeatures(features, starts, inputSize, targets);
  }

  /**
   * Sequences of feature vectors that already stand one after the other.
   *
   * @param features [totalSteps, inputSize] row-major, every value finite; copied
   * @param lengths of the sequences in steps, each at least 1; their sum is totalSteps
   * @param inputSize features of a step, at least 1
   * @param targets for these sequences
   * @throws InvalidDataException if a sequence is empty (naming its index), a value is not finite,
   *     the lengths do not add up or the targets do not fit
   */
  public static Sequences ofFeatures(
      float[] features, int[] lengths, int inputSize, Targets targets) {
    int[] starts = starts(lengths);
    checkInputSize(inputSize);
    checkTotal("features", features.length, checkedArea(starts[lengths.length], inputSize));
    return ownedFeatures(features.clone(), starts, inputSize, targets);
  }

  /**
   * Cuts one stream of tokens into {@code batchSize} contiguous tracks of {@code floor((n - 1) /
   * batchSize)} steps for stateful language models: track b continues where its previous window
   * ended. The target of a step is the next token of the stream ({@link Targets.StepClasses}); the
   * up to {@code batchSize - 1} tokens at the end that fill no step of all tracks are left out.
   *
   * @param stream n tokens, each in [0, tokenCount)
   * @param tokenCount size of the vocabulary
   * @param batchSize number of tracks, at least 1
   * @throws InvalidDataException if the stream holds fewer than batchSize + 1 tokens or a token is
   *     out of range
   */
  public static Sequences tracks(int[] stream, int tokenCount, int batchSize) {
    if (batchSize < 1) {
      throw new InvalidDataException("batch size: expected at least 1 track, got " + batchSize);
    }
    int steps = (stream.length - 1) / batchSize;
    if (steps < 1) {
      throw new InvalidDataException(
          "token stream: expected at least "
              + (batchSize + 1L)
              + " tokens (batch size "
              + batchSize
              + " and one to predict), got "
              + stream.length);
    }
    int[] lengths = new int[batchSize];
    Arrays.fill(lengths, steps);
    int used = steps * batchSize;
    Targets next = new Targets.StepClasses(Arrays.copyOfRange(stream, 1, used + 1), tokenCount);
    return ownedTokens(Arrays.copyOf(stream, used), starts(lengths), tokenCount, next);
  }

  /** Takes the array without copying it. */
  static Sequences ownedTokens(int[] tokens, int[] starts, int tokenCount, Targets targets) {
    if (tokenCount < 1) {
      throw new InvalidDataException("token count: expected at least 1, got " + tokenCount);
    }
    int sequence = 0;
    for (int step = 0; step < tokens.length; step++) {
      while (step >= starts[sequence + 1]) {
        sequence++;
      }
      if (tokens[step] < 0 || tokens[step] >= tokenCount) {
        throw new InvalidDataException(
            "sequence "
                + sequence
                + ", step "
                + (step - starts[sequence])
                + ": expected a token from 0 to "
                + (tokenCount - 1)
                + " (the vocabulary has "
                + tokenCount
                + "), got "
                + tokens[step]);
      }
    }
    return new Sequences(starts, 0, NO_FEATURES, tokenCount, tokens, targets);
  }

  /** Takes the array without copying it. */
  static Sequences ownedFeatures(float[] features, int[] starts, int inputSize, Targets targets) {
    for (int k = 0; k < features.length; k++) {
      if (!Float.isFinite(features[k])) {
        int step = k / inputSize;
        int found = Arrays.binarySearch(starts, step);
        int sequence = found >= 0 ? found : -found - 2;
        throw new InvalidDataException(
            "sequence "
                + sequence
                + ", step "
                + (step - starts[sequence])
                + ", feature "
                + k % inputSize
                + ": expected a finite number, got "
                + features[k]);
      }
    }
    return new Sequences(starts, inputSize, features, 0, NO_TOKENS, targets);
  }

  /** Returns the offset of every sequence and, last, the total number of steps. */
  static int[] starts(int[] lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1) {
        throw new InvalidDataException(
            "sequence " + i + ": expected at least 1 step, got " + lengths[i]);
      }
      long end = (long) starts[i] + lengths[i];
      if (end > Integer.MAX_VALUE) {
        throw new InvalidDataException(
            "sequences: expected at most "
                + Integer.MAX_VALUE
                + " steps in all, got more at sequence "
                + i);
      }
      starts[i + 1] = (int) end;
    }
    return starts;
  }

  static int checkedArea(int rows, int width) {
    long area = (long) rows * width;
    if (area > Integer.MAX_VALUE - 8) {
      throw new InvalidDataException(
          "sequences: expected at most "
              + (Integer.MAX_VALUE - 8)
              + " numbers in all, got "
              + rows
              + " rows of "
              + width);
    }
    return (int) area;
  }

  private static void checkInputSize(int inputSize) {
    if (inputSize < 1) {
      throw new InvalidDataException("input size: expected at least 1 feature, got " + inputSize);
    }
  }

  private static void checkTotal(String what, int got, int expected) {
    if (got != expected) {
      throw new InvalidDataException(
          what + ": expected " + expected + " (the sum of the lengths), got " + got);
    }
  }

  /** Returns the number of sequences, 0 or more. */
  public int size() {
    return starts.length - 1;
  }

  /** Returns the number of steps of a sequence, at least 1. */
  public int length(int sequence) {
    return starts[sequence + 1] - starts[sequence];
  }

  /** Returns the position of the first step of a sequence in the flat storage, in steps. */
  public int start(int sequence) {
    return starts[sequence];
  }

  /** Returns the number of steps of all sequences. */
  public int totalSteps() {
    return starts[starts.length - 1];
  }

  /** Returns the number of steps of the longest sequence, 0 if there is none. */
  public int longest() {
    int longest = 0;
    for (int i = 0; i < size(); i++) {
      longest = Math.max(longest, length(i));
    }
    return longest;
  }

  /** Returns whether the steps are tokens rather than feature vectors. */
  public boolean hasTokens() {
    return tokenCount > 0;
  }

  /** Returns the number of features of a step, 0 if the steps are tokens. */
  public int inputSize() {
    return inputSize;
  }

  /** Returns the size of the vocabulary, 0 if the steps are feature vectors. */
  public int tokenCount() {
    return tokenCount;
  }

  /** Returns the targets. */
  public Targets targets() {
    return targets;
  }

  /**
   * Returns a token.
   *
   * @throws IndexOutOfBoundsException if there is no such step, or the steps are feature vectors
   */
  public int token(int sequence, int step) {
    return tokens[position(sequence, step)];
  }

  /**
   * Copies the features of one step to {@code to[at .. at + inputSize)}.
   *
   * @throws IndexOutOfBoundsException if there is no such step, or {@code to} is too short
   */
  public void copyFeatures(int sequence, int step, float[] to, int at) {
    System.arraycopy(features, position(sequence, step) * inputSize, to, at, inputSize);
  }

  /**
   * Copies the features of {@code steps} consecutive steps to {@code to[at .. at + steps *
   * inputSize)}, row-major.
   *
   * @throws IndexOutOfBoundsException if there is no such step, or {@code to} is too short
   */
  public void copyFeatures(int sequence, int step, int steps, float[] to, int at) {
    Objects.checkFromIndexSize(step, steps, length(sequence));
    System.arraycopy(features, (starts[sequence] + step) * inputSize, to, at, steps * inputSize);
  }

  /**
   * Returns the chosen sequences with their targets, in the given order; an index may repeat.
   *
   * @param indices each in [0, size)
   * @throws InvalidDataException if an index is out of range
   */
  public Sequences select(int[] indices) {
    for (int k = 0; k < indices.length; k++) {
      if (indices[k] < 0 || indices[k] >= size()) {
        throw new InvalidDataException(
            "index "
                + k
                + ": expected a sequence from 0 to "
                + (size() - 1)
                + ", got "
                + indices[k]);
      }
    }
    int[] lengths = new int[indices.length];
    for (int k = 0; k < indices.length; k++) {
      lengths[k] = length(indices[k]);
    }
    int[] chosen = starts(lengths);
    int total = chosen[indices.length];
    Targets chosenTargets = targets.select(this, indices);
    if (hasTokens()) {
      int[] copy = new int[total];
      for (int k = 0; k < indices.length; k++) {
        System.arraycopy(tokens, starts[indices[k]], copy, chosen[k], lengths[k]);
      }
      return new Sequences(chosen, 0, NO_FEATURES, tokenCount, copy, chosenTargets);
    }
    float[] copy = new float[checkedArea(total, inputSize)];
    for (int k = 0; k < indices.length; k++) {
      System.arraycopy(
          features,
          starts[indices[k]] * inputSize,
          copy,
          chosen[k] * inputSize,
          lengths[k] * inputSize);
    }
    return new Sequences(chosen, inputSize, copy, 0, NO_TOKENS, chosenTargets);
  }

  /**
   * Returns the same sequences with other targets.
   *
   * @throws InvalidDataException if the targets do not fit
   */
  public Sequences withTargets(Targets other) {
    return new Sequences(starts, inputSize, features, tokenCount, tokens, other);
  }

  /** Returns the same sequences with other features, taken without copying. */
  Sequences withOwnedFeatures(float[] other) {
    return ownedFeatures(other, starts, inputSize, targets);
  }

  /** Returns the number of steps of the chosen sequences together. */
  int totalSteps(int[] indices) {
    long total = 0;
    for (int i : indices) {
      total += length(i);
    }
    if (total > Integer.MAX_VALUE) {
      throw new InvalidDataException(
          "sequences: expected at most " + Integer.MAX_VALUE + " steps in all, got " + total);
    }
    return (int) total;
  }

  private int position(int sequence, int step) {
    return starts[sequence] + Objects.checkIndex(step, length(sequence));
  }
}
