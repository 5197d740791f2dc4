package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.network.Network;
import dev.carousel.network.State;
import org.junit.jupiter.api.Test;

/** The state of a key may see more steps than a float can count. */
class LongMemoryTest {
  private static final Network MEAN = Network.input(1).meanOverTime().linear();

  @Test
  void theMeanOfManyStepsIsRight() {
    Predictor predictor = SmallModels.predictor(MEAN);
    Session session = predictor.session();
    State state = predictor.model().initialState();
    float[] input = {0.1f};
    float mean = 0;
    for (int step = 0; step < 300_000; step++) {
      mean = session.step(input, state)[0];
    }
    // In plain single precision 0.0999.
    assertThat(mean).isCloseTo(0.1f, within(Math.ulp(0.1f)));
    assertThat(state.values()[2] + (1 << 20) * state.values()[3]).isEqualTo(300_000);
  }

  @Test
  void stepsAreCountedBeyondWhatAFloatCounts() {
    Predictor predictor = SmallModels.predictor(MEAN);
    Session session = predictor.session();
    State state = predictor.model().initialState();
    long seen = (1L << 30) + (1 << 20) - 2;
    // The sum, its rest, and the steps in units of one and of 2^20.
    state.values()[0] = 0.5f * seen;
    state.values()[2] = seen % (1 << 20);
    state.values()[3] = seen / (1 << 20);
    for (int step = 1; step <= 5; step++) {
      assertThat(session.step(new float[] {0.5f}, state)[0]).isCloseTo(0.5f, within(1e-7f));
      long counted = (long) state.values()[2] + (1L << 20) * (long) state.values()[3];
      assertThat(counted).isEqualTo(seen + step);
    }
    assertThat(state.values()[3]).isEqualTo(1025);
  }
}
