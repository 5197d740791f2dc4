package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void theErrorIsRelativeToTheLargerValueAndTheFloor() {
    Comparison comparison = Comparison.withFloor(0.5);
    assertThat(comparison.compare("a", new double[] {4}, new double[] {5}).worst().relativeError())
        .isEqualTo(0.2);
    assertThat(
            comparison.compare("b", new double[] {0, 0.25}, new double[] {0, 0}).worst().toString())
        .isEqualTo("b[1]: expected 0.25, got 0.0, relative error 5.0e-01");
    assertThat(comparison.compared()).isEqualTo(3);
  }

  @Test
  void notANumberIsTheWorst() {
    WorstError worst =
        Comparison.withFloor(1)
            .compare("c", new double[][] {{1, 2}}, new double[][] {{Double.NaN, 9}})
            .worst();
    assertThat(worst.index()).isEqualTo("[0][0]");
    assertThat(worst.relativeError()).isInfinite();
  }

  @Test
  void parametersAreComparedByName() {
    Parameters one = new Parameters().with("weight", new double[2][2]);
    Parameters other = new Parameters().with("weight", new double[][] {{0, 0}, {0, 3}});
    assertThat(Comparison.withFloor(1).compare(one, other).worst().toString())
        .isEqualTo("weight[1][1]: expected 0.0, got 3.0, relative error 1.0e+00");
    assertThatThrownBy(() -> Comparison.withFloor(1).compare(one, new Parameters()))
        .hasMessage("parameter: expected one of [], got weight");
  }

  @Test
  void shapesMustMatch() {
    assertThatThrownBy(
            () -> Comparison.withFloor(1).compare("x", new double[2][1][3], new double[2][2][3]))
        .hasMessage("x[0]: expected 1 rows (the reference), got 2");
  }
}
