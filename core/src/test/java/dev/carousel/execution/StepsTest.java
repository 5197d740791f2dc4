package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.kernel.RowPairs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  void theOrderOfTimeIsThatOfOnePart() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 1);
    assertThat(pairs(steps.all().vectors()))
        .containsExactly("0/0 x 2", "6/6 x 4", "2/2 x 2", "10/10 x 2", "4/4 x 2");
    assertThat(pairs(steps.all().transitions()))
        .containsExactly("0/0 x 2", "2/6 x 4", "6/2 x 2", "12/10 x 2", "8/4 x 2");
  }

  @Test
  void whatFollowsEachOtherIsOneStretch() {
    assertThat(pairs(Steps.of(3, 3).all().transitions())).containsExactly("0/0 x 6");
    assertThat(pairs(Steps.of(3, 1).all().transitions())).containsExactly("0/0 x 3", "4/3 x 1");
  }

  /** Parts of sequences 0 and 1, and 2 to 5; groups of sequence 0, 1 and 2, and 3 to 5. */
  @Test
  void aGroupIsInTheOrderOfTimeWhereverItsPartsLie() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 3);
    assertThat(steps.groups()).isEqualTo(3);
    assertThat(pairs(steps.group(0).transitions()))
        .containsExactly("0/0 x 1", "6/2 x 1", "8/4 x 1");
    assertThat(pairs(steps.group(1).transitions()))
        .containsExactly("1/1 x 1", "2/6 x 1", "7/3 x 1", "12/10 x 1", "9/5 x 1");
    assertThat(pairs(steps.group(2).transitions())).containsExactly("3/7 x 3", "13/11 x 1");
    assertThat(pairs(steps.group(2).vectors())).containsExactly("7/7 x 3", "11/11 x 1");
    assertThat(pairs(steps.group(1).sequences())).containsExactly("1/1 x 2");
    assertThat(pairs(steps.group(2).sequences())).containsExactly("3/3 x 3");
    List<String> all = new ArrayList<>();
    for (int g = 0; g < 3; g++) {
      all.addAll(pairs(steps.group(g).transitions()));
    }
    assertThat(pairs(steps.all().transitions())).isEqualTo(all);
    assertThat(pairs(steps.all().sequences())).containsExactly("0/0 x 6");
  }

  /** Two groups of 100 sequences: windows of two steps, the odd one at the beginning. */
  @Test
  void theWindowsOfAGroupBeginWithItsLastSteps() {
    int[] lengths = new int[200];
    Arrays.fill(lengths, 5);
    lengths[199] = 3;
    Steps steps = new Steps();
    steps.set(lengths, 200, 2, 2);
    assertThat(steps.partsAreGroups()).isTrue();
    Steps.Group group = steps.group(1);
    assertThat(group.windows()).isEqualTo(3);
    Steps.Group.Window window = group.window(0);
    assertThat(List.of(window.begin(), window.end())).containsExactly(3, 5);
    assertThat(pairs(window.vectors())).containsExactly("800/800 x 99", "899/899 x 99");
    assertThat(pairs(window.transitions())).containsExactly("900/800 x 99", "1000/899 x 99");
    window = group.window(1);
    assertThat(List.of(window.begin(), window.end())).containsExactly(1, 3);
    assertThat(pairs(window.vectors())).containsExactly("600/600 x 200");
    window = group.window(2);
    assertThat(List.of(window.begin(), window.end())).containsExactly(0, 1);
    assertThat(pairs(window.transitions())).containsExactly("100/500 x 100");
    assertThatThrownBy(() -> group.window(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> steps.all().window(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("windows: expected one group, got all of them");
  }

  @Test
  void oneGroupIsOneWindowAndNoPart() {
    Steps steps = Steps.of(300, 300);
    assertThat(steps.group(0).windows()).isEqualTo(1);
    assertThat(steps.group(0).window(0).end()).isEqualTo(300);
    assertThat(steps.partsAreGroups()).isFalse();
    steps.set(new int[] {9, 1}, 2, 2, 1);
    assertThat(steps.partsAreGroups()).isFalse();
  }

  @Test
  void aGroupThatGetsNoSequenceIsEmpty() {
    Steps steps = new Steps();
    steps.set(new int[] {9, 1}, 2, 1, 3);
    assertThat(pairs(steps.group(0).transitions())).isEmpty();
    assertThat(pairs(steps.group(0).sequences())).isEmpty();
    assertThat(steps.group(0).windows()).isZero();
    assertThat(pairs(steps.group(1).sequences())).containsExactly("0/0 x 1");
    assertThat(pairs(steps.group(2).sequences())).containsExactly("1/1 x 1");
  }

  private static List<String> pairs(RowPairs pairs) {
    List<String> found = new ArrayList<>();
    for (int s = 0; s < pairs.stretches(); s++) {
      found.add(pairs.left(s) + "/" + pairs.right(s) + " x " + pairs.count(s));
    }
    return found;
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
