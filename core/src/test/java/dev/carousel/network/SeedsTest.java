package dev.carousel.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.network.Seeds.Purpose;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeedsTest {

  /** These numbers are part of every file that names a seed: they never change. */
  @Test
  void theNumbersOfASeedAreFixed() {
    RandomGenerator start = Seeds.of(7, Purpose.INITIALISATION, 1, 2);
    assertThat(start.nextLong()).isEqualTo(-5304405380940452939L);
    assertThat(start.nextLong()).isEqualTo(3369730971445522895L);
    assertThat(Seeds.uniform(start)).isEqualTo(0.6126914f);
    assertThat(Seeds.below(start, 1000)).isEqualTo(88);
    RandomGenerator dropout = Seeds.of(7, Purpose.DROPOUT, 1, 2);
    assertThat(dropout.nextLong()).isEqualTo(-6819300624016771463L);
    assertThat(dropout.nextLong()).isEqualTo(7985858894412954651L);
    assertThat(Seeds.uniform(dropout)).isEqualTo(0.83098024f);
    assertThat(Seeds.below(dropout, 1000)).isEqualTo(705);
    assertThat(Seeds.permutation(Seeds.of(1, Purpose.SHUFFLING, 0), 10))
        .containsExactly(9, 6, 0, 3, 2, 4, 5, 7, 8, 1);
  }

  @Test
  void everyPurposeAndPlaceHasNumbersOfItsOwn() {
    Set<Long> firsts = new HashSet<>();
    int places = 0;
    for (long seed = -2; seed <= 2; seed++) {
      for (Purpose purpose : Purpose.values()) {
        firsts.add(Seeds.of(seed, purpose).nextLong());
        places++;
        for (long a = -1; a < 20; a++) {
          firsts.add(Seeds.of(seed, purpose, a).nextLong());
          places++;
          for (long b = 0; b < 20; b++) {
            firsts.add(Seeds.of(seed, purpose, a, b).nextLong());
            places++;
          }
        }
      }
    }
    assertThat(firsts).hasSize(places);
  }

  @Test
  void uniformStaysBelowOne() {
    assertThat(Seeds.uniform(() -> -1L)).isEqualTo(1 - 0x1p-24f).isLessThan(1);
    assertThat(Seeds.uniform(() -> 0L)).isZero();
  }

  @Test
  void belowStaysWithinItsBound() {
    for (int bound : new int[] {1, 2, 3, 1000, Integer.MAX_VALUE}) {
      assertThat(Seeds.below(() -> -1L, bound)).isEqualTo(bound - 1);
      assertThat(Seeds.below(() -> 0L, bound)).isZero();
    }
    RandomGenerator random = Seeds.of(3, Purpose.SAMPLING);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[Seeds.below(random, 7)]++;
    }
    // 10,000 each, within four standard deviations of 92.6.
    assertThat(Arrays.stream(counts).min().getAsInt()).isGreaterThan(10_000 - 371);
    assertThat(Arrays.stream(counts).max().getAsInt()).isLessThan(10_000 + 371);
  }

  @Test
  void permutationsHoldEveryNumberOnce() {
    for (int size : new int[] {0, 1, 2, 1000}) {
      int[] order = Seeds.permutation(Seeds.of(5, Purpose.SHUFFLING), size);
      int[] sorted = order.clone();
      Arrays.sort(sorted);
      assertThat(sorted).containsExactly(IntStream.range(0, size).toArray());
    }
    // Every one of the six orders of three comes up about equally often.
    int[] counts = new int[27];
    for (int trial = 0; trial < 6000; trial++) {
      int[] order = Seeds.permutation(Seeds.of(trial, Purpose.SHUFFLING), 3);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
    assertThat(seen).hasSize(6);
    // 1,000 each, within four standard deviations of 28.9.
    assertThat(Arrays.stream(seen).min().getAsInt()).isGreaterThan(1000 - 116);
    assertThat(Arrays.stream(seen).max().getAsInt()).isLessThan(1000 + 116);
  }
}
