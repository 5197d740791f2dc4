package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RowRangeTest {
  @Test
  void allRowsAreOneSegment() {
    Steps steps = Steps.of(4, 2, 2, 1);
    RowRange range = RowRange.all(steps);
    assertThat(range.from()).isZero();
    assertThat(range.to()).isEqualTo(4);
    assertThat(range.segments()).isEqualTo(1);
    assertThat(range.start(0)).isZero();
    assertThat(range.count(0)).isEqualTo(9);
  }

  @Test
  void aShareIsAPrefixOfItsRowsAtEachStep() {
    Steps steps = Steps.of(3, 3, 2, 2, 1, 1);
    RowRange range = new RowRange();
    range.set(steps, 1, 2);
    assertThat(range.from()).isEqualTo(2);
    assertThat(range.to()).isEqualTo(6);
    assertThat(range.count(steps, 0)).isEqualTo(4);
    assertThat(range.count(steps, 1)).isEqualTo(2);
    assertThat(range.count(steps, 2)).isZero();
    assertThat(range.segments()).isEqualTo(2);
    assertThat(new int[] {range.start(0), range.count(0), range.start(1), range.count(1)})
        .containsExactly(2, 4, 6 + 2, 2);
  }

  /** Every packed vector belongs to one worker, whatever the lengths; shares are alike. */
  @Test
  void sharesCoverEveryVectorOnce() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);
    Steps steps = new Steps();
    RowRange range = new RowRange();
    for (int round = 0; round < 2000; round++) {
      int batchSize = 1 + random.nextInt(40);
      int longest = 1 + random.nextInt(60);
      int[] lengths = new int[batchSize];
      for (int r = 0; r < batchSize; r++) {
        lengths[r] = -1 - random.nextInt(longest);
      }
      Arrays.sort(lengths);
      for (int r = 0; r < batchSize; r++) {
        lengths[r] = -lengths[r];
      }
      steps.set(lengths, batchSize);
      int workers = 1 + random.nextInt(12);
      int[] owners = new int[steps.total()];
      int next = 0;
      for (int worker = 0; worker < workers; worker++) {
        range.set(steps, worker, workers);
        assertThat(range.from()).isEqualTo(next);
        next = range.to();
        int share = 0;
        for (int s = 0; s < range.segments(); s++) {
          assertThat(range.count(s)).isPositive();
          for (int v = range.start(s); v < range.start(s) + range.count(s); v++) {
            owners[v]++;
          }
          share += range.count(s);
        }
        int rows = 0;
        for (int t = 0; t < steps.timeSteps(); t++) {
          rows += range.count(steps, t);
        }
        assertThat(share).isEqualTo(rows);
        assertThat(share)
            .as("share of worker %d of %d in %s", worker, workers, Arrays.toString(lengths))
            .isLessThanOrEqualTo(steps.total() / workers + lengths[0] + 1);
      }
      assertThat(next).isEqualTo(batchSize);
      assertThat(owners).containsOnly(1);
    }
  }
}
