package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import dev.carousel.training.SmallProblems;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** State is a value: stepped, gathered or restored, the scores are those of the whole sequence. */
class SessionTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static float[] last(float[] scores, int size) {
    return Arrays.copyOfRange(scores, scores.length - size, scores.length);
  }

  @TestFactory
  List<DynamicTest> steppedIsWhole() {
    return SmallModels.forEachNetwork(SessionTest::steppedIsWhole);
  }

  private static void steppedIsWhole(Network network) {
    Sequences data = SmallProblems.fitting(network, 8, 3);
    Predictor predictor = SmallModels.predictor(network);
    float[][] whole = predictor.scores(data);
    float[][] prefixes = predictor.scores(SmallModels.prefixes(data));
    Session session = predictor.session();
    int size = network.outputSize();
    int prefix = 0;
    for (int i = 0; i < data.size(); i++) {
      State state = predictor.model().initialState();
      for (int t = 0; t < data.length(i); t++) {
        float[] scores = SmallModels.step(session, data, i, t, state).clone();
        assertThat(scores)
            .as("sequence %d, step %d", i, t)
            .isEqualTo(last(prefixes[prefix++], size));
        if (network.perStep()) {
          assertThat(scores).isEqualTo(Arrays.copyOfRange(whole[i], t * size, (t + 1) * size));
        }
        if (t + 1 == data.length(i)) {
          assertThat(scores).isEqualTo(last(whole[i], size));
        }
      }
    }
    assertThat(last(whole[0], size)).isNotEqualTo(last(whole[1], size));
  }

  @TestFactory
  List<DynamicTest> aScorerOfAnyThreadsGivesTheSameBits() {
    return SmallModels.forEachNetwork(
        network -> {
          Sequences data = SmallProblems.fitting(network, 300, 3);
          Predictor predictor = SmallModels.predictor(network);
          float[][] expected = predictor.scores(data);
          for (int threads : new int[] {2, 3, 8}) {
            try (Scorer scorer = predictor.scorer(threads)) {
              assertThat(scorer.scores(data)).isDeepEqualTo(expected);
              Sequences one = SmallProblems.fitting(network, new int[] {4}, 5);
              assertThat(scorer.scores(one)).isDeepEqualTo(predictor.scores(one));
            }
          }
        });
  }

  /** Large enough to be divided; calls for one sequence and for many take turns. */
  @Test
  void aTeamStepsOneSequenceAsOneThreadDoes() {
    Network network = Network.input(5).gru(9).lstm(257).meanOverTime().dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, 40, 3);
    Predictor predictor = SmallModels.predictor(network);
    Session alone = predictor.session();
    State[] expected = new State[40];
    State[] actual = new State[40];
    for (int i = 0; i < 40; i++) {
      expected[i] = predictor.model().initialState();
      actual[i] = predictor.model().initialState();
    }
    float[] inputs = new float[40 * 5];
    for (int i = 0; i < 40; i++) {
      data.copyFeatures(i, 0, inputs, i * 5);
    }
    try (Session team = predictor.session(40, 2)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++) {
          float[] scores = SmallModels.step(alone, data, i, 0, expected[i]).clone();
          assertThat(SmallModels.step(team, data, i, 0, actual[i])).startsWith(scores);
          assertThat(actual[i]).isEqualTo(expected[i]);
        }
        float[] all = team.step(inputs, actual, 40);
        for (int i = 0; i < 40; i++) {
          float[] scores = SmallModels.step(alone, data, i, 0, expected[i]);
          assertThat(Arrays.copyOfRange(all, 3 * i, 3 * i + 3)).isEqualTo(scores);
          assertThat(actual[i]).isEqualTo(expected[i]);
        }
      }
    }
  }

  /** It would stay in the memory of its key for good. */
  @Test
  void aFeatureThatIsNoNumberIsRefusedAndTheStateStaysAsItWas() {
    Predictor predictor = SmallModels.predictor(Network.input(5).gru(9).dense(3).softmax());
    State state = predictor.model().initialState();
    State before = state.copy();
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int feature = 0; feature < 5; feature++) {
        float[] input = {1, -0f, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE};
        input[feature] = wrong;
        assertThatThrownBy(() -> predictor.session().step(input, state))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("input: expected finite features, got " + wrong + " as feature " + feature);
      }
    }
    float[] inputs = new float[20 * 5];
    inputs[17 * 5 + 2] = Float.NEGATIVE_INFINITY;
    State[] states = new State[20];
    for (int i = 0; i < 20; i++) {
      states[i] = state.copy();
    }
    for (int threads : new int[] {1, 2}) {
      try (Session session = predictor.session(20, threads)) {
        assertThatThrownBy(() -> session.step(inputs, states, 20))
            .hasMessage(
                "input: expected finite features, got -Infinity as feature 2 of sequence 17");
      }
    }
    assertThat(state).isEqualTo(before);
    assertThat(states).allMatch(before::equals);
  }

  @Test
  void moreKeysThanHaveRoomForTheirScoresAreRefused() {
    Predictor predictor =
        SmallModels.predictor(Network.tokens(2).embedding(1).elman(1).dense(65536).softmax());
    for (int keys : new int[] {40_000, 65_536}) {
      assertThatThrownBy(() -> predictor.session(keys))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "session: expected at most 32767 keys, whose 65536 scores each fit one array, got "
                  + keys);
    }
  }

  @Test
  void aSessionThatWasClosedLeavesTheStateAsItWas() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
    Network network = Network.input(5).gru(9).lstm(257).dense(3).softmax();
    Predictor predictor = SmallModels.predictor(network);
    Session session = predictor.session(1, 2);
    State state = predictor.model().initialState();
    session.step(new float[5], state);
    State before = state.copy();
    session.close();
    assertThatThrownBy(() -> session.step(new float[5], state))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("session: expected one that is open, got one that was closed");
    assertThat(state).isEqualTo(before);
  }

  @TestFactory
  List<DynamicTest> bytesContinueExactly() {
    return SmallModels.forEachNetwork(SessionTest::bytes);
  }

  private static void bytes(Network network) {
    Sequences data = SmallProblems.fitting(network, new int[] {9}, 3);
    Predictor predictor = SmallModels.predictor(network);
    Model model = predictor.model();
    Session session = predictor.session();
    State state = model.initialState();
    State restored = model.initialState();
    for (int t = 0; t < 9; t++) {
      float[] scores = SmallModels.step(session, data, 0, t, state).clone();
      restored = model.stateFromBytes(restored.toBytes());
      // Another session, as if the process had been another.
      assertThat(SmallModels.step(predictor.session(), data, 0, t, restored).clone())
          .isEqualTo(scores);
      assertThat(restored.toBytes()).isEqualTo(state.toBytes());
    }
  }

  @Test
  void aCopyKeepsAMoment() {
    Network network = Network.input(5).lstm(7).dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, new int[] {3}, 3);
    Predictor predictor = SmallModels.predictor(network);
    Session session = predictor.session();
    State state = predictor.model().initialState();
    SmallModels.step(session, data, 0, 0, state);
    State kept = state.copy();
    float[] first = SmallModels.step(session, data, 0, 1, state).clone();
    assertThat(state).isNotEqualTo(kept);
    assertThat(SmallModels.step(session, data, 0, 1, kept)).isEqualTo(first);
    assertThat(state).isEqualTo(kept);
  }

  @Test
  void aStateOfAnotherModelIsRefusedAndNothingChanges() {
    Network network = Network.input(5).lstm(7).dense(3).softmax();
    Predictor predictor = SmallModels.predictor(network);
    Model other = SmallModels.model(network, 5);
    String mine = predictor.model().fingerprint().substring(0, 12);
    String theirs = other.fingerprint().substring(0, 12);
    String message = "state: expected a state of model " + mine + ", got one of model " + theirs;
    assertThatThrownBy(() -> predictor.session().step(new float[5], other.initialState()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> predictor.model().stateFromBytes(other.initialState().toBytes()))
        .hasMessage(message);
    State[] states = {predictor.model().initialState(), other.initialState()};
    float[] inputs = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    assertThatThrownBy(() -> predictor.session(2).step(inputs, states, 2)).hasMessage(message);
    assertThat(states[0]).isEqualTo(predictor.model().initialState());
  }

  @Test
  void aBidirectionalNetworkHasNoSession() {
    Network network =
        Network.input(5).bidirectional(new Cell.Lstm(), 4).lastStep().dense(3).softmax();
    Predictor predictor = SmallModels.predictor(network);
    String message =
        "layer 0 (Bidirectional LSTM) needs the whole sequence: a network with it cannot be run one"
            + " input at a time";
    assertThatThrownBy(predictor::session)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> predictor.model().initialState()).hasMessage(message);
    assertThat(predictor.scores(SmallProblems.fitting(network, 3, 1))).hasDimensions(3, 3);
  }

  @Test
  void inputsThatDoNotFitAreRefused() {
    Predictor features = SmallModels.predictor(Network.input(5).lstm(7).dense(3).softmax());
    Session session = features.session(2);
    State state = features.model().initialState();
    State[] states = {state, features.model().initialState(), state};
    assertThatThrownBy(() -> session.step(new float[4], state))
        .hasMessage("input has 4 features but layer 0 (LSTM) expects 5");
    assertThatThrownBy(() -> session.step(new float[6], state))
        .hasMessage("input has 6 features but layer 0 (LSTM) expects 5");
    assertThatThrownBy(() -> session.step(new float[9], states, 2))
        .hasMessage("input has 9 features but layer 0 (LSTM) expects 10");
    assertThatThrownBy(() -> session.step(3, state))
        .hasMessage("input is a token but layer 0 (LSTM) expects 5 features");
    assertThatThrownBy(() -> session.step(new float[15], states, 3))
        .hasMessage("session: expected 1 to 2 sequences (its keys and the states given), got 3");
    assertThatThrownBy(() -> session.step(new float[5], states, 0))
        .hasMessage("session: expected 1 to 2 sequences (its keys and the states given), got 0");
    assertThatThrownBy(() -> features.session(0))
        .hasMessage("session: expected at least 1 key, got 0");
    Predictor tokens =
        SmallModels.predictor(Network.tokens(11).embedding(3).gru(4).dense(11).softmax());
    Session second = tokens.session(2);
    State empty = tokens.model().initialState();
    assertThatThrownBy(() -> second.step(11, empty)).hasMessage("token: expected 0 to 10, got 11");
    assertThatThrownBy(() -> second.step(-1, empty)).hasMessage("token: expected 0 to 10, got -1");
    assertThatThrownBy(() -> second.step(new float[5], empty))
        .hasMessage("input has features but layer 0 (Embedding) expects tokens");
    assertThatThrownBy(() -> second.step(new int[] {1}, new State[] {empty, empty.copy()}, 2))
        .hasMessage("input: expected 2 tokens (one for each state), got 1");
    assertThat(state).isEqualTo(features.model().initialState());
  }

  @Test
  void wholeSequencesThatDoNotFitAreRefused() {
    Predictor predictor = SmallModels.predictor(Network.input(5).lstm(7).dense(3).softmax());
    Network narrow = Network.input(4).lstm(7).dense(3).softmax();
    assertThatThrownBy(() -> predictor.scores(SmallProblems.fitting(narrow, 3, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("input has 4 features but layer 0 (LSTM) expects 5");
    Network tokens = Network.tokens(11).embedding(3).gru(4).dense(3).softmax();
    assertThatThrownBy(() -> predictor.scores(SmallProblems.fitting(tokens, 3, 1)))
        .hasMessage("input has tokens but layer 0 (LSTM) expects 5 features");
    Network twelve = Network.tokens(12).embedding(3).gru(4).dense(3).softmax();
    assertThatThrownBy(
            () -> SmallModels.predictor(tokens).scores(SmallProblems.fitting(twelve, 3, 1)))
        .hasMessage("input has 12 tokens but layer 0 (Embedding) expects 11");
  }

  @TestFactory
  List<DynamicTest> aStepAllocatesNothing() {
    return SmallModels.forEachNetwork(SessionTest::allocation);
  }

  private static void allocation(Network network) {
    Sequences data = SmallProblems.fitting(network, new int[] {1}, 3);
    Predictor predictor = SmallModels.predictor(network);
    Session one = predictor.session();
    Session many = predictor.session(60);
    Session team = predictor.session(16, 2);
    State[] states = new State[60];
    for (int i = 0; i < 60; i++) {
      states[i] = predictor.model().initialState();
    }
    float[] features = data.hasTokens() ? new float[0] : SmallModels.features(data, 0, 0);
    float[] inputs = Arrays.copyOf(features, 60 * features.length);
    int[] tokens = new int[60];
    long least = Long.MAX_VALUE;
    // The just-in-time compiler may allocate on this thread's account: the least of some rounds.
    for (int round = 0; round < 50 && least > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int n = 0; n < 20; n++) {
        int count = 1 + n % 5 * 14;
        if (data.hasTokens()) {
          one.step(tokens[0], states[0]);
          many.step(tokens, states, count);
          team.step(tokens, states, 16);
        } else {
          one.step(features, states[0]);
          many.step(inputs, states, count);
          team.step(inputs, states, 16);
        }
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      least = round < 3 ? least : Math.min(least, allocated);
    }
    assertThat(least).as("bytes allocated").isZero();
  }

  @Test
  void aPredictorIsSharedByThreads() throws InterruptedException {
    Network network = Network.input(5).lstm(7).gru(6).meanOverTime().dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, 40, 3);
    Predictor predictor = Predictor.of(SmallModels.model(network, 4), new ScalarKernel());
    float[][] expected = predictor.scores(data);
    float[][][] whole = new float[4][][];
    float[][][] stepped = new float[4][40][];
    Thread[] threads = new Thread[4];
    for (int n = 0; n < 4; n++) {
      int mine = n;
      threads[n] =
          new Thread(
              () -> {
                whole[mine] = predictor.scores(data);
                Session session = predictor.session();
                for (int i = 0; i < 40; i++) {
                  State state = predictor.model().initialState();
                  for (int t = 0; t < data.length(i); t++) {
                    stepped[mine][i] = SmallModels.step(session, data, i, t, state).clone();
                  }
                }
              });
      threads[n].start();
    }
    for (int n = 0; n < 4; n++) {
      threads[n].join();
      assertThat(whole[n]).isDeepEqualTo(expected);
      assertThat(stepped[n]).isDeepEqualTo(expected);
    }
  }
}
