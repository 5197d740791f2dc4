package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Head;
import dev.carousel.network.Network;
import dev.carousel.network.Seeds;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Small ragged data sets and every kind of cell, the same on every Java: only {@link Seeds} draws.
 */
public final class SmallProblems {
  /** Features of a step. */
  public static final int INPUTS = 5;

  /** Classes, or values of a target. */
  public static final int OUTPUTS = 3;

  private SmallProblems() {}

  /** Every cell kind by name, each variant apart and the LSTM's together. */
  public static Map<String, Cell> cells() {
    Map<String, Cell> cells = new LinkedHashMap<>();
    cells.put("elman tanh", new Cell.Elman(Activation.TANH));
    cells.put("elman relu", new Cell.Elman(Activation.RELU));
    cells.put("lstm", new Cell.Lstm());
    cells.put("lstm peepholes", new Cell.Lstm().withPeepholes());
    cells.put("lstm coupled", new Cell.Lstm().withCoupledInputForget());
    cells.put("lstm clip", new Cell.Lstm().withCellClip(0.25));
    cells.put(
        "lstm hard sigmoid 2",
        new Cell.Lstm().withGateActivation(GateActivation.HARD_SIGMOID_KERAS_2));
    cells.put(
        "lstm hard sigmoid 3",
        new Cell.Lstm().withGateActivation(GateActivation.HARD_SIGMOID_KERAS_3));
    cells.put(
        "lstm all variants",
        new Cell.Lstm().withPeepholes().withCoupledInputForget().withCellClip(0.5));
    cells.put("gru after", new Cell.Gru(Cell.Gru.Reset.AFTER));
    cells.put("gru before", new Cell.Gru(Cell.Gru.Reset.BEFORE));
    return cells;
  }

  /** Lengths from 1 to 9, in an order that is neither rising nor falling. */
  public static int[] lengths(int count) {
    int[] pattern = {7, 1, 5, 9, 3, 4, 8, 2, 6, 5, 5};
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      lengths[i] = pattern[i % pattern.length];
    }
    return lengths;
  }

  /** Sequences of features that fit the network, with targets for its head and its outputs. */
  public static Sequences fitting(Network network, int count, long seed) {
    return fitting(network, lengths(count), seed);
  }

  /** As {@link #fitting(Network, int, long)} with these lengths. */
  public static Sequences fitting(Network network, int[] lengths, long seed) {
    RandomGenerator random = Seeds.of(seed, Seeds.Purpose.SAMPLING);
    int steps = 0;
    for (int length : lengths) {
      steps += length;
    }
    int rows = network.perStep() ? steps : lengths.length;
    Targets targets = targets(network, rows, random);
    if (network.input() instanceof dev.carousel.network.Input.Tokens tokens) {
      int[] symbols = new int[steps];
      for (int i = 0; i < steps; i++) {
        symbols[i] = Seeds.below(random, tokens.count());
      }
      return Sequences.ofTokens(symbols, lengths, tokens.count(), targets);
    }
    int size = ((dev.carousel.network.Input.Features) network.input()).size();
    return Sequences.ofFeatures(values(random, steps * size), lengths, size, targets);
  }

  /** The same inputs with every step and target in place, cut to the first {@code steps} steps. */
  public static float[] values(RandomGenerator random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * Seeds.uniform(random) - 1;
    }
    return values;
  }

  private static Targets targets(Network network, int rows, RandomGenerator random) {
    int size = network.outputSize();
    if (network.head() == Head.SOFTMAX) {
      int[] classes = new int[rows];
      for (int i = 0; i < rows; i++) {
        classes[i] = network.perStep() && i % 7 == 3 ? Targets.MASKED : Seeds.below(random, size);
      }
      return network.perStep()
          ? new Targets.StepClasses(classes, size)
          : new Targets.Classes(classes, size);
    }
    float[] values = values(random, rows * size);
    if (network.head() == Head.SIGMOID) {
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] > 0 ? 1 : 0;
      }
    }
    if (!network.perStep()) {
      return new Targets.Values(values, size);
    }
    float[] mask = new float[rows];
    for (int i = 0; i < rows; i++) {
      mask[i] = i % 7 == 3 ? 0 : i % 3 == 1 ? 0.5f : 1;
    }
    return new Targets.StepValues(values, size, mask);
  }
}
