package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StepsTest {
  @Test
  void theRunningRowsAreAPrefix() {
    Steps steps = Steps.of(4, 2, 2, 1);
    assertThat(steps.batchSize()).isEqualTo(4);
    assertThat(steps.timeSteps()).isEqualTo(4);
    assertThat(steps.total()).isEqualTo(9);
    int[] rows = {4, 3, 1, 1};
    int[] vectors = {0, 4, 7, 8};
    int[] before = {0, 4, 8, 11};
    for (int t = 0; t < 4; t++) {
      assertThat(steps.rows(t)).as("rows(%d)", t).isEqualTo(rows[t]);
      assertThat(steps.vector(0, t)).as("vector(0, %d)", t).isEqualTo(vectors[t]);
      assertThat(steps.number(0, t)).as("number(0, %d)", t).isEqualTo(vectors[t]);
      assertThat(steps.stateRow(0, t)).as("stateRow(0, %d)", t).isEqualTo(before[t]);
    }
    assertThat(steps.length(2)).isEqualTo(2);
  }

  @Test
  void aStateRowFollowsItsSequence() {
    Steps steps = Steps.of(4, 2, 2, 1);
    assertThat(steps.stateRow(2, 0)).isEqualTo(2);
    assertThat(steps.stateRow(2, 1)).isEqualTo(4 + 2);
    assertThat(steps.stateRow(2, 2)).isEqualTo(4 + 4 + 2);
    assertThat(steps.stateRow(0, 4)).isEqualTo(4 + 8);
  }

  /** Part 0 has sequences 0 and 1, part 1 the others. */
  @Test
  void thePartsVectorsLieTogether() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 1);
    int[][] vectors = {{0, 2, 4}, {1, 3, 5}, {6, 10}, {7, 11}, {8}, {9}};
    int[][] numbers = {{0, 6, 10}, {1, 7, 11}, {2, 8}, {3, 9}, {4}, {5}};
    for (int r = 0; r < vectors.length; r++) {
      for (int t = 0; t < vectors[r].length; t++) {
        assertThat(steps.vector(r, t)).as("vector(%d, %d)", r, t).isEqualTo(vectors[r][t]);
        assertThat(steps.number(r, t)).as("number(%d, %d)", r, t).isEqualTo(numbers[r][t]);
      }
    }
    assertThat(steps.stateRow(3, 0)).isEqualTo(3);
    assertThat(steps.stateRow(3, 2)).isEqualTo(6 + 11);
  }

  @Test
  void aSmallerBatchLeavesNothingOfALargerOne() {
    Steps steps = Steps.of(9, 9, 9, 8, 8);
    steps.set(new int[] {3, 1, 7}, 2, 1, 1);
    assertThat(steps.batchSize()).isEqualTo(2);
    assertThat(steps.timeSteps()).isEqualTo(3);
    assertThat(steps.total()).isEqualTo(4);
    assertThat(steps.rows(1)).isEqualTo(1);
  }

  @Test
  void theLengthsAreCopied() {
    int[] lengths = {3, 1};
    Steps steps = Steps.of(lengths);
    lengths[1] = 2;
    assertThat(steps.length(1)).isEqualTo(1);
  }

  @Test
  void errorsNameTheRowAndTheNumbers() {
    assertThatThrownBy(Steps::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch: expected at least 1 sequence, got 0");
    assertThatThrownBy(() -> Steps.of(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch: expected sequences of at least 1 step, got 0 in row 1");
    assertThatThrownBy(() -> Steps.of(3, 2, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch: expected the longest sequences first, got 4 steps in row 2 behind 2");
    assertThatThrownBy(() -> Steps.of(Integer.MAX_VALUE / 2 + 1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch: expected sequences of at least 1 step, got -1 in row 1");
  }

  @Test
  void aBatchThatWasRefusedChangesNothing() {
    Steps steps = Steps.of(4, 2);
    assertThatThrownBy(() -> steps.set(new int[] {5, 6}, 2, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(steps.total()).isEqualTo(6);
    assertThat(steps.length(0)).isEqualTo(4);
  }
}
