package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Named, random and flat arrays. */
class ArraysTest {

  @Test
  void parametersFlattenInOrderAndBack() {
    double[][] weight = {{1, 2}, {3, 4}};
    Parameters parameters = new Parameters().with("weight", weight).with("bias", new double[] {5});
    assertThat(parameters.flatten()).containsExactly(1, 2, 3, 4, 5);
    parameters.assign(new double[] {6, 7, 8, 9, 10});
    assertThat(weight).isDeepEqualTo(new double[][] {{6, 7}, {8, 9}});
    assertThat(parameters.vector("bias")).containsExactly(10);
    assertThat(parameters.zerosLike().flatten()).containsExactly(0, 0, 0, 0, 0);
    assertThat(parameters.zerosLike().names()).containsExactly("weight", "bias");
    assertThatThrownBy(() -> parameters.assign(new double[4]))
        .hasMessage("flat parameters: expected 5 values (the sum over [weight, bias]), got 4");
    assertThatThrownBy(() -> parameters.vector("weight"))
        .hasMessage("parameter weight: expected 1 rows (it is read as a vector), got 2");
    assertThatThrownBy(() -> parameters.with("bias", new double[1]))
        .hasMessage("parameter bias: expected a new name, got it twice");
  }

  @Test
  void randomArraysRepeatWithTheSeedAndAreFloats() {
    double[] vector = new RandomArrays(7).vector(1000, 3);
    assertThat(new RandomArrays(7).vector(1000, 3)).isEqualTo(vector);
    assertThat(new RandomArrays(8).vector(1000, 3)).isNotEqualTo(vector);
    assertThat(Arrays.stream(vector).allMatch(value -> value == (float) value)).isTrue();
    assertThat(Arrays.stream(vector).min().orElseThrow()).isBetween(-3.0, -2.9);
    assertThat(Arrays.stream(vector).max().orElseThrow()).isBetween(2.9, 3.0);
    assertThat(
            Arrays.stream(new RandomArrays(9).symbols(new int[] {200}, 4)[0]).distinct().sorted())
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void flatFloatsAndBack() {
    float[] flat = FloatArrays.flat(new double[][] {{1, 2, 3}, {4, 5, 6}});
    assertThat(flat).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(FloatArrays.flat(new double[] {0.1})).containsExactly(0.1f);
    assertThat(FloatArrays.matrix(flat, 2, 2, 2)).isDeepEqualTo(new double[][] {{3, 4}, {5, 6}});
    assertThat(FloatArrays.vector(flat, 1, 2)).containsExactly(2, 3);
  }

  @Test
  void timeMajorAndBack() {
    double[][][] sequences = {{{1, 2}, {3, 4}}, {{5, 6}}, {}};
    float[] flat = FloatArrays.timeMajor(sequences, 2, -9);
    assertThat(flat).containsExactly(1, 2, 5, 6, -9, -9, 3, 4, -9, -9, -9, -9);
    assertThat(FloatArrays.sequences(flat, new int[] {2, 1, 0}, 2)).isDeepEqualTo(sequences);
    assertThatThrownBy(() -> FloatArrays.timeMajor(sequences, 3, 0))
        .hasMessage("sequences[0][0]: expected 3 values (features), got 2");
  }
}
