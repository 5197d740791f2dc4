package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.MovingKernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import dev.carousel.training.SmallProblems;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Weights that move between steps change no bit, and no more sessions have their own than can run.
 */
class WeightsTest {
  private static final int STEPS = 2_500;
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final Network NETWORK = Network.input(5).lstm(7).dense(3).softmax();

  @TestFactory
  List<DynamicTest> aSessionStepsAsIfNothingMoved() {
    return SmallModels.forEachNetwork(WeightsTest::steps);
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
    float[] inputs = SmallProblems.values(new java.util.SplittableRandom(5), keys * 5);
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
    // Whenever 1024 keys were stepped: two matrices.
    assertThat(moving.moves()).isEqualTo(2 * 7);
  }

  @TestFactory
  List<DynamicTest> aScorerScoresAsIfNothingMoved() {
    return SmallModels.forEachNetwork(WeightsTest::scores);
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
  void whatManyReadStaysWhereItIs() {
    MovingKernel moving = new MovingKernel();
    Predictor predictor = Predictor.of(SmallModels.model(NETWORK, 4), moving.kernel());
    int matrices = moving.packed();
    List<Session> own = new ArrayList<>();
    for (int i = 0; i < PROCESSORS; i++) {
      own.add(predictor.session());
    }
    assertThat(moving.packed()).isEqualTo(matrices * (1 + PROCESSORS));

    Session shared = predictor.session();
    State state = predictor.model().initialState();
    for (int i = 0; i < STEPS; i++) {
      shared.step(new float[5], state);
    }

    assertThat(moving.packed()).isEqualTo(matrices * (1 + PROCESSORS));
    assertThat(moving.moves()).isZero();
    own.get(0).step(new float[5], state);
    assertThat(moving.moves()).isEqualTo(2);
  }

  @Test
  void ofSessionsThatAreGoneOthersHaveTheWeights() {
    MovingKernel moving = new MovingKernel();
    Predictor predictor = Predictor.of(SmallModels.model(NETWORK, 4), moving.kernel());
    for (int i = 0; i < PROCESSORS; i++) {
      predictor.session();
    }
    int packed = moving.packed();

    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (moving.packed() == packed) {
      if (System.nanoTime() > end) {
        fail("no weights given back in a minute of collections");
      }
      System.gc();
      predictor.session();
    }

    assertThat(moving.packed()).isGreaterThan(packed);
  }

  @Test
  void weightsThatFitNoNearCacheAreShared() {
    MovingKernel moving = new MovingKernel();
    Predictor predictor =
        Predictor.of(
            SmallModels.model(Network.input(5).lstm(256).dense(3).softmax(), 4), moving.kernel());
    int matrices = moving.packed();

    predictor.session().step(new float[5], predictor.model().initialState());

    assertThat(moving.packed()).isEqualTo(matrices);
    assertThat(moving.moves()).isZero();
  }
}
