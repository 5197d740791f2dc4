package dev.carousel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A kind of cell: how the tests make one with random weights, and its equations on a tape. */
record CellVariant(
    String name,
    Function<RandomArrays, CellReference> cell,
    BiFunction<ScalarTape, CellReference, TapeCell> onTape) {

  static final int INPUT_SIZE = 3;
  static final int HIDDEN_SIZE = 4;

  /**
   * Large enough that hard sigmoids saturate and clips take effect, small enough that gradients
   * live.
   */
  private static final double SCALE = 1.0;

  @Override
  public String toString() {
    return name;
  }

  static List<CellVariant> all() {
    List<CellVariant> variants = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      variants.add(elman(activation));
    }
    for (GruReference.Reset reset : GruReference.Reset.values()) {
      for (GateActivation activation : GateActivation.values()) {
        variants.add(gru(new GruReference.Options(reset, activation)));
      }
    }
    for (GateActivation activation : GateActivation.values()) {
      for (boolean coupled : new boolean[] {false, true}) {
        for (boolean peepholes : new boolean[] {false, true}) {
          for (double clip : new double[] {Double.POSITIVE_INFINITY, 0.4}) {
            variants.add(lstm(new LstmReference.Options(coupled, peepholes, clip, activation)));
          }
        }
      }
    }
    return variants;
  }

  /** Whether the loss has points without a derivative. */
  boolean hasKinks() {
    return name.contains("RELU") || name.contains("HARD") || name.contains("cellClip=0.4");
  }

  static CellVariant elman(Activation activation) {
    return new CellVariant(
        "Elman " + activation,
        random ->
            new ElmanReference(
                activation,
                random.matrix(INPUT_SIZE, HIDDEN_SIZE, SCALE),
                random.matrix(HIDDEN_SIZE, HIDDEN_SIZE, SCALE),
                random.vector(HIDDEN_SIZE, SCALE)),
        (tape, cell) -> TapeCell.elman(tape, cell, activation));
  }

  static CellVariant lstm(LstmReference.Options options) {
    int columns = options.gates() * HIDDEN_SIZE;
    int peepholes = options.peepholes() ? HIDDEN_SIZE : 0;
    return new CellVariant(
        "LSTM " + options,
        random ->
            new LstmReference(
                options,
                random.matrix(INPUT_SIZE, columns, SCALE),
                random.matrix(HIDDEN_SIZE, columns, SCALE),
                random.vector(columns, SCALE),
                random.vector(options.coupled() ? 0 : peepholes, SCALE),
                random.vector(peepholes, SCALE),
                random.vector(peepholes, SCALE)),
        (tape, cell) -> TapeCell.lstm(tape, cell, options));
  }

  static CellVariant gru(GruReference.Options options) {
    boolean after = options.reset() == GruReference.Reset.AFTER;
    return new CellVariant(
        "GRU " + options,
        random ->
            new GruReference(
                options,
                random.matrix(INPUT_SIZE, 3 * HIDDEN_SIZE, SCALE),
                random.matrix(HIDDEN_SIZE, 3 * HIDDEN_SIZE, SCALE),
                random.vector(3 * HIDDEN_SIZE, SCALE),
                random.vector(after ? HIDDEN_SIZE : 0, SCALE)),
        (tape, cell) -> TapeCell.gru(tape, cell, options));
  }
}
