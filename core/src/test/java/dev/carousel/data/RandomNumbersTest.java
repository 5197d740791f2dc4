package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
  private static final int[] BOUNDS = {1, 2, 3, 10, 64, 1_000, (1 << 30) + 1, Integer.MAX_VALUE};

  /** Of JDK 17, RandomGenerator.nextInt(bound) and nextFloat(): the data on record follow them. */
  @Test
  void theNumbersOnRecord() {
    List<Integer> drawn = new ArrayList<>();
    RandomNumbers random = new RandomNumbers(7);
    for (int round = 0; round < 4; round++) {
      for (int bound : BOUNDS) {
        drawn.add(random.below(bound));
      }
    }
    assertThat(drawn)
        .containsExactly(
            0,
            0,
            0,
            3,
            45,
            361,
            378121472,
            124814205,
            0,
            0,
            0,
            6,
            22,
            875,
            927940924,
            1920102720,
            0,
            0,
            2,
            0,
            46,
            414,
            892348821,
            1379119103,
            0,
            0,
            0,
            5,
            37,
            356,
            661674392,
            646903396);
    assertThat(List.of(random.uniform(), random.uniform(), random.uniform()))
        .containsExactly(0.92295694f, 0.1312455f, 0.8589077f);
  }

  @Test
  void everyNumberBelowTheBoundAsOften() {
    RandomNumbers random = new RandomNumbers(1);
    for (int bound : new int[] {2, 3, 7, 8}) {
      int[] counts = new int[bound];
      for (int i = 0; i < 10_000 * bound; i++) {
        counts[random.below(bound)]++;
      }
      // Five standard deviations of a count are 5 sqrt(10000 (1 - 1 / bound)) < 500.
      assertThat(Arrays.stream(counts)).allMatch(count -> Math.abs(count - 10_000) < 500);
    }
  }
}
