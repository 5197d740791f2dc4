package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.kernel.RowPairs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RowRangeTest {
  @Test
  void allRows() {
    Steps steps = Steps.of(4, 2, 2, 1);
    RowRange range = RowRange.all(steps);
    assertThat(range.from()).isZero();
    assertThat(range.to()).isEqualTo(4);
    assertThat(range.start()).isZero();
    assertThat(range.count()).isEqualTo(9);
  }

  @Test
  void allRowsOfADividedBatchAreNotOneRange() {
    Steps steps = new Steps();
    steps.set(new int[] {2, 1}, 2, 3, 1);
    assertThatThrownBy(() -> RowRange.all(steps))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows: expected a batch in one part, got one in 3");
  }

  @Test
  void aShareIsAPrefixOfItsRowsAtEachStep() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 1);
    RowRange range = new RowRange();
    range.set(steps, 1);
    assertThat(range.from()).isEqualTo(2);
    assertThat(range.to()).isEqualTo(6);
    assertThat(range.count(steps, 0)).isEqualTo(4);
    assertThat(range.count(steps, 1)).isEqualTo(2);
    assertThat(range.count(steps, 2)).isZero();
    assertThat(range.start()).isEqualTo(6);
    assertThat(range.count()).isEqualTo(6);
  }

  @Test
  void theFirstRowsOfOneStep() {
    RowRange range = new RowRange();
    range.setFirst(Steps.of(1, 1, 1), 2);
    assertThat(range.from()).isZero();
    assertThat(range.to()).isEqualTo(2);
    assertThat(range.start()).isZero();
    assertThat(range.count()).isEqualTo(2);
    assertThat(range.count(Steps.of(1, 1, 1), 0)).isEqualTo(2);
    assertThatThrownBy(() -> range.setFirst(Steps.of(2, 1), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows: expected a batch of 1 step and at least 1 rows, got one of 2 and 2");
    assertThatThrownBy(() -> range.setFirst(Steps.of(1, 1), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows: expected a batch of 1 step and at least 3 rows, got one of 1 and 2");
  }

  /** Every packed vector belongs to one part, whatever the lengths; parts are alike. */
  @Test
  void partsCoverEveryVectorOnce() {
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
      int parts = 1 + random.nextInt(12);
      int groups = 1 + random.nextInt(8);
      steps.set(lengths, batchSize, parts, groups);
      assertThat(inOrder(steps))
          .as("%d parts, %d groups of %s", parts, groups, Arrays.toString(lengths))
          .isEqualTo(expectedOrder(steps, lengths, groups));
      int[] owners = new int[steps.total()];
      int next = 0;
      for (int part = 0; part < parts; part++) {
        range.set(steps, part);
        assertThat(range.from()).isEqualTo(next);
        next = range.to();
        int share = range.count();
        for (int r = range.from(); r < range.to(); r++) {
          for (int t = 0; t < lengths[r]; t++) {
            int vector = steps.vector(r, t);
            assertThat(vector).isBetween(range.start(), range.start() + share - 1);
            owners[vector]++;
          }
        }
        int rows = 0;
        for (int t = 0; t < steps.timeSteps(); t++) {
          rows += range.count(steps, t);
        }
        assertThat(share).isEqualTo(rows);
        assertThat(share)
            .as("part %d of %d in %s", part, parts, Arrays.toString(lengths))
            .isLessThanOrEqualTo(steps.total() / parts + lengths[0] + 1);
      }
      assertThat(next).isEqualTo(batchSize);
      assertThat(owners).containsOnly(1);
    }
  }

  /** Every vector with the state row before it, in the order in which sums are made. */
  private static List<String> inOrder(Steps steps) {
    List<String> found = new ArrayList<>();
    for (int g = 0; g < steps.groups(); g++) {
      RowPairs pairs = steps.sums().group(g).transitions();
      for (int s = 0; s < pairs.stretches(); s++) {
        for (int i = 0; i < pairs.count(s); i++) {
          found.add(g + ": " + (pairs.left(s) + i) + "/" + (pairs.right(s) + i));
        }
      }
    }
    return found;
  }

  /**
   * The same by definition: group by group, window by window from the last one on, step by step,
   * sequence by sequence. One group is one window.
   */
  private static List<String> expectedOrder(Steps steps, int[] lengths, int groups) {
    List<String> expected = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      RowPairs rows = steps.sums().group(g).sequences();
      int from = rows.stretches() == 0 ? 0 : rows.left(0);
      int to = rows.stretches() == 0 ? 0 : from + rows.count(0);
      if (from == to) {
        continue;
      }
      int window = groups == 1 ? lengths[from] : Math.max(1, SumOrder.WINDOW / (to - from));
      for (int end = lengths[from]; end > 0; end -= window) {
        for (int t = Math.max(0, end - window); t < end; t++) {
          for (int r = from; r < to; r++) {
            if (t < lengths[r]) {
              expected.add(g + ": " + steps.stateRow(r, t) + "/" + steps.vector(r, t));
            }
          }
        }
      }
    }
    assertThat(expected).hasSize(steps.total());
    return expected;
  }
}
