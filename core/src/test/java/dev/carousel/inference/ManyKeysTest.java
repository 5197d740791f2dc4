package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.data.Sequences;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import dev.carousel.training.SmallProblems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Many keys in one call are as one after the other, however many threads step them. */
class ManyKeysTest {
  @TestFactory
  List<DynamicTest> manyKeysInOneCallAreOneByOne() {
    return SmallModels.forEachNetwork(network -> manyKeys(network, 6, 1));
  }

  private static void manyKeys(Network network, int count, int threads) {
    Sequences data = SmallProblems.fitting(network, count, 3);
    Predictor predictor = SmallModels.predictor(network);
    Session alone = predictor.session();
    Session together = predictor.session(count + 2, threads);
    State[] expected = new State[count];
    State[] states = new State[count];
    for (int i = 0; i < count; i++) {
      expected[i] = predictor.model().initialState();
      states[i] = predictor.model().initialState();
    }
    int size = network.outputSize();
    // At step t only the keys that still have one: another number of keys in almost every call.
    for (int t = 0; t < data.longest(); t++) {
      List<Integer> keys = new ArrayList<>();
      for (int i = count - 1; i >= 0; i--) {
        if (data.length(i) > t) {
          keys.add(i);
        }
      }
      State[] gathered = new State[count + 2];
      float[] features = new float[(count + 2) * data.inputSize()];
      int[] tokens = new int[count + 2];
      float[][] scores = new float[keys.size()][];
      for (int k = 0; k < keys.size(); k++) {
        int i = keys.get(k);
        gathered[k] = states[i];
        scores[k] = SmallModels.step(alone, data, i, t, expected[i]).clone();
        if (data.hasTokens()) {
          tokens[k] = data.token(i, t);
        } else {
          data.copyFeatures(i, t, features, k * data.inputSize());
        }
      }
      float[] all =
          data.hasTokens()
              ? together.step(tokens, gathered, keys.size())
              : together.step(features, gathered, keys.size());
      for (int k = 0; k < keys.size(); k++) {
        assertThat(Arrays.copyOfRange(all, k * size, (k + 1) * size))
            .as("key %d, step %d", keys.get(k), t)
            .isEqualTo(scores[k]);
      }
    }
    assertThat(states).isEqualTo(expected);
    together.close();
  }

  /** At first enough keys for all threads and for two parts of each share, at last for one. */
  @TestFactory
  List<DynamicTest> manyKeysOnSeveralThreadsAreOneByOne() {
    return SmallModels.forEachNetwork(network -> manyKeys(network, 100, 3));
  }

  /** Too few for so many threads, and more than one part. */
  @Test
  void manyKeysOnTheCallerAloneAreOneByOne() {
    manyKeys(Network.input(5).lstm(7).dense(3).softmax(), 100, 16);
  }

  /** So many weights that a share is not divided. */
  @Test
  void manyKeysOfALargeNetworkAreOneByOne() {
    manyKeys(Network.input(20).lstm(260).dense(3).softmax(), 60, 2);
  }

  /** However few there are to step: not only where the team is needed. */
  @Test
  void aClosedSessionStepsNoMore() {
    Predictor features = SmallModels.predictor(Network.input(5).lstm(7).dense(3).softmax());
    Predictor tokens =
        SmallModels.predictor(Network.tokens(5).embedding(4).lstm(7).dense(3).softmax());
    State state = features.model().initialState();
    State memory = tokens.model().initialState();
    State[] states = new State[16];
    State[] memories = new State[16];
    for (int i = 0; i < 16; i++) {
      states[i] = features.model().initialState();
      memories[i] = tokens.model().initialState();
    }
    for (int threads : new int[] {1, 2}) {
      Session session = features.session(16, threads);
      Session reading = tokens.session(16, threads);
      session.close();
      reading.close();
      for (ThrowingCallable step :
          List.<ThrowingCallable>of(
              () -> session.step(new float[80], states, 16),
              () -> session.step(new float[80], states, 1),
              () -> session.step(new float[5], state),
              () -> reading.step(new int[16], memories, 16),
              () -> reading.step(1, memory))) {
        assertThatThrownBy(step)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("session: expected one that is open, got one that was closed");
      }
    }
  }

  /** Wherever it is among the keys of a team. */
  @Test
  void aTeamRefusesAsOneThreadDoesAndNothingChanges() {
    Network network = Network.input(5).lstm(7).dense(3).softmax();
    Predictor predictor = SmallModels.predictor(network);
    State initial = predictor.model().initialState();
    State other = SmallModels.model(network, 5).initialState();
    int count = 100;
    float[] inputs = new float[5 * count];
    Arrays.fill(inputs, 1f);
    State[] states = new State[count];
    for (int i = 0; i < count; i++) {
      states[i] = initial.copy();
    }
    try (Session session = predictor.session(count, 3)) {
      for (int at : new int[] {0, 33, 50, 99}) {
        State replaced = states[at];
        states[at] = other;
        assertThatThrownBy(() -> session.step(inputs, states, count))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("state: expected a state of model ");
        states[at] = replaced;
        assertThat(states).containsOnly(initial);
      }
      for (int[] pair : new int[][] {{2, 3}, {1, 40}, {50, 98}}) {
        State replaced = states[pair[1]];
        states[pair[1]] = states[pair[0]];
        assertThatThrownBy(() -> session.step(inputs, states, count))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageEndingWith("got one for sequences " + pair[0] + " and " + pair[1]);
        states[pair[1]] = replaced;
        assertThat(states).containsOnly(initial);
      }
      session.step(inputs, states, count);
      assertThat(states).doesNotContain(initial).containsOnly(states[0]);
    }
  }

  @Test
  void aStateGivenTwiceIsRefusedAndNothingChanges() {
    Network network = Network.tokens(11).embedding(3).gru(4).dense(3).softmax();
    Predictor predictor = SmallModels.predictor(network);
    Session session = predictor.session(300);
    int[] tokens = new int[300];
    State[] states = new State[300];
    for (int i = 0; i < 300; i++) {
      states[i] = predictor.model().initialState();
    }
    for (int[] pair : new int[][] {{0, 1}, {0, 299}, {298, 299}, {128, 256}}) {
      State replaced = states[pair[1]];
      // The same state, and another one with the same values.
      State shared = new State(states[pair[0]].fingerprint(), states[pair[0]].values());
      for (State repeated : new State[] {states[pair[0]], shared}) {
        states[pair[1]] = repeated;
        assertThatThrownBy(() -> session.step(tokens, states, 300))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "states: expected each sequence to have a state of its own, got one for sequences "
                    + pair[0]
                    + " and "
                    + pair[1]);
        assertThat(states[pair[0]]).isEqualTo(predictor.model().initialState());
        // What is behind the count does not matter.
        session.step(tokens, states, pair[1]);
        for (int i = 0; i < pair[1]; i++) {
          Arrays.fill(states[i].values(), 0);
        }
      }
      states[pair[1]] = replaced;
    }
    session.step(tokens, states, 300);
    assertThat(states[299]).isNotEqualTo(predictor.model().initialState());
  }
}
