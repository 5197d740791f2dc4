package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/**
 * Every optimizer against the closed form of its moments, for a gradient that is constant or that
 * alternates.
 */
class OptimizerReferenceTest {

  private static final double RATE = 0.1;

  /** The parameter after that many steps along one constant gradient, from 1. */
  private static double after(OptimizerReference optimizer, int steps, double gradient) {
    double[] parameter = {1};
    for (int step = 0; step < steps; step++) {
      optimizer.step(parameter, new double[] {gradient});
    }
    return parameter[0];
  }

  @Test
  void sgd() {
    assertThat(after(new SgdReference(RATE), 3, 2)).isCloseTo(1 - 3 * RATE * 2, within(1e-15));
    // Decay multiplies the parameter by 1 - rate * decay where the gradient is zero.
    assertThat(after(new SgdReference(RATE, 0, false, 0.5), 3, 0))
        .isCloseTo(Math.pow(0.95, 3), within(1e-15));
  }

  @Test
  void momentumSumsTheGeometricSeries() {
    // v_k = g (1 - m^k) / (1 - m): with m = 1/2, g = 2: 2, 3, 3.5.
    assertThat(after(new SgdReference(RATE, 0.5, false, 0), 3, 2))
        .isCloseTo(1 - RATE * 8.5, within(1e-15));
    // Nesterov looks one step ahead: g + m v_k: 3, 3.5, 3.75.
    assertThat(after(new SgdReference(RATE, 0.5, true, 0), 3, 2))
        .isCloseTo(1 - RATE * 10.25, within(1e-15));
  }

  @Test
  void rmsProp() {
    // v_k = g^2 (1 - d^k): with d = 3/4, v = g^2/4, g^2 7/16, g^2 37/64.
    double moved = 1 / (0.5 + 1e-3 / 2) + 1 / (Math.sqrt(7.0 / 16) + 1e-3 / 2);
    assertThat(after(new RmsPropReference(RATE, 0.75, 1e-3, 0, 0), 2, 2))
        .isCloseTo(1 - RATE * moved, within(1e-14));
    // With momentum 1/2 the first move counts 1 + 1/2.
    double first = 1 / (0.5 + 1e-3 / 2);
    assertThat(after(new RmsPropReference(RATE, 0.75, 1e-3, 0.5, 0), 2, 2))
        .isCloseTo(1 - RATE * (moved + first / 2), within(1e-14));
    // A zero gradient leaves decay alone: g = decay * p.
    assertThat(after(new RmsPropReference(RATE, 0.75, 1e-3, 0, 2), 1, 0))
        .isCloseTo(1 - RATE * first, within(1e-14));
  }

  @Test
  void adagrad() {
    // s_k = k g^2.
    double moved = 2 / (2 + 1e-3) + 2 / (Math.sqrt(8) + 1e-3);
    assertThat(after(new AdagradReference(RATE, 1e-3, 0, 0), 2, 2))
        .isCloseTo(1 - RATE * moved, within(1e-14));
    assertThat(after(new AdagradReference(RATE, 1e-3, 5, 0), 1, 2))
        .isCloseTo(1 - RATE * 2 / (3 + 1e-3), within(1e-14));
    assertThat(after(new AdagradReference(RATE, 1e-3, 0, 2), 1, 0))
        .isCloseTo(1 - RATE * 2 / (2 + 1e-3), within(1e-14));
  }

  @Test
  void adamsCorrectedMomentsOfAConstantGradientAreTheGradient() {
    double move = 2 / (2 + 1e-3);
    assertThat(after(AdamReference.adam(RATE, 0.9, 0.999, 1e-3, 0), 5, 2))
        .isCloseTo(1 - 5 * RATE * move, within(1e-12));
  }

  @Test
  void adamOfAChangingGradient() {
    // g = 2, then -1: m = (0.9 * 0.1 * 2 - 0.1) / 0.19, v = (0.99 * 0.01 * 4 + 0.01) / 0.0199.
    OptimizerReference adam = AdamReference.adam(RATE, 0.9, 0.99, 1e-3, 0);
    double[] parameter = {1};
    adam.step(parameter, new double[] {2});
    adam.step(parameter, new double[] {-1});
    double second = 0.08 / 0.19 / (Math.sqrt(0.0496 / 0.0199) + 1e-3);
    assertThat(parameter[0]).isCloseTo(1 - RATE * (2 / (2 + 1e-3) + second), within(1e-13));
  }

  @Test
  void adamWDecaysTheParameterAndAdamTheGradient() {
    assertThat(after(AdamReference.adamW(RATE, 0.9, 0.999, 1e-3, 0.5), 3, 0))
        .isCloseTo(Math.pow(0.95, 3), within(1e-15));
    assertThat(after(AdamReference.adam(RATE, 0.9, 0.999, 1e-3, 2), 1, 0))
        .isCloseTo(1 - RATE * 2 / (2 + 1e-3), within(1e-13));
  }

  @Test
  void parametersAreChangedWhereTheyAre() {
    double[][] weight = {{1, 2}, {3, 4}};
    double[] bias = {5};
    new SgdReference(1)
        .step(
            new Parameters().with("weight", weight).with("bias", bias),
            new Parameters()
                .with("weight", new double[][] {{1, 1}, {1, 1}})
                .with("bias", new double[] {2}));
    assertThat(weight).isDeepEqualTo(new double[][] {{0, 1}, {2, 3}});
    assertThat(bias).containsExactly(3);
  }

  @Test
  void aChangedNumberOfParametersIsRefused() {
    OptimizerReference optimizer = AdamReference.adam(RATE, 0.9, 0.999, 1e-8, 0);
    assertThatThrownBy(() -> optimizer.step(new double[3], new double[2]))
        .hasMessage("gradients: expected 3 values (as many as parameters), got 2");
    optimizer.step(new double[3], new double[3]);
    assertThatThrownBy(() -> optimizer.step(new double[2], new double[2]))
        .hasMessage("parameters: expected 3 values (first moments of the first step), got 2");
  }
}
