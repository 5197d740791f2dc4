package dev.carousel.execution;

import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Input;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.List;

/** Networks that together have every layer and every cell, and random data for them. */
final class Cases {
  private Cases() {}

  /** Networks that can be run one step at a time: every cell, every other layer. */
  static List<Network> stepping() {
    List<Network> networks = new ArrayList<>();
    for (Cell cell : CellVariants.all()) {
      networks.add(
          Network.input(5)
              .recurrent(cell, 9)
              .dense(6, Activation.TANH)
              .recurrent(cell, 3)
              .linear());
    }
    for (Cell cell : CellVariants.all()) {
      // Fewer tokens than steps: what they have in common is computed once.
      networks.add(Network.tokens(4).embedding(3).recurrent(cell, 9).linear());
    }
    networks.addAll(wide());
    networks.add(Network.tokens(9).embedding(4).lstm(9).dropout(0.5).dense(3).softmax());
    networks.add(Network.input(5).lstm(7).meanOverTime().dense(4, Activation.SIGMOID).linear());
    networks.add(Network.input(5).gru(7).maxOverTime().dense(4, Activation.RELU).linear());
    networks.add(Network.input(5).elman(7).lastStep().dense(4).linear());
    networks.add(Network.tokens(9).embedding(70).maxOverTime().linear());
    return networks;
  }

  /** More gate columns than one worker's share of weight gradients. */
  static List<Network> wide() {
    return List.of(
        Network.input(5).recurrent(new Cell.Lstm().withPeepholes(), 70).linear(),
        Network.input(70).recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 70).linear(),
        Network.input(5).recurrent(new Cell.Gru(Cell.Gru.Reset.AFTER), 70).linear(),
        Network.input(5).lstm(40).dense(130).linear());
  }

  /** All of {@link #stepping}, and those that need the whole sequence. */
  static List<Network> all() {
    List<Network> networks = new ArrayList<>(stepping());
    for (Layer.Bidirectional.Merge merge : Layer.Bidirectional.Merge.values()) {
      networks.add(
          Network.input(5)
              .layer(new Layer.Bidirectional(new Cell.Lstm(), 9, merge))
              .layer(new Layer.Bidirectional(new Cell.Gru(Cell.Gru.Reset.AFTER), 4, merge))
              .lastStep()
              .linear());
      networks.add(
          Network.input(5).layer(new Layer.Bidirectional(new Cell.Lstm(), 9, merge)).linear());
    }
    networks.add(
        Network.tokens(4).embedding(3).bidirectional(new Cell.Lstm(), 9).lastStep().linear());
    networks.add(
        Network.tokens(4)
            .embedding(3)
            .bidirectional(new Cell.Gru(Cell.Gru.Reset.AFTER), 40)
            .linear());
    networks.add(Network.input(5).lstm(9).dropout(0.5).linear());
    networks.add(Network.tokens(9).embedding(5).linear());
    return networks;
  }

  /** Random inputs {@code [lengths.length][lengths[r]][features]}, or tokens as one feature. */
  static double[][][] inputs(Network network, int[] lengths, RandomArrays random) {
    if (network.input() instanceof Input.Features features) {
      return random.sequences(lengths, features.size(), 2);
    }
    int[][] symbols = random.symbols(lengths, ((Input.Tokens) network.input()).count());
    double[][][] inputs = new double[lengths.length][][];
    for (int r = 0; r < lengths.length; r++) {
      inputs[r] = new double[lengths[r]][];
      for (int t = 0; t < lengths[r]; t++) {
        inputs[r][t] = new double[] {symbols[r][t]};
      }
    }
    return inputs;
  }

  /** Random gradients of the outputs, in their shape. */
  static double[][][] outputGradients(Network network, int[] lengths, RandomArrays random) {
    int[] vectors = lengths.clone();
    if (!network.perStep()) {
      java.util.Arrays.fill(vectors, 1);
    }
    return random.sequences(vectors, network.outputSize(), 1);
  }

  /** Random states; what a pool has seen is a running sum or maximum and a number of steps. */
  static double[][] states(Network network, int count, RandomArrays random) {
    double[][] states = random.matrix(count, network.stateLayout().size(), 1);
    for (var slice : network.stateLayout().slices()) {
      if (slice.name().endsWith("steps")) {
        for (int r = 0; r < count; r++) {
          states[r][slice.offset()] = r;
        }
      }
    }
    return states;
  }
}
