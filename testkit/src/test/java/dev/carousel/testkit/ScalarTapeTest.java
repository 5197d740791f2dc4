package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScalarTapeTest {

  @Test
  void differentiatesAnExpressionWithSharedOperands() {
    ScalarTape tape = new ScalarTape();
    ScalarTape.Var x = tape.constant(0.5);
    ScalarTape.Var y = tape.constant(2);
    // x y + x / y - log(x) + exp(x) : dx = y + 1/y - 1/x + e^x, dy = x - x / y^2
    tape.backward(x.times(y).plus(x.dividedBy(y)).minus(x.log()).plus(x.exp()));
    assertThat(x.gradient).isCloseTo(2 + 0.5 - 2 + Math.exp(0.5), within(1e-15));
    assertThat(y.gradient).isCloseTo(0.5 - 0.125, within(1e-15));
  }

  @Test
  void tanhAndSigmoidHaveTheirDerivatives() {
    ScalarTape tape = new ScalarTape();
    ScalarTape.Var x = tape.constant(0.3);
    ScalarTape.Var y = tape.constant(-0.7);
    tape.backward(x.tanh().plus(y.sigmoid()));
    assertThat(x.gradient).isCloseTo(1 / Math.pow(Math.cosh(0.3), 2), within(1e-15));
    assertThat(y.gradient).isCloseTo(0.25 / Math.pow(Math.cosh(0.35), 2), within(1e-15));
  }

  @Test
  void aClippedValueHasNoGradient() {
    ScalarTape tape = new ScalarTape();
    ScalarTape.Var inside = tape.constant(0.5);
    ScalarTape.Var outside = tape.constant(1.5);
    tape.backward(inside.clip(-1, 1).plus(outside.clip(-1, 1)));
    assertThat(inside.gradient).isEqualTo(1);
    assertThat(outside.gradient).isZero();
  }
}
