package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LossReferenceTest {

  @Test
  void softmaxCrossEntropyByHand() {
    // Odds 1 : 2 : 5.
    double[] logits = {Math.log(1), Math.log(2), Math.log(5)};
    LossReference loss = LossReference.SOFTMAX_CROSS_ENTROPY;
    assertThat(loss.value(logits, LossReference.oneHot(1, 3)))
        .isCloseTo(Math.log(4), within(1e-15));
    assertThat(loss.gradient(logits, LossReference.oneHot(1, 3)))
        .containsExactly(new double[] {0.125, -0.75, 0.625}, within(1e-15));
    assertThat(loss.value(logits, new double[] {0.5, 0, 0.5}))
        .isCloseTo((Math.log(8) + Math.log(1.6)) / 2, within(1e-15));
    assertThat(loss.value(new double[] {1000, -1000}, LossReference.oneHot(1, 2))).isEqualTo(2000);
  }

  @Test
  void binaryCrossEntropyByHand() {
    // Probabilities 3/4 and 1/5.
    double[] logits = {Math.log(3), -Math.log(4)};
    LossReference loss = LossReference.SIGMOID_BINARY_CROSS_ENTROPY;
    assertThat(loss.value(logits, new double[] {1, 1}))
        .isCloseTo((Math.log(4.0 / 3) + Math.log(5)) / 2, within(1e-15));
    assertThat(loss.gradient(logits, new double[] {1, 0.5}))
        .containsExactly(new double[] {-0.125, -0.15}, within(1e-15));
    assertThat(loss.value(new double[] {-1000}, new double[] {1})).isEqualTo(1000);
    assertThat(loss.value(new double[] {1000}, new double[] {1})).isZero();
  }

  @Test
  void squaredErrorByHand() {
    LossReference loss = LossReference.SQUARED_ERROR;
    assertThat(loss.value(new double[] {1, 5}, new double[] {2, 2})).isEqualTo(5);
    assertThat(loss.gradient(new double[] {1, 5}, new double[] {2, 2})).containsExactly(-1, 3);
  }

  @ParameterizedTest
  @EnumSource
  void gradientsEqualCentralDifferences(LossReference loss) {
    RandomArrays random = new RandomArrays(40);
    int[] lengths = {3, 0, 5, 1};
    double[][][] outputs = random.sequences(lengths, 4, 3);
    double[][][] targets = random.sequences(lengths, 4, 1);
    boolean[][] mask = {{true, false, true}, {}, {true, true, true, true, false}, {false}};
    double[][][] dOutputs = loss.perStep(outputs, targets, mask).dOutputs();
    assertThat(dOutputs[0][1]).containsOnly(0);
    double[][] dRows = loss.perSequence(outputs[2], targets[2]).dOutputs();
    double[][][] unmasked = loss.perStep(outputs, targets).dOutputs();
    WorstError worst =
        GradientCheck.of(() -> loss.perStep(outputs, targets, mask).value())
            .check("per step", outputs, dOutputs)
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-8);
    worst =
        GradientCheck.of(() -> loss.perSequence(outputs[2], targets[2]).value())
            .check("per sequence", outputs[2], dRows)
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-8);
    worst =
        GradientCheck.of(() -> loss.perStep(outputs, targets).value())
            .check("unmasked", outputs, unmasked)
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-8);
  }

  @Test
  void meansAreOverWhatCounts() {
    double[][][] outputs = {{{1}, {2}, {3}}, {{10}}};
    double[][][] targets = {{{0}, {0}, {0}}, {{0}}};
    LossReference loss = LossReference.SQUARED_ERROR;
    assertThat(loss.perStep(outputs, targets).value()).isEqualTo((1 + 4 + 9 + 100) / 4.0);
    LossReference.StepLoss masked =
        loss.perStep(outputs, targets, new boolean[][] {{true, false, true}, {false}});
    assertThat(masked.value()).isEqualTo(5);
    assertThat(masked.dOutputs()).isDeepEqualTo(new double[][][] {{{1}, {0}, {3}}, {{0}}});
    assertThat(loss.perStep(outputs, targets, new boolean[][] {new boolean[3], {false}}).value())
        .isZero();
    assertThat(loss.perSequence(new double[][] {{1}, {3}}, new double[][] {{0}, {0}}).value())
        .isEqualTo(5);
  }

  @Test
  void targetsMustMatchTheOutputs() {
    assertThatThrownBy(
            () -> LossReference.SQUARED_ERROR.perSequence(new double[2][3], new double[2][4]))
        .hasMessage("targets[0]: expected 3 values (the outputs' length), got 4");
    assertThatThrownBy(
            () ->
                LossReference.SQUARED_ERROR.perStep(
                    new double[1][2][3], new double[1][2][3], new boolean[1][1]))
        .hasMessage("mask[0]: expected 2 rows (timeSteps), got 1");
  }
}
