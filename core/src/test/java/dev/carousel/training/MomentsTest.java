package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.network.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Moments that shrink come to rest before they are among the numbers that are slow. */
class MomentsTest {
  @Test
  void whatCountsIsKeptToTheLastBit() {
    RandomGenerator random = Seeds.of(1, Seeds.Purpose.SAMPLING);
    for (int i = 0; i < 100_000; i++) {
      float mantissa = 1 + Seeds.uniform(random);
      for (int exponent : new int[] {-76, -75, -60, -55, -30, 0, 100}) {
        float value = Math.scalb(mantissa, exponent);
        assertThat(Moments.keptSquare(value)).isEqualTo(value);
        if (exponent >= -55) {
          assertThat(Moments.keptMean(value)).isEqualTo(value);
          assertThat(Moments.keptMean(-value)).isEqualTo(-value);
        }
      }
    }
    assertThat(Moments.keptMean(Float.NaN)).isNaN();
    assertThat(Moments.keptSquare(Float.POSITIVE_INFINITY)).isInfinite();
  }

  @Test
  void whatIsSmallIsRoundedOrZero() {
    assertThat(Moments.keptMean(0x1.8p-103f)).isEqualTo(0x1p-102f);
    assertThat(Moments.keptMean(-0x1p-103f)).isEqualTo(-0x1p-103f);
    assertThat(Moments.keptMean(0x1p-105f)).isZero();
    assertThat(Moments.keptMean(-0x1p-104f)).isEqualTo(-0x1p-104f);
    assertThat(Moments.keptMean(-0x1p-106f)).isZero();
    assertThat(Moments.keptSquare(0x1p-124f)).isEqualTo(0x1p-124f);
    assertThat(Moments.keptSquare(0x1p-126f)).isZero();
    assertThat(Moments.keptSquare(Float.MIN_VALUE)).isZero();
  }

  /** One gradient, then none: as of a word that is not seen again. */
  @TestFactory
  List<DynamicTest> noOptimizerKeepsANumberThatIsSlow() {
    return List.of(
        fades("adam", Adam.withLearningRate(1e-3)),
        fades("adam, fast", Adam.withLearningRate(1e-3).withBetas(0.5, 0.9)),
        fades("momentum", Sgd.withLearningRate(1e-3).withMomentum(0.9)),
        fades("nesterov", Sgd.withLearningRate(1e-3).withMomentum(0.9).withNesterov()),
        fades("rmsprop", new RmsProp(1e-3f, 0.99f, 1e-8f)));
  }

  private static DynamicTest fades(String name, Optimizer optimizer) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          int size = 100;
          float[] parameters = new float[size];
          float[] gradients = SmallProblems.values(Seeds.of(2, Seeds.Purpose.SAMPLING), size);
          Moments moments = new Moments(optimizer.momentCount(), size);
          moments.beta1Power = 0.5;
          moments.beta2Power = 0.5;
          for (int step = 0; step < 100_000; step++) {
            optimizer.update(parameters, gradients, new float[size], moments, 0, size, 1e-3f, 1f);
            Arrays.fill(gradients, 0f);
            assertNormal(moments.first);
            assertNormal(moments.second);
          }
          assertThat(Math.abs(largest(moments.first))).isLessThan(1e-29f);
          assertThat(Math.abs(largest(moments.second))).isLessThan(1e-34f);
          assertThat(parameters).doesNotContain(0f);
        });
  }

  private static void assertNormal(float[] values) {
    for (float value : values) {
      if (value != 0 && Math.abs(value) < Float.MIN_NORMAL) {
        throw new AssertionError("expected zero or a number of at least 2^-126, got " + value);
      }
    }
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
