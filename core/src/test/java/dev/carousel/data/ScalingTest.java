package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScalingTest {
  private static final Sequences TRAIN =
      Sequences.ofFeatures(
          new float[] {2, 0.1f, 4, 0.1f, 4, 0.1f, 4, 0.1f, 5, 0.1f, 5, 0.1f, 7, 0.1f, 9, 0.1f},
          new int[] {3, 5},
          2,
          new Targets.Classes(new int[] {0, 1}, 2));

  @Test
  void meanAndPopulationDeviationOverAllSteps() {
    Scaling scaling = Scaling.fit(TRAIN);
    assertThat(scaling.mean()).containsExactly(5, 0.1f);
    assertThat(scaling.deviation()).containsExactly(2, 1);
    assertThat(scaling.inputSize()).isEqualTo(2);
    Sequences scaled = scaling.apply(TRAIN);
    float[] row = new float[2];
    scaled.copyFeatures(1, 4, row, 0);
    assertThat(row).containsExactly(2, 0);
    assertThat(scaled.targets()).isSameAs(TRAIN.targets());
    scaling.invert(row);
    assertThat(row).containsExactly(9, 0.1f);
    assertThat(scaling.apply(3, 0)).isEqualTo(-1);
    assertThat(scaling.invert(-1, 0)).isEqualTo(3);
  }

  @Test
  void whatWasScaledComesBack() {
    Sequences many = Tasks.addingProblem(20, 50, 3);
    Scaling scaling = Scaling.fit(many);
    Sequences scaled = scaling.apply(many);
    Scaling again = Scaling.fit(scaled);
    assertThat(again.mean()[0]).isCloseTo(0, within(1e-6f));
    assertThat(again.deviation()[1]).isCloseTo(1, within(1e-6f));
    float[] before = new float[100];
    float[] after = new float[100];
    many.copyFeatures(7, 0, 50, before, 0);
    scaled.copyFeatures(7, 0, 50, after, 0);
    scaling.invert(after);
    assertThat(after).containsExactly(before, within(1e-6f));
  }

  @Test
  void aSavedScalingIsTheSame() {
    Scaling scaling = Scaling.fit(TRAIN);
    Scaling saved = new Scaling(scaling.mean(), scaling.deviation());
    assertThat(saved).isEqualTo(scaling).hasSameHashCodeAs(scaling);
    scaling.mean()[0] = 7;
    assertThat(saved).isEqualTo(scaling);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Sequences tokens = Sequences.ofTokens(List.of(new int[1]), 1, new Targets.None());
    assertThatThrownBy(() -> Scaling.fit(tokens))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("scaling: expected sequences of features, got tokens");
    assertThatThrownBy(() -> Scaling.fit(TRAIN.select(new int[0])))
        .hasMessage("scaling: expected sequences of features, got no sequences");
    Scaling one = new Scaling(new float[] {1}, new float[] {2});
    assertThatThrownBy(() -> one.apply(TRAIN))
        .hasMessage("sequences: expected 1 features (the scaling was fitted on them), got 2");
    assertThatThrownBy(() -> Scaling.fit(TRAIN).apply(new float[3]))
        .hasMessage("features: expected rows of 2 (the scaling was fitted on them), got 3 numbers");
    assertThatThrownBy(() -> new Scaling(new float[2], new float[] {1}))
        .hasMessage(
            "scaling: expected as many deviations as means and at least one, got 2 means and 1 deviations");
    assertThatThrownBy(() -> new Scaling(new float[] {Float.NaN}, new float[] {1}))
        .hasMessage("mean of feature 0: expected a finite number, got NaN");
    assertThatThrownBy(() -> new Scaling(new float[2], new float[] {1, 0}))
        .hasMessage("deviation of feature 1: expected a finite number above 0, got 0.0");
  }
}
