package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws of tokens against the distribution they are to follow. */
class SamplerTest {
  private static final int DRAWS = 40_000;
  private static final float[] SHARES = {0.125f, 0.5f, 0.0625f, 0.25f, 0, 0.0625f};

  private static int[] counts(Sampler sampler, float... probabilities) {
    int[] counts = new int[probabilities.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[sampler.draw(probabilities, probabilities.length)]++;
    }
    return counts;
  }

  /** Pearson's statistic; what is to have no share must not be drawn. */
  private static double chiSquare(int[] counts, double... shares) {
    double whole = 0;
    for (double share : shares) {
      whole += share;
    }
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = DRAWS * shares[i] / whole;
      if (expected == 0) {
        assertThat(counts[i]).as("draws of token %d", i).isZero();
      } else {
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
      }
    }
    return sum;
  }

  @Test
  void temperatureOneFollowsTheProbabilities() {
    // The 0.1 % point of 4 degrees of freedom.
    assertThat(chiSquare(counts(new Sampler(1, 0, 1, 7), SHARES), .125, .5, .0625, .25, 0, .0625))
        .isLessThan(18.47);
  }

  @Test
  void temperatureTwoTakesTheRootAndOneHalfTheSquare() {
    double r = Math.sqrt(0.5);
    assertThat(chiSquare(counts(new Sampler(2, 0, 1, 7), SHARES), r / 2, r, 0.25, 0.5, 0, 0.25))
        .isLessThan(18.47);
    assertThat(
            chiSquare(
                counts(new Sampler(0.5, 0, 1, 7), SHARES),
                1 / 64.,
                .25,
                1 / 256.,
                1 / 16.,
                0,
                1 / 256.))
        .isLessThan(18.47);
  }

  @Test
  void probabilitiesNeedNotSumToOne() {
    assertThat(chiSquare(counts(new Sampler(1, 0, 1, 7), 2, 1, 1), 2, 1, 1)).isLessThan(13.82);
  }

  @Test
  void topKKeepsTheMostLikely() {
    assertThat(chiSquare(counts(new Sampler(1, 2, 1, 7), SHARES), 0, 2, 0, 1, 0, 0))
        .isLessThan(10.83);
    // Of the two with a share of 1/16 the first ranks before.
    assertThat(chiSquare(counts(new Sampler(1, 4, 1, 7), SHARES), 2, 8, 1, 4, 0, 0))
        .isLessThan(16.27);
    assertThat(counts(new Sampler(1, 1, 1, 7), SHARES)[1]).isEqualTo(DRAWS);
    assertThat(counts(new Sampler(1, 100, 1, 7), SHARES))
        .isEqualTo(counts(new Sampler(1, 6, 1, 7), SHARES));
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(counts(new Sampler(1, 0, 0.5, 7), SHARES)[1]).isEqualTo(DRAWS);
    assertThat(chiSquare(counts(new Sampler(1, 0, 0.51, 7), SHARES), 0, 2, 0, 1, 0, 0))
        .isLessThan(10.83);
    assertThat(chiSquare(counts(new Sampler(1, 0, 0.75, 7), SHARES), 0, 2, 0, 1, 0, 0))
        .isLessThan(10.83);
    assertThat(chiSquare(counts(new Sampler(1, 0, 0.76, 7), SHARES), 1, 4, 0, 2, 0, 0))
        .isLessThan(13.82);
  }

  @Test
  void topPIsAShareOfTheWholeAlsoBehindTopK() {
    // 0.5 of the whole is reached by one token, 0.76 not by the two that are kept.
    assertThat(counts(new Sampler(1, 2, 0.5, 7), SHARES)[1]).isEqualTo(DRAWS);
    assertThat(chiSquare(counts(new Sampler(1, 2, 0.76, 7), SHARES), 0, 2, 0, 1, 0, 0))
        .isLessThan(10.83);
  }

  @Test
  void temperatureZeroTakesTheMostLikelyAndTheFirstOfEquals() {
    Sampler sampler = new Sampler(0, 0, 1, 7);
    assertThat(sampler.draw(SHARES, 6)).isEqualTo(1);
    assertThat(sampler.draw(new float[] {0.2f, 0.4f, 0.4f}, 3)).isEqualTo(1);
    assertThat(sampler.draw(new float[] {0.2f, 0.3f, 0.5f}, 2)).isEqualTo(1);
  }

  /** At a low temperature every power of a probability vanishes; the most likely must not. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-2, 1e-3, 1e-6, 1e-300, Double.MIN_VALUE})
  void aLowTemperatureTakesTheMostLikely(double temperature) {
    float[] shares = {0.01f, 0.3f, 0.01f, 0.01f};
    Sampler sampler = new Sampler(temperature, 0, 1, 7);
    for (int i = 0; i < 100; i++) {
      assertThat(sampler.draw(shares, 4)).isEqualTo(1);
    }
  }

  @Test
  void theSeedDecides() {
    Sampler sampler = new Sampler(0.8, 5, 0.95, 42);
    int[] drawn = IntStream.range(0, 24).map(i -> sampler.draw(SHARES, 6)).toArray();
    assertThat(drawn)
        .containsExactly(3, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 3, 1, 1, 1, 3, 2, 3, 0, 1, 1, 1, 1, 1);
    Sampler other = new Sampler(0.8, 5, 0.95, 43);
    assertThat(IntStream.range(0, 24).map(i -> other.draw(SHARES, 6)).toArray())
        .isNotEqualTo(drawn);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatThrownBy(() -> new Sampler(-1, 0, 1, 7))
        .hasMessage("temperature: expected a finite number of at least 0, got -1.0");
    assertThatThrownBy(() -> new Sampler(Double.NaN, 0, 1, 7))
        .hasMessage("temperature: expected a finite number of at least 0, got NaN");
    assertThatThrownBy(() -> new Sampler(1, -1, 1, 7))
        .hasMessage("top-k: expected at least 0, got -1");
    assertThatThrownBy(() -> new Sampler(1, 0, 0, 7))
        .hasMessage("top-p: expected a number in (0, 1], got 0.0");
    assertThatThrownBy(() -> new Sampler(1, 0, 1.5, 7))
        .hasMessage("top-p: expected a number in (0, 1], got 1.5");
    for (double temperature : new double[] {0, 1}) {
      Sampler sampler = new Sampler(temperature, 0, 1, 7);
      assertThatThrownBy(() -> sampler.draw(new float[3], 3))
          .hasMessage(
              "probabilities: expected finite numbers and one above 0, got 0.0 as the largest");
      assertThatThrownBy(() -> sampler.draw(new float[] {0.5f, Float.NaN}, 2))
          .hasMessage(
              "probabilities: expected finite numbers and one above 0, got NaN as the largest");
      assertThatThrownBy(() -> sampler.draw(new float[] {1, Float.POSITIVE_INFINITY, 0}, 3))
          .hasMessage(
              "probabilities: expected finite numbers and one above 0, got Infinity as the largest");
    }
  }
}
