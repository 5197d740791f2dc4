package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final Targets NONE = new Targets.None();

  private static Sequences threeFeatureSequences(Targets targets) {
    return Sequences.ofFeatures(
        new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, new int[] {1, 3, 2}, 2, targets);
  }

  @Test
  void tokensStandOneAfterTheOther() {
    Sequences s = Sequences.ofTokens(List.of(new int[] {3, 1}, new int[] {0, 2, 4}), 5, NONE);
    assertThat(s.size()).isEqualTo(2);
    assertThat(s.length(0)).isEqualTo(2);
    assertThat(s.length(1)).isEqualTo(3);
    assertThat(s.start(1)).isEqualTo(2);
    assertThat(s.totalSteps()).isEqualTo(5);
    assertThat(s.longest()).isEqualTo(3);
    assertThat(s.tokenCount()).isEqualTo(5);
    assertThat(s.inputSize()).isZero();
    assertThat(s.hasTokens()).isTrue();
    assertThat(new int[] {s.token(0, 0), s.token(0, 1), s.token(1, 0), s.token(1, 2)})
        .containsExactly(3, 1, 0, 4);
  }

  @Test
  void featuresAreCopiedStepByStepOrInBulk() {
    Sequences s = threeFeatureSequences(NONE);
    float[] to = new float[6];
    s.copyFeatures(1, 2, to, 3);
    assertThat(to).containsExactly(0, 0, 0, 7, 8, 0);
    s.copyFeatures(1, 0, 3, to, 0);
    assertThat(to).containsExactly(3, 4, 5, 6, 7, 8);
    assertThat(s.hasTokens()).isFalse();
    assertThat(s.inputSize()).isEqualTo(2);
    Sequences nested =
        Sequences.ofFeatures(
            List.of(new float[][] {{1, 2}}, new float[][] {{3, 4}, {5, 6}}), 2, NONE);
    nested.copyFeatures(1, 1, to, 0);
    assertThat(to).startsWith(5, 6);
  }

  @Test
  void aStepOfAnotherSequenceIsNotReached() {
    Sequences s = threeFeatureSequences(NONE);
    float[] to = new float[8];
    assertThatThrownBy(() -> s.copyFeatures(0, 1, to, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> s.copyFeatures(1, 1, 3, to, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> s.token(0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void nothingThatWasPassedInCanChangeThem() {
    int[] tokens = {1, 2};
    int[] classes = {0, 1};
    Targets.StepClasses targets = new Targets.StepClasses(classes, 2);
    Sequences s = Sequences.ofTokens(tokens, new int[] {2}, 3, targets);
    tokens[0] = 0;
    classes[1] = 0;
    targets.perStep()[1] = 0;
    assertThat(s.token(0, 0)).isEqualTo(1);
    assertThat(((Targets.StepClasses) s.targets()).of(1)).isEqualTo(1);
  }

  @Test
  void anEmptySequenceIsRefusedByIndex() {
    assertThatThrownBy(() -> Sequences.ofTokens(List.of(new int[1], new int[0]), 2, NONE))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("sequence 1: expected at least 1 step, got 0");
    assertThatThrownBy(() -> Sequences.ofFeatures(new float[2], new int[] {2, 0}, 1, NONE))
        .hasMessage("sequence 1: expected at least 1 step, got 0");
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() {
    assertThatThrownBy(() -> Sequences.ofTokens(List.of(new int[] {0}, new int[] {1, 5}), 5, NONE))
        .hasMessage(
            "sequence 1, step 1: expected a token from 0 to 4 (the vocabulary has 5), got 5");
    assertThatThrownBy(() -> Sequences.ofTokens(List.of(new int[] {-1}), 5, NONE))
        .hasMessage(
            "sequence 0, step 0: expected a token from 0 to 4 (the vocabulary has 5), got -1");
    assertThatThrownBy(() -> Sequences.ofTokens(List.of(new int[] {0}), 0, NONE))
        .hasMessage("token count: expected at least 1, got 0");
  }

  @Test
  void featuresOfTheWrongShapeOrValueAreRefused() {
    assertThatThrownBy(
            () -> Sequences.ofFeatures(List.<float[][]>of(new float[][] {{1, 2}, {3}}), 2, NONE))
        .hasMessage("sequence 0, step 1: expected 2 features (the input size), got 1");
    assertThatThrownBy(() -> Sequences.ofFeatures(new float[5], new int[] {1, 2}, 2, NONE))
        .hasMessage("features: expected 6 (the sum of the lengths), got 5");
    assertThatThrownBy(
            () ->
                Sequences.ofFeatures(
                    new float[] {1, 2, 3, 4, 5, Float.NaN}, new int[] {1, 2}, 2, NONE))
        .hasMessage("sequence 1, step 1, feature 1: expected a finite number, got NaN");
    assertThatThrownBy(() -> Sequences.ofFeatures(new float[0], new int[0], 0, NONE))
        .hasMessage("input size: expected at least 1 feature, got 0");
    assertThatThrownBy(
            () ->
                Sequences.ofFeatures(
                    new float[0], new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE}, 1, NONE))
        .hasMessage("sequences: expected at most 2147483647 steps in all, got more at sequence 1");
    assertThatThrownBy(() -> Sequences.ofFeatures(new float[0], new int[] {1 << 30}, 4, NONE))
        .hasMessage(
            "sequences: expected at most 2147483639 numbers in all, got 1073741824 rows of 4");
  }

  @Test
  void targetsHaveToFit() {
    assertThatThrownBy(() -> threeFeatureSequences(new Targets.Classes(new int[2], 1)))
        .hasMessage("target classes: expected 3 (there are 3 sequences), got 2");
    assertThatThrownBy(() -> threeFeatureSequences(new Targets.StepClasses(new int[3], 1)))
        .hasMessage("target classes: expected 6 (there are 6 steps), got 3");
    assertThatThrownBy(() -> threeFeatureSequences(new Targets.Values(new float[4], 2)))
        .hasMessage("target values: expected 6 (there are 3 sequences), got 4");
    assertThatThrownBy(() -> threeFeatureSequences(Targets.StepValues.unmasked(new float[10], 2)))
        .hasMessage("target values: expected 12 (there are 6 steps), got 10");
    assertThatThrownBy(() -> new Targets.Classes(new int[] {0, 3}, 3))
        .hasMessage("target class of sequence 1: expected 0 to 2, got 3");
    assertThatThrownBy(() -> new Targets.Classes(new int[] {-1}, 3))
        .hasMessage("target class of sequence 0: expected 0 to 2, got -1");
    assertThatThrownBy(() -> new Targets.StepClasses(new int[] {-1, -2}, 3))
        .hasMessage("target class of step 1: expected 0 to 2 or -1 (masked), got -2");
    assertThatThrownBy(() -> new Targets.Values(new float[] {1, 1, Float.NaN}, 2))
        .hasMessage("target values: expected rows of 2, got 3 values");
    assertThatThrownBy(() -> new Targets.Values(new float[] {1, 1, 1, Float.NaN}, 2))
        .hasMessage("target value of sequence 1: expected a finite number, got NaN");
    assertThatThrownBy(() -> new Targets.StepValues(new float[4], 2, new float[] {1, -1}))
        .hasMessage("mask of step 1: expected a finite weight of at least 0, got -1.0");
    assertThatThrownBy(() -> new Targets.StepValues(new float[4], 2, new float[3]))
        .hasMessage("mask: expected 2 weights (one for each step), got 3");
    assertThatThrownBy(() -> Targets.StepValues.unmasked(new float[4], 0))
        .hasMessage("width of the target values: expected at least 1, got 0");
  }

  @Test
  void selectTakesSequencesWithTheirTargets() {
    int[] chosen = {2, 0, 2};
    Sequences all = threeFeatureSequences(new Targets.Classes(new int[] {5, 6, 7}, 8));
    Sequences some = all.select(chosen);
    float[] to = new float[4];
    some.copyFeatures(2, 0, 2, to, 0);
    assertThat(to).containsExactly(9, 10, 11, 12);
    assertThat(some.size()).isEqualTo(3);
    assertThat(some.start(2)).isEqualTo(3);
    assertThat(((Targets.Classes) some.targets()).perSequence()).containsExactly(7, 5, 7);

    Targets.StepClasses steps = new Targets.StepClasses(new int[] {0, 1, 2, 3, 4, -1}, 8);
    assertThat(((Targets.StepClasses) all.withTargets(steps).select(chosen).targets()).perStep())
        .containsExactly(4, -1, 0, 4, -1);

    Targets.Values values = new Targets.Values(new float[] {1, 2, 3, 4, 5, 6}, 2);
    assertThat(((Targets.Values) all.withTargets(values).select(chosen).targets()).perSequence())
        .containsExactly(5, 6, 1, 2, 5, 6);

    float[] weights = {1, 0, 1, 0.5f, 2, 3};
    Targets.StepValues stepValues =
        new Targets.StepValues(new float[] {1, 2, 3, 4, 5, 6}, 1, weights);
    Targets.StepValues selected =
        (Targets.StepValues) all.withTargets(stepValues).select(chosen).targets();
    assertThat(selected.perStep()).containsExactly(5, 6, 1, 5, 6);
    assertThat(selected.mask()).containsExactly(2, 3, 1, 2, 3);
    assertThat(selected.weight(1)).isEqualTo(3);

    assertThat(all.select(new int[0]).withTargets(NONE).size()).isZero();
    assertThatThrownBy(() -> all.select(new int[] {0, 3}))
        .hasMessage("index 1: expected a sequence from 0 to 2, got 3");
  }

  @Test
  void tracksContinueTheStreamAndPredictTheNextToken() {
    int[] stream = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    Sequences s = Sequences.tracks(stream, 10, 4);
    assertThat(s.size()).isEqualTo(4);
    assertThat(s.length(3)).isEqualTo(2);
    Targets.StepClasses next = (Targets.StepClasses) s.targets();
    for (int i = 0; i < 4; i++) {
      for (int t = 0; t < 2; t++) {
        assertThat(s.token(i, t)).isEqualTo(2 * i + t);
        assertThat(next.of(s.start(i) + t)).isEqualTo(2 * i + t + 1);
      }
    }
    assertThat(Sequences.tracks(Arrays.copyOf(stream, 9), 10, 4).totalSteps()).isEqualTo(8);
    assertThat(Sequences.tracks(stream, 10, 9).totalSteps()).isEqualTo(9);
  }

  @Test
  void aStreamTooShortForItsTracksIsRefused() {
    assertThatThrownBy(() -> Sequences.tracks(new int[4], 1, 4))
        .hasMessage(
            "token stream: expected at least 5 tokens (batch size 4 and one to predict), got 4");
    assertThatThrownBy(() -> Sequences.tracks(new int[0], 1, 1))
        .hasMessage(
            "token stream: expected at least 2 tokens (batch size 1 and one to predict), got 0");
    assertThatThrownBy(() -> Sequences.tracks(new int[4], 1, 0))
        .hasMessage("batch size: expected at least 1 track, got 0");
  }
}
