package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BaselineTest {
  @Test
  void scoresAreThoseOfTheEquation() {
    // "a" has the n-grams a, ^a, a$, ^a$; "b" likewise: V = 8, 4 n-grams of class 0, 8 of class 1.
    NaiveBayesNgrams bayes = NaiveBayesNgrams.fit(List.of("a", "b", "b"), new int[] {0, 1, 1}, 2);
    double[] scores = bayes.scores("A");
    assertThat(scores[0]).isCloseTo(Math.log(1 / 3.0) + 4 * Math.log(1.1 / 4.8), within(1e-12));
    assertThat(scores[1]).isCloseTo(Math.log(2 / 3.0) + 4 * Math.log(0.1 / 8.8), within(1e-12));
    assertThat(bayes.scores("b")[1])
        .isCloseTo(Math.log(2 / 3.0) + 4 * Math.log(2.1 / 8.8), within(1e-12));
    // No n-gram of an unknown text is known: the priors remain.
    assertThat(bayes.scores("zz"))
        .containsExactly(StrictMath.log(1 / 3.0), StrictMath.log(2 / 3.0));
    assertThat(bayes.classCount()).isEqualTo(2);
  }

  @Test
  void theLongestNgramHasFourCharacters() {
    NaiveBayesNgrams bayes = NaiveBayesNgrams.fit(List.of("abcde", "x"), new int[] {0, 1}, 2);
    // 5 of length 1, 6 of 2, 5 of 3 and 4 of 4; "x" has 4: 20 of class 0, V = 24.
    assertThat(bayes.scores("x")[0])
        .isCloseTo(Math.log(0.5) + 4 * Math.log(0.1 / 22.4), within(1e-12));
  }

  @Test
  void aClassWithoutExamplesIsNeverPredicted() {
    NaiveBayesNgrams bayes = NaiveBayesNgrams.fit(List.of("a", "b"), new int[] {0, 2}, 3);
    assertThat(bayes.scores("a")[1]).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(bayes.accuracy(List.of("a", "b"), new int[] {0, 2}, 1)).isEqualTo(1);
  }

  @Test
  void accuracyCountsTheKHighestAndBreaksTiesByClass() {
    MajorityClass majority = MajorityClass.fit(new int[] {2, 2, 2, 1, 0}, 4);
    assertThat(majority.scores("any")).containsExactly(1, 1, 3, 0);
    List<String> texts = List.of("a", "b", "c", "d");
    int[] labels = {0, 1, 2, 3};
    assertThat(majority.accuracy(texts, labels, 1)).isEqualTo(0.25);
    assertThat(majority.accuracy(texts, labels, 2)).isEqualTo(0.5);
    assertThat(majority.accuracy(List.of("a"), new int[] {0}, 2)).isEqualTo(1);
    assertThat(majority.accuracy(texts, labels, 9)).isEqualTo(1);
  }

  @Test
  void wrongExamplesAreRefused() {
    assertThatThrownBy(() -> MajorityClass.fit(new int[] {0, 4}, 4))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("class of example 1: expected 0 to 3, got 4");
    assertThatThrownBy(() -> MajorityClass.fit(new int[0], 4))
        .hasMessage("classes: expected at least one example, got none");
    assertThatThrownBy(() -> MajorityClass.fit(new int[1], 0))
        .hasMessage("class count: expected at least 1, got 0");
    assertThatThrownBy(() -> NaiveBayesNgrams.fit(List.of("a"), new int[2], 1))
        .hasMessage("classes: expected 1 (one for each text), got 2");
    Baseline any = MajorityClass.fit(new int[1], 1);
    assertThatThrownBy(() -> any.accuracy(List.of(), new int[0], 1))
        .hasMessage("texts: expected at least one, got none");
    assertThatThrownBy(() -> any.accuracy(List.of("a"), new int[1], 0))
        .hasMessage("k: expected at least 1, got 0");
    assertThatThrownBy(() -> any.accuracy(List.of("a"), new int[] {1}, 1))
        .hasMessage("class of example 0: expected 0 to 0, got 1");
  }
}
