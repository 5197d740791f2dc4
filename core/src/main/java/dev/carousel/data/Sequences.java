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

  private final Offsets offsets;
  private final int inputSize;
  private final float[] features;
  private final int tokenCount;
  private final int[] tokens;
  private final Targets targets;

  private Sequences(
      Offsets offsets,
      int inputSize,
      float[] features,
      int tokenCount,
      int[] tokens,
      Targets targets) {
    targets.checkFits(offsets.count(), offsets.total());
    this.offsets = offsets;
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
    Offsets offsets = Offsets.of(lengths);
    int[] tokens = new int[offsets.total()];
    for (int i = 0; i < lengths.length; i++) {
      System.arraycopy(sequences.get(i), 0, tokens, offsets.start(i), lengths[i]);
    }
    return ownedTokens(tokens, offsets, tokenCount, targets);
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
    Offsets offsets = Offsets.of(lengths);
    checkTotal("tokens", tokens.length, offsets.total());
    return ownedTokens(tokens.clone(), offsets, tokenCount, targets);
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
    Offsets offsets = Offsets.of(lengths);
    checkInputSize(inputSize);
    float[] features = new float[Offsets.checkedArea(offsets.total(), inputSize)];
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
    return ownedFeatures(features, offsets, inputSize, targets);
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
    Offsets offsets = Offsets.of(lengths);
    checkInputSize(inputSize);
    checkTotal("features", features.length, Offsets.checkedArea(offsets.total(), inputSize));
    return ownedFeatures(features.clone(), offsets, inputSize, targets);
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
    int used = steps * batchSize;
    Targets next = new Targets.StepClasses(Arrays.copyOfRange(stream, 1, used + 1), tokenCount);
    return ownedTokens(Arrays.copyOf(stream, used), Offsets.of(batchSize, steps), tokenCount, next);
  }

  /** Takes the array without copying it. */
  static Sequences ownedTokens(int[] tokens, Offsets offsets, int tokenCount, Targets targets) {
    if (tokenCount < 1) {
      throw new InvalidDataException("token count: expected at least 1, got " + tokenCount);
    }
    for (int step = 0; step < tokens.length; step++) {
      if (tokens[step] < 0 || tokens[step] >= tokenCount) {
        throw new InvalidDataException(
            offsets.name(step)
                + ": expected a token from 0 to "
                + (tokenCount - 1)
                + " (the vocabulary has "
                + tokenCount
                + "), got "
                + tokens[step]);
      }
    }
    return new Sequences(offsets, 0, NO_FEATURES, tokenCount, tokens, targets);
  }

  /** Takes the array without copying it. */
  static Sequences ownedFeatures(
      float[] features, Offsets offsets, int inputSize, Targets targets) {
    for (int k = 0; k < features.length; k++) {
      if (!Float.isFinite(features[k])) {
        throw new InvalidDataException(
            offsets.name(k / inputSize)
                + ", feature "
                + k % inputSize
                + ": expected a finite number, got "
                + features[k]);
      }
    }
    return new Sequences(offsets, inputSize, features, 0, NO_TOKENS, targets);
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
    return offsets.count();
  }

  /** Returns the number of steps of a sequence, at least 1. */
  public int length(int sequence) {
    return offsets.length(sequence);
  }

  /** Returns the position of the first step of a sequence in the flat storage, in steps. */
  public int start(int sequence) {
    return offsets.start(sequence);
  }

  /** Returns the number of steps of all sequences. */
  public int totalSteps() {
    return offsets.total();
  }

  /** Returns the number of steps of the longest sequence, 0 if there is none. */
  public int longest() {
    return offsets.longest();
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
    return tokens[offsets.position(sequence, step)];
  }

  /**
   * Copies the features of one step to {@code to[at .. at + inputSize)}.
   *
   * @throws IndexOutOfBoundsException if there is no such step, or {@code to} is too short
   */
  public void copyFeatures(int sequence, int step, float[] to, int at) {
    System.arraycopy(features, offsets.position(sequence, step) * inputSize, to, at, inputSize);
  }

  /**
   * Copies the features of {@code steps} consecutive steps to {@code to[at .. at + steps *
   * inputSize)}, row-major.
   *
   * @throws IndexOutOfBoundsException if there is no such step, or {@code to} is too short
   */
  public void copyFeatures(int sequence, int step, int steps, float[] to, int at) {
    Objects.checkFromIndexSize(step, steps, length(sequence));
    System.arraycopy(features, (start(sequence) + step) * inputSize, to, at, steps * inputSize);
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
    Offsets chosen = offsets.select(indices);
    int total = chosen.total();
    Targets chosenTargets = targets.select(this, indices);
    if (hasTokens()) {
      int[] copy = new int[total];
      for (int k = 0; k < indices.length; k++) {
        System.arraycopy(tokens, start(indices[k]), copy, chosen.start(k), chosen.length(k));
      }
      return new Sequences(chosen, 0, NO_FEATURES, tokenCount, copy, chosenTargets);
    }
    float[] copy = new float[Offsets.checkedArea(total, inputSize)];
    for (int k = 0; k < indices.length; k++) {
      System.arraycopy(
          features,
          start(indices[k]) * inputSize,
          copy,
          chosen.start(k) * inputSize,
          chosen.length(k) * inputSize);
    }
    return new Sequences(chosen, inputSize, copy, 0, NO_TOKENS, chosenTargets);
  }

  /**
   * Returns the same sequences with other targets.
   *
   * @throws InvalidDataException if the targets do not fit
   */
  public Sequences withTargets(Targets other) {
    return new Sequences(offsets, inputSize, features, tokenCount, tokens, other);
  }

  /** Returns the same sequences with other features, taken without copying. */
  Sequences withOwnedFeatures(float[] other) {
    return ownedFeatures(other, offsets, inputSize, targets);
  }

  /** Returns the number of steps of the chosen sequences together. */
  int totalSteps(int[] indices) {
    return offsets.select(indices).total();
  }
}
