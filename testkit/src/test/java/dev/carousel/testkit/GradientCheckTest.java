package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GradientCheckTest {

  @Test
  void acceptsTheGradientAndRestoresTheValues() {
    double[][] x = {{0.3, -2}, {1.5}};
    double[] y = {0.7};
    WorstError worst =
        GradientCheck.of(() -> Math.sin(x[0][0]) * x[0][1] + Math.exp(x[1][0] * y[0]))
            .check(
                "x",
                x,
                new double[][] {{Math.cos(0.3) * -2, Math.sin(0.3)}, {0.7 * Math.exp(1.5 * 0.7)}})
            .check("y", y, new double[] {1.5 * Math.exp(1.5 * 0.7)})
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-11);
    assertThat(x).isDeepEqualTo(new double[][] {{0.3, -2}, {1.5}});
    assertThat(y).containsExactly(0.7);
  }

  @Test
  void namesTheElementWhoseGradientIsWrong() {
    double[][][] x = {{{1, 2}}, {{3, 4}, {5, 6}}};
    double[][][] gradient = {{{2, 4}}, {{6, 8}, {10.5, 12}}};
    WorstError worst =
        GradientCheck.of(
                () -> {
                  double sum = 0;
                  for (double[][] sequence : x) {
                    for (double[] step : sequence) {
                      sum += CellReferenceTest.dot(step, step);
                    }
                  }
                  return sum;
                })
            .check("inputs", x, gradient)
            .worst();
    assertThat(worst.name()).isEqualTo("inputs");
    assertThat(worst.index()).isEqualTo("[1][1][0]");
    assertThat(worst.actual()).isEqualTo(10.5);
    assertThat(worst.toString())
        .matches(
            "inputs\\[1]\\[1]\\[0]: expected (10.0|9.99)\\d*, got 10.5, relative error 4.8e-02");
  }

  @Test
  void findsABackwardPassThatForgetsATerm() {
    // An Elman cell whose gradients stop at the step before: what truncation to one step does.
    RandomArrays random = new RandomArrays(50);
    CellReference cell = CellVariant.elman(Activation.TANH).cell().apply(random);
    double[][][] inputs = random.sequences(new int[] {2}, CellVariant.INPUT_SIZE, 1);
    double[][][] head = {{inputs[0][0]}};
    double[][][] tail = {{inputs[0][1]}};
    double[][] ones = {{1, 1, 1, 1}};
    RecurrentRun first = cell.forward(head);
    RecurrentGradients truncated =
        cell.forward(tail, first.finalH(), new double[1][0])
            .backward(new double[1][1][4], ones, new double[1][0]);
    WorstError worst =
        GradientCheck.of(() -> CellReferenceTest.dot(ones[0], cell.forward(inputs).finalH()[0]))
            .check(cell.parameters(), truncated.parameters())
            .worst();
    assertThat(worst.relativeError()).isGreaterThan(1e-2);
  }

  @Test
  void checkingNothingIsAnError() {
    GradientCheck check = GradientCheck.of(() -> 0).check("empty", new double[0], new double[0]);
    assertThatThrownBy(check::worst)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("comparison: expected at least 1 element, got 0");
  }

  @Test
  void shapesMustMatch() {
    assertThatThrownBy(
            () -> GradientCheck.of(() -> 0).check("w", new double[2][3], new double[2][2]))
        .hasMessage("gradient of w[0]: expected 3 values (w), got 2");
  }
}
