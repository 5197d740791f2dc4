package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.kernel.Kernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Steps by a team must give the bits of steps by one thread. */
public final class TeamSteps {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private static final int[] TEAMS = {1, 2, 3, 8};

  private static final List<Cell> CELLS =
      List.of(
          new Cell.Elman(Activation.TANH),
          new Cell.Elman(Activation.RELU),
          new Cell.Lstm(),
          new Cell.Lstm(1f, true, false, 0.4f, GateActivation.HARD_SIGMOID_KERAS_2),
          new Cell.Lstm(1f, true, true, 0f, GateActivation.SIGMOID),
          new Cell.Gru(Cell.Gru.Reset.AFTER));

  private TeamSteps() {}

  /** Networks with a layer that is large enough, of sizes that no width of a panel divides. */
  public static List<Network> networks() {
    List<Network> networks = new ArrayList<>();
    for (Cell cell : CELLS) {
      int hiddenSize = cell instanceof Cell.Elman ? 513 : 301;
      networks.add(Network.input(9).recurrent(cell, hiddenSize).lastStep().dense(3).softmax());
    }
    Cell before = new Cell.Gru(Cell.Gru.Reset.BEFORE);
    networks.add(Network.input(9).recurrent(before, 301).dense(1001).softmax());
    networks.add(Network.tokens(5).embedding(33).lstm(257).dropout(0.5).gru(291).linear());
    networks.add(Network.input(3).gru(7).lstm(257).elman(11).dense(5).sigmoid());
    return networks;
  }

  /**
   * @param divided whether there is a layer to divide
   */
  public static void check(Network network, Kernel kernel, boolean divided) {
    RandomGenerator random = GENERATORS.create(3);
    float[] values = random(random, network.parameterLayout().size(), 0.1f);
    CompiledNetwork compiled = new CompiledNetwork(new Parameters(network, values), kernel);
    compiled.pack();
    NetworkPass alone = pass(compiled);
    RowRange row = RowRange.all(alone.steps());
    int size = network.stateLayout().size();
    for (int members : TEAMS) {
      float[][] expected = {random(random, size, 0.9f), random(random, size, 0.9f)};
      float[][] states = {expected[0].clone(), expected[1].clone()};
      try (Workers team = new Workers(members)) {
        NetworkPass together = pass(compiled);
        assertThat(together.divide(team)).as("divided").isEqualTo(divided && members > 1);
        for (int step = 0; divided && members > 1 && step < 8; step++) {
          int sequence = step % 2;
          input(network, alone, together, random, step);
          alone.loadState(0, expected[sequence], 0);
          alone.forward(row);
          alone.storeState(0, 1, expected[sequence], 0);
          together.step(states[sequence], team);
          String what = kernel.name() + ", " + members + " members, step " + step;
          assertThat(states[sequence]).as(what + ", state").isEqualTo(expected[sequence]);
          assertThat(output(together)).as(what + ", output").isEqualTo(output(alone));
        }
      }
    }
  }

  private static NetworkPass pass(CompiledNetwork compiled) {
    NetworkPass pass = NetworkPass.forInference(compiled);
    pass.reserve(new int[] {1}, 1, 1);
    return pass;
  }

  private static float[] random(RandomGenerator random, int size, float scale) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat(-scale, scale);
    }
    return values;
  }

  private static void input(
      Network network, NetworkPass alone, NetworkPass together, RandomGenerator random, int step) {
    if (network.layers().get(0) instanceof Layer.Embedding) {
      alone.tokens()[0] = step % 5;
      together.tokens()[0] = step % 5;
      return;
    }
    int size = alone.inputs().width();
    float[] x = random(random, size, 1f);
    System.arraycopy(x, 0, alone.inputs().values(), alone.inputs().index(0), size);
    System.arraycopy(x, 0, together.inputs().values(), together.inputs().index(0), size);
  }

  private static float[] output(NetworkPass pass) {
    float[] y = new float[pass.output().width()];
    System.arraycopy(pass.output().values(), pass.output().index(0), y, 0, y.length);
    return y;
  }
}
