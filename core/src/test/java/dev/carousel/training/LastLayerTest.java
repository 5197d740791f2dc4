package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Head;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the last layer is, the head does not disturb it: a dense layer with the identity between
 * them changes no score, no gradient and no state.
 */
class LastLayerTest {
  private static final int SIZE = 3;
  private static final int[] LENGTHS = {9, 7, 7, 2, 1};
  private static final int[] ALL = {0, 1, 2, 3, 4};

  private record Case(Layer last, Head head, boolean perStep) {
    Network network(boolean withIdentity) {
      Network.Builder builder = Network.input(5).elman(4);
      if (!perStep) {
        builder = builder.lastStep();
      }
      builder = builder.layer(last);
      return (withIdentity ? builder.dense(SIZE) : builder).head(head);
    }
  }

  static Stream<Case> cases() {
    List<Layer> perStep = new ArrayList<>();
    for (Cell cell :
        List.of(
            new Cell.Elman(Activation.TANH),
            new Cell.Elman(Activation.RELU),
            new Cell.Lstm(),
            new Cell.Lstm().withPeepholes(),
            new Cell.Gru(Cell.Gru.Reset.BEFORE),
            new Cell.Gru(Cell.Gru.Reset.AFTER))) {
      perStep.add(new Layer.Recurrent(cell, SIZE));
      perStep.add(new Layer.Bidirectional(cell, SIZE, Layer.Bidirectional.Merge.ADD));
    }
    List<Case> cases = new ArrayList<>();
    for (Head head : Head.values()) {
      perStep.forEach(layer -> cases.add(new Case(layer, head, true)));
      for (Activation activation : Activation.values()) {
        Layer dense =
            new Layer.Dense(SIZE, activation, new dev.carousel.network.Initializer.Glorot());
        cases.add(new Case(dense, head, true));
        cases.add(new Case(dense, head, false));
      }
    }
    return cases.stream();
  }

  private static Parameters identity(Network network, Parameters of) {
    float[] values = Arrays.copyOf(of.values(), network.parameterLayout().size());
    ParameterLayout.Slice weight =
        network.parameterLayout().slice("layers." + (network.layers().size() - 1) + ".weight");
    for (int i = 0; i < SIZE; i++) {
      values[weight.offset() + i * SIZE + i] = 1f;
    }
    return new Parameters(network, values);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theHeadDoesNotDisturbIt(Case some) {
    Network network = some.network(false);
    Network longer = some.network(true);
    Parameters parameters = Parameters.initialize(network, 3);
    Sequences data = SmallProblems.fitting(network, LENGTHS, 4);
    for (int threads : new int[] {1, 2}) {
      try (Workers workers = new Workers(threads)) {
        GradientStep step = step(parameters, data, workers);
        GradientStep expected = step(identity(longer, parameters), data, workers);
        // Twice: what the first run left behind is not read by the second.
        for (int run = 0; run < 2; run++) {
          assertThat(step.run()).isEqualTo(expected.run());
          int count = parameters.values().length;
          assertThat(step.gradients())
              .containsExactly(Arrays.copyOf(expected.gradients(), count), within(0f));
        }
        if (network.canStep()) {
          int size = network.stateLayout().size();
          float[] state = new float[size];
          float[] wanted = new float[size];
          for (int r = 0; r < LENGTHS.length; r++) {
            step.pass().storeState(r, step.pass().steps().length(r), state, 0);
            expected.pass().storeState(r, step.pass().steps().length(r), wanted, 0);
            assertThat(state).isEqualTo(wanted);
          }
        }
      }
    }
  }

  private static GradientStep step(Parameters parameters, Sequences data, Workers workers) {
    Batch batch = new Batch(data);
    batch.select(ALL, 0, ALL.length);
    GradientStep step =
        new GradientStep(new CompiledNetwork(parameters, new ScalarKernel()), workers, batch);
    step.open(batch, 0, batch.longest(), 0);
    return step;
  }

  /** What the windows of an evaluation carry on are states, not scores. */
  @ParameterizedTest
  @MethodSource("cases")
  void evaluationInWindowsIsTheSame(Case some) {
    Network network = some.network(false);
    Parameters parameters = Parameters.initialize(network, 3);
    Sequences data = SmallProblems.fitting(network, new int[] {600, 300}, 4);
    assertThat(Evaluator.evaluate(parameters, new ScalarKernel(), data, 1))
        .isEqualTo(
            Evaluator.evaluate(
                identity(some.network(true), parameters), new ScalarKernel(), data, 1));
  }
}
