package dev.carousel.execution;

import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.testkit.CellReference;
import dev.carousel.testkit.ElmanReference;
import dev.carousel.testkit.GruReference;
import dev.carousel.testkit.LstmReference;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.List;

/** Every cell that can be specified, and the reference for each, with random weights. */
public final class CellVariants {
  /** Small enough to act on the cells of {@link #reference}. */
  public static final float CLIP = 0.4f;

  private CellVariants() {}

  /** The two Elman cells, the LSTM with every combination of its options, the two GRUs. */
  public static List<Cell> all() {
    List<Cell> cells = new ArrayList<>();
    cells.add(new Cell.Elman(Activation.TANH));
    cells.add(new Cell.Elman(Activation.RELU));
    for (GateActivation activation : GateActivation.values()) {
      for (boolean peepholes : new boolean[] {false, true}) {
        for (boolean coupled : new boolean[] {false, true}) {
          for (float clip : new float[] {0f, CLIP}) {
            cells.add(new Cell.Lstm(1f, peepholes, coupled, clip, activation));
          }
        }
      }
    }
    cells.add(new Cell.Gru(Cell.Gru.Reset.BEFORE));
    cells.add(new Cell.Gru(Cell.Gru.Reset.AFTER));
    return cells;
  }

  /**
   * The reference of a cell. The weights are large enough that hard sigmoids saturate and clips
   * act, small enough that gradients live.
   */
  public static CellReference reference(
      Cell spec, int inputSize, int hiddenSize, RandomArrays random) {
    double scale = 3 / Math.sqrt(inputSize + hiddenSize);
    int width = spec.gates().size() * hiddenSize;
    double[][] weightIh = random.matrix(inputSize, width, scale);
    double[][] weightHh = random.matrix(hiddenSize, width, scale);
    double[] bias = random.vector(width, 1);
    if (spec instanceof Cell.Elman elman) {
      return new ElmanReference(
          elman.activation() == Activation.TANH
              ? dev.carousel.testkit.Activation.TANH
              : dev.carousel.testkit.Activation.RELU,
          weightIh,
          weightHh,
          bias);
    }
    if (spec instanceof Cell.Gru gru) {
      boolean after = gru.reset() == Cell.Gru.Reset.AFTER;
      return new GruReference(
          after ? GruReference.Options.resetAfter() : GruReference.Options.resetBefore(),
          weightIh,
          weightHh,
          bias,
          random.vector(after ? hiddenSize : 0, 1));
    }
    Cell.Lstm lstm = (Cell.Lstm) spec;
    int peepholes = lstm.peepholes() ? hiddenSize : 0;
    return new LstmReference(
        options(lstm),
        weightIh,
        weightHh,
        bias,
        random.vector(lstm.coupledInputForget() ? 0 : peepholes, 1),
        random.vector(peepholes, 1),
        random.vector(peepholes, 1));
  }

  private static LstmReference.Options options(Cell.Lstm lstm) {
    return new LstmReference.Options(
        lstm.coupledInputForget(),
        lstm.peepholes(),
        lstm.cellClip() == 0 ? Double.POSITIVE_INFINITY : lstm.cellClip(),
        switch (lstm.gateActivation()) {
          case SIGMOID -> dev.carousel.testkit.GateActivation.SIGMOID;
          case HARD_SIGMOID_KERAS_2 -> dev.carousel.testkit.GateActivation.HARD_SIGMOID_02;
          case HARD_SIGMOID_KERAS_3 -> dev.carousel.testkit.GateActivation.HARD_SIGMOID_6;
        });
  }
}
