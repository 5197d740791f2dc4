package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.MovingKernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import dev.carousel.training.Evaluation;
import dev.carousel.training.Evaluator;
import dev.carousel.training.SmallProblems;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Weights that are copied elsewhere now and then change no bit, whoever reads them meanwhile. */
class AlignmentTest {
  private static final int STEPS = 2_500;
  private static final Network NETWORK = Network.input(5).lstm(7).dense(3).softmax();

  @TestFactory
  List<DynamicTest> aSessionStepsAsIfNothingMoved() {
    return SmallModels.forEachNetwork(AlignmentTest::steps);
  }

  private static void steps(Network network) {
    Model model = SmallModels.model(network, 4);
    Sequences data = SmallProblems.fitting(network, 1, 3);
    MovingKernel moving = new MovingKernel();
    Session expected = Predictor.of(model, new ScalarKernel()).session();
    Session actual = Predictor.of(model, moving.kernel()).session();
    State expectedState = model.initialState();
    State state = model.initialState();

    for (int i = 0; i < STEPS; i++) {
      int t = i % data.length(0);
      assertThat(SmallModels.step(actual, data, 0, t, state))
          .as("step %d", i)
          .isEqualTo(SmallModels.step(expected, data, 0, t, expectedState));
    }

    assertThat(state).isEqualTo(expectedState);
    assertThat(moving.moves()).isPositive();
  }

  @Test
  void aTeamStepsManyKeysAsIfNothingMoved() {
    int keys = 70;
    Model model = SmallModels.model(NETWORK, 4);
    MovingKernel moving = new MovingKernel();
    float[] inputs = SmallProblems.values(new SplittableRandom(5), keys * 5);
    State[] expectedStates = new State[keys];
    State[] states = new State[keys];
    for (int key = 0; key < keys; key++) {
      expectedStates[key] = model.initialState();
      states[key] = model.initialState();
    }
    try (Session expected = Predictor.of(model, new ScalarKernel()).session(keys);
        Session actual = Predictor.of(model, moving.kernel()).session(keys, 3)) {
      for (int i = 0; i < 100; i++) {
        assertThat(actual.step(inputs, states, keys))
            .as("step %d", i)
            .isEqualTo(expected.step(inputs, expectedStates, keys));
      }
    }

    assertThat(states).isEqualTo(expectedStates);
    // Two matrices whenever 1024 keys were stepped.
    assertThat(moving.moves()).isEqualTo(2 * 7);
  }

  @TestFactory
  List<DynamicTest> aScorerScoresAsIfNothingMoved() {
    return SmallModels.forEachNetwork(AlignmentTest::scores);
  }

  private static void scores(Network network) {
    Model model = SmallModels.model(network, 4);
    Sequences data = SmallProblems.fitting(network, 300, 3);
    MovingKernel moving = new MovingKernel();
    float[][] expected = Predictor.of(model, new ScalarKernel()).scores(data);
    try (Scorer scorer = Predictor.of(model, moving.kernel()).scorer(2)) {
      for (int i = 0; i < 3; i++) {
        assertThat(scorer.scores(data)).isDeepEqualTo(expected);
      }
    }

    assertThat(moving.moves()).isPositive();
  }

  @Test
  void anEvaluationIsAsIfNothingMoved() {
    Model model = SmallModels.model(NETWORK, 4);
    Sequences data = SmallProblems.fitting(NETWORK, 600, 3);
    MovingKernel moving = new MovingKernel();

    Evaluation actual = Evaluator.evaluate(model.parameters(), moving.kernel(), data, 2);

    assertThat(actual)
        .isEqualTo(Evaluator.evaluate(model.parameters(), new ScalarKernel(), data, 1));
    assertThat(moving.moves()).isPositive();
  }

  /** All of them move what all of them read. */
  @Test
  void sessionsOfSeveralThreadsStepAsIfNothingMoved() throws Exception {
    int threads = 4;
    int steps = 20_000;
    Model model = SmallModels.model(NETWORK, 4);
    float[] input = SmallProblems.values(new SplittableRandom(5), 5);
    State expected = model.initialState();
    Session alone = Predictor.of(model, new ScalarKernel()).session();
    for (int i = 0; i < steps; i++) {
      alone.step(input, expected);
    }
    MovingKernel moving = new MovingKernel();
    Predictor predictor = Predictor.of(model, moving.kernel());
    List<Callable<State>> sessions = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      sessions.add(
          () -> {
            Session session = predictor.session();
            State state = model.initialState();
            for (int step = 0; step < steps; step++) {
              session.step(input, state);
            }
            return state;
          });
    }

    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (Future<State> state : executor.invokeAll(sessions)) {
        assertThat(state.get()).isEqualTo(expected);
      }
    } finally {
      executor.shutdownNow();
    }

    // Each comes by twenty times; two matrices, unless another is at them.
    assertThat(moving.moves()).isBetween(2, 2 * 20 * threads);
  }
}
