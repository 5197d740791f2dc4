package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.kernel.Kernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Input;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Steps by a team must give the bits of steps by one thread. */
public final class TeamSteps {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private static final int[] TEAMS = {1, 2, 3, 8};
  private static final int STEPS = 40;

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
    networks.add(
        Network.input(3).gru(7).lstm(257).meanOverTime().dense(1100, Activation.TANH).linear());
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
    float[] before = random(random, network.stateLayout().size(), 0.9f);
    float[] input = random(random, Math.max(1, inputSize(network)), 1f);
    List<float[]> expected = new ArrayList<>();
    NetworkPass alone = pass(compiled);
    RowRange row = RowRange.all(alone.steps());
    step(alone, before, input, () -> alone.forward(row), expected);
    for (int members : TEAMS) {
      try (Workers team = new Workers(members)) {
        NetworkPass together = pass(compiled);
        boolean can = members > 1 && members <= Runtime.getRuntime().availableProcessors();
        assertThat(together.divide(team)).as("divided").isEqualTo(divided && can);
        List<float[]> actual = new ArrayList<>();
        step(together, before, input, () -> stepAwake(together, team), actual);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i))
              .as("%s, %d members, state or output after step %d", kernel.name(), members, i / 2)
              .isEqualTo(expected.get(i));
        }
        actual.clear();
        step(together, before, input, together::step, actual);
        assertThat(actual.get(2 * STEPS - 1)).isEqualTo(expected.get(2 * STEPS - 1));
      }
    }
  }

  /** Who has just done something is not asleep. */
  private static void stepAwake(NetworkPass pass, Workers team) {
    team.run((worker, workers) -> {});
    pass.stepTogether();
  }

  /** Some steps of one sequence, and the state and the output after each. */
  private static void step(
      NetworkPass pass, float[] before, float[] input, Runnable step, List<float[]> after) {
    float[] state = before.clone();
    float[] changing = input.clone();
    for (int i = 0; i < STEPS; i++) {
      if (pass.inputs().width() == 0) {
        pass.tokens()[0] = i % 5;
      } else {
        changing[i % changing.length] += 0.125f;
        Activations x = pass.inputs();
        System.arraycopy(changing, 0, x.values(), x.index(0), x.width());
      }
      pass.loadState(0, state, 0);
      step.run();
      pass.storeState(0, 1, state, 0);
      after.add(state.clone());
      Activations y = pass.output();
      after.add(Arrays.copyOfRange(y.values(), y.index(0), y.index(0) + y.width()));
    }
  }

  private static int inputSize(Network network) {
    return network.input() instanceof Input.Features features ? features.size() : 0;
  }

  private static NetworkPass pass(CompiledNetwork compiled) {
    NetworkPass pass = NetworkPass.forSteps(compiled);
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
}
