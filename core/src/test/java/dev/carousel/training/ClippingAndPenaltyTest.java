package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import org.junit.jupiter.api.Test;

/** A dense layer of two weights and a bias, updated by plain gradient descent at rate 1. */
class ClippingAndPenaltyTest {
  private static final Network NETWORK = Network.input(2).dense(1).linear();

  /** Parameters after one step, or the gradients before it. */
  private record Step(double norm, double penalty, float[] gradients, float[] parameters) {}

  private static Step step(float[] start, float[] gradients, Clipping clipping, Penalty penalty) {
    Parameters parameters = new Parameters(NETWORK, start.clone());
    float[] given = gradients.clone();
    try (Workers workers = new Workers(1)) {
      Sgd sgd = Sgd.withLearningRate(1);
      ParameterUpdate update =
          new ParameterUpdate(
              new ScalarKernel(), workers, parameters, given, sgd, clipping, penalty);
      double value = update.penaltyValue();
      double norm = update.measure();
      float[] measured = given.clone();
      update.step(norm, 1);
      return new Step(norm, value, measured, parameters.values());
    }
  }

  private static Step clipped(Clipping clipping, float... gradients) {
    return step(new float[3], gradients, clipping, Penalty.NONE);
  }

  @Test
  void withoutClippingGradientsAreAppliedAsTheyAre() {
    Step step = clipped(new Clipping.None(), 3, -4, 12);
    assertThat(step.norm()).isEqualTo(13);
    assertThat(step.parameters()).containsExactly(-3, 4, -12);
  }

  @Test
  void byValueLimitsEachElementAndReportsTheNormBefore() {
    Step step = clipped(new Clipping.Value(3.5f), 3, -4, 12);
    assertThat(step.norm()).isEqualTo(13);
    assertThat(step.parameters()).containsExactly(-3, 3.5f, -3.5f);
  }

  @Test
  void byGlobalNormScalesAll() {
    Step step = clipped(new Clipping.GlobalNorm(6.5f), 3, -4, 12);
    assertThat(step.norm()).isEqualTo(13);
    assertThat(step.parameters()).containsExactly(-1.5f, 2, -6);
  }

  @Test
  void byGlobalNormLeavesSmallGradientsAlone() {
    assertThat(clipped(new Clipping.GlobalNorm(13), 3, -4, 12).parameters())
        .containsExactly(-3, 4, -12);
  }

  @Test
  void l1AndL2CountWeightsButNotBiases() {
    float[] start = {0.5f, -2, 7};
    Step step = step(start, new float[] {1, 1, 1}, new Clipping.None(), new Penalty(0.25f, 0.5f));
    // 0.25 (0.5 + 2) + 0.5 / 2 (0.25 + 4)
    assertThat(step.penalty()).isCloseTo(1.6875, within(1e-12));
    // 1 + 0.25 + 0.25, 1 - 0.25 - 1, 1
    assertThat(step.gradients()).containsExactly(1.5f, -0.25f, 1);
    assertThat(step.parameters()).containsExactly(-1, -1.75f, 6);
  }

  @Test
  void l1OfZeroHasNoGradient() {
    float[] none = new float[3];
    assertThat(step(none, none, new Clipping.None(), new Penalty(1, 0)).gradients())
        .containsExactly(0, 0, 0);
  }

  @Test
  void thePenaltyIsClippedWithTheGradient() {
    Step step =
        step(new float[] {4, 0, 0}, new float[3], new Clipping.Value(0.5f), new Penalty(0, 1));
    assertThat(step.norm()).isEqualTo(4);
    assertThat(step.parameters()).containsExactly(3.5f, 0, 0);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatThrownBy(() -> new Clipping.Value(0))
        .hasMessage("clip value: expected a finite number above 0, got 0.0");
    assertThatThrownBy(() -> new Clipping.GlobalNorm(Float.NaN))
        .hasMessage("clip norm: expected a finite number above 0, got NaN");
    assertThatThrownBy(() -> new Penalty(-1, 0))
        .hasMessage("penalty: expected finite numbers of at least 0, got l1=-1.0, l2=0.0");
  }
}
