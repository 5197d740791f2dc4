package dev.carousel.network;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * The specification of one layer. It says what is computed, not on what: sizes that follow from the
 * layer before it are worked out by the {@link Network}.
 */
public sealed interface Layer {

  /** A short name for summaries and error messages, such as {@code LSTM}. */
  String label();

  /** A table of vectors, one per token: {@code y = table[token]}. */
  record Embedding(int size, Initializer initializer) implements Layer {
    /**
     * @throws IllegalArgumentException if the size is not at least 1
     */
    public Embedding {
      requirePositive("embedding", "size", size);
      requireNonNull(initializer, "embedding layer: expected an initializer, got null");
    }

    @Override
    public String label() {
      return "Embedding";
    }
  }

  /**
   * A recurrent layer, run forward in time.
   *
   * @param inputWeights how {@code weight_ih} starts
   * @param recurrentWeights how {@code weight_hh} starts
   * @param biases how the biases start
   */
  record Recurrent(
      Cell cell,
      int hiddenSize,
      Initializer inputWeights,
      Initializer recurrentWeights,
      BiasInitializer biases)
      implements Layer {
    /**
     * @throws IllegalArgumentException if the hidden size is not at least 1, or the biases are
     *     chrono and the cell has no gates
     */
    public Recurrent {
      requirePositive(cell.kind(), "hidden size", hiddenSize);
      requireInitializers(inputWeights, recurrentWeights);
      requireGates(cell, biases);
    }

    /** With biases that start as usual. */
    public Recurrent(
        Cell cell, int hiddenSize, Initializer inputWeights, Initializer recurrentWeights) {
      this(cell, hiddenSize, inputWeights, recurrentWeights, new BiasInitializer.Standard());
    }

    /** Glorot input weights, orthogonal recurrent ones, biases that start as usual. */
    public Recurrent(Cell cell, int hiddenSize) {
      this(cell, hiddenSize, new Initializer.Glorot(), new Initializer.Orthogonal());
    }

    /** The same layer with biases that start so. */
    public Recurrent withBiases(BiasInitializer initializer) {
      return new Recurrent(cell, hiddenSize, inputWeights, recurrentWeights, initializer);
    }

    @Override
    public String label() {
      return describe(cell);
    }
  }

  /**
   * Two recurrent layers with weights of their own, one from the first step to the last and one
   * back (Schuster and Paliwal, 1997). Each sequence is reversed within its own length.
   */
  record Bidirectional(
      Cell cell,
      int hiddenSize,
      Merge merge,
      Initializer inputWeights,
      Initializer recurrentWeights,
      BiasInitializer biases)
      implements Layer {
    /** How the two directions become one output. */
    public enum Merge {
      /** {@code [forward, backward]}, twice the hidden size. */
      CONCATENATE,
      /** Their sum. */
      ADD,
      /** Half their sum. */
      MEAN
    }

    /**
     * @throws IllegalArgumentException if the hidden size is not at least 1, or the biases are
     *     chrono and the cell has no gates
     */
    public Bidirectional {
      requirePositive(cell.kind(), "hidden size", hiddenSize);
      requireNonNull(merge, "bidirectional layer: expected a merge, got null");
      requireInitializers(inputWeights, recurrentWeights);
      requireGates(cell, biases);
    }

    /** With biases that start as usual. */
    public Bidirectional(
        Cell cell,
        int hiddenSize,
        Merge merge,
        Initializer inputWeights,
        Initializer recurrentWeights) {
      this(cell, hiddenSize, merge, inputWeights, recurrentWeights, new BiasInitializer.Standard());
    }

    /** Glorot input weights, orthogonal recurrent ones, biases that start as usual. */
    public Bidirectional(Cell cell, int hiddenSize, Merge merge) {
      this(cell, hiddenSize, merge, new Initializer.Glorot(), new Initializer.Orthogonal());
    }

    /** The same layer with biases that start so. */
    public Bidirectional withBiases(BiasInitializer initializer) {
      return new Bidirectional(
          cell, hiddenSize, merge, inputWeights, recurrentWeights, initializer);
    }

    @Override
    public String label() {
      return "Bidirectional " + describe(cell);
    }
  }

  /** {@code y = f(W x + b)}, at every step or, behind a {@link Pool}, once per sequence. */
  record Dense(int size, Activation activation, Initializer initializer) implements Layer {
    /**
     * @throws IllegalArgumentException if the size is not at least 1
     */
    public Dense {
      requirePositive("dense", "size", size);
      requireNonNull(activation, "dense layer: expected an activation, got null");
      requireNonNull(initializer, "dense layer: expected an initializer, got null");
    }

    @Override
    public String label() {
      return activation == Activation.LINEAR
          ? "Dense"
          : "Dense (" + activation.name().toLowerCase(Locale.ROOT) + ")";
    }
  }

  /**
   * In training each value is dropped with probability {@code rate} and the others are divided by
   * {@code 1 - rate} (Srivastava et al., 2014); afterwards it does nothing. Every step has its own
   * mask.
   */
  record Dropout(float rate) implements Layer {
    /**
     * @throws IllegalArgumentException if the rate is not in [0, 1)
     */
    public Dropout {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("dropout: expected a rate in [0, 1), got " + rate);
      }
    }

    @Override
    public String label() {
      return "Dropout";
    }
  }

  /** Many steps become one vector per sequence. */
  record Pool(Kind kind) implements Layer {
    /**
     * @throws NullPointerException if it is not said which vector
     */
    public Pool {
      requireNonNull(kind, "pool: expected a kind, got null");
    }

    /** Which vector. */
    public enum Kind {
      /** The output at the sequence's own last step. */
      LAST,
      /** The mean over the sequence's steps. */
      MEAN,
      /** The largest value over the sequence's steps, for each feature. */
      MAX
    }

    @Override
    public String label() {
      return switch (kind) {
        case LAST -> "Last step";
        case MEAN -> "Mean over time";
        case MAX -> "Maximum over time";
      };
    }
  }

  private static String describe(Cell cell) {
    if (cell instanceof Cell.Gru gru) {
      return gru.reset() == Cell.Gru.Reset.AFTER ? "GRU (reset after)" : "GRU (reset before)";
    }
    if (cell instanceof Cell.Elman elman) {
      return "Elman (" + elman.activation().name().toLowerCase(Locale.ROOT) + ")";
    }
    return ((Cell.Lstm) cell).isPlain() ? "LSTM" : "LSTM (variant)";
  }

  private static void requireInitializers(Initializer inputWeights, Initializer recurrentWeights) {
    requireNonNull(inputWeights, "recurrent layer: expected an initializer, got null");
    requireNonNull(recurrentWeights, "recurrent layer: expected an initializer, got null");
  }

  private static void requireGates(Cell cell, BiasInitializer biases) {
    requireNonNull(biases, "recurrent layer: expected an initializer of biases, got null");
    if (cell instanceof Cell.Elman && biases instanceof BiasInitializer.Chrono) {
      throw new IllegalArgumentException(
          "elman layer: expected biases that start as usual, got chrono, which is for the gates of"
              + " an LSTM or GRU");
    }
  }

  private static void requirePositive(String layer, String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          layer + " layer: expected a " + what + " of at least 1, got " + value);
    }
  }
}
