package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.kernel.RowPairs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SumOrderTest {
  @Test
  void theOrderOfTimeIsThatOfOnePart() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 1);
    assertThat(pairs(steps.sums().all().vectors()))
        .containsExactly("0/0 x 2", "6/6 x 4", "2/2 x 2", "10/10 x 2", "4/4 x 2");
    assertThat(pairs(steps.sums().all().transitions()))
        .containsExactly("0/0 x 2", "2/6 x 4", "6/2 x 2", "12/10 x 2", "8/4 x 2");
  }

  @Test
  void whatFollowsEachOtherIsOneStretch() {
    assertThat(pairs(Steps.of(3, 3).sums().all().transitions())).containsExactly("0/0 x 6");
    assertThat(pairs(Steps.of(3, 1).sums().all().transitions()))
        .containsExactly("0/0 x 3", "4/3 x 1");
  }

  /** Parts of sequences 0 and 1, and 2 to 5; groups of sequence 0, 1 and 2, and 3 to 5. */
  @Test
  void aGroupIsInTheOrderOfTimeWhereverItsPartsLie() {
    Steps steps = new Steps();
    steps.set(new int[] {3, 3, 2, 2, 1, 1}, 6, 2, 3);
    assertThat(steps.groups()).isEqualTo(3);
    assertThat(pairs(steps.sums().group(0).transitions()))
        .containsExactly("0/0 x 1", "6/2 x 1", "8/4 x 1");
    assertThat(pairs(steps.sums().group(1).transitions()))
        .containsExactly("1/1 x 1", "2/6 x 1", "7/3 x 1", "12/10 x 1", "9/5 x 1");
    assertThat(pairs(steps.sums().group(2).transitions())).containsExactly("3/7 x 3", "13/11 x 1");
    assertThat(pairs(steps.sums().group(2).vectors())).containsExactly("7/7 x 3", "11/11 x 1");
    assertThat(pairs(steps.sums().group(1).sequences())).containsExactly("1/1 x 2");
    assertThat(pairs(steps.sums().group(2).sequences())).containsExactly("3/3 x 3");
    List<String> all = new ArrayList<>();
    for (int g = 0; g < 3; g++) {
      all.addAll(pairs(steps.sums().group(g).transitions()));
    }
    assertThat(pairs(steps.sums().all().transitions())).isEqualTo(all);
    assertThat(pairs(steps.sums().all().sequences())).containsExactly("0/0 x 6");
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
    SumOrder.Group group = steps.sums().group(1);
    assertThat(group.windows()).isEqualTo(3);
    SumOrder.Group.Window window = group.window(0);
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
    assertThatThrownBy(() -> steps.sums().all().window(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("windows: expected one group, got all of them");
  }

  @Test
  void oneGroupIsOneWindowAndNoPart() {
    Steps steps = Steps.of(300, 300);
    assertThat(steps.sums().group(0).windows()).isEqualTo(1);
    assertThat(steps.sums().group(0).window(0).end()).isEqualTo(300);
    assertThat(steps.partsAreGroups()).isFalse();
    steps.set(new int[] {9, 1}, 2, 2, 1);
    assertThat(steps.partsAreGroups()).isFalse();
  }

  @Test
  void aGroupThatGetsNoSequenceIsEmpty() {
    Steps steps = new Steps();
    steps.set(new int[] {9, 1}, 2, 1, 3);
    assertThat(pairs(steps.sums().group(0).transitions())).isEmpty();
    assertThat(pairs(steps.sums().group(0).sequences())).isEmpty();
    assertThat(steps.sums().group(0).windows()).isZero();
    assertThat(pairs(steps.sums().group(1).sequences())).containsExactly("0/0 x 1");
    assertThat(pairs(steps.sums().group(2).sequences())).containsExactly("1/1 x 1");
  }

  private static List<String> pairs(RowPairs pairs) {
    List<String> found = new ArrayList<>();
    for (int s = 0; s < pairs.stretches(); s++) {
      found.add(pairs.left(s) + "/" + pairs.right(s) + " x " + pairs.count(s));
    }
    return found;
  }
}
