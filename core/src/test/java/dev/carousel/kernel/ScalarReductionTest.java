package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The element-wise methods and the striped sums of {@link ScalarKernel}. */
class ScalarReductionTest {
  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    1e-40f,
    -1e30f,
    88.1f,
    -10f
  };

  private final ScalarKernel kernel = new ScalarKernel();
  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20240612);

  private GuardedMatrix row(int n, int at) {
    return new GuardedMatrix(1, n, at, 0, () -> 4 * random.nextGaussian());
  }

  /**
   * The fold tree from its root: a partial sum of the level with {@code half} of them is the sum of
   * two of the level with twice as many.
   */
  private static float folded(float[] stripes, int half, int i) {
    return half == 16
        ? stripes[i]
        : folded(stripes, 2 * half, i) + folded(stripes, 2 * half, i + half);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100, 129})
  void expSumReplacesAndSumsInStripes(int n) {
    GuardedMatrix x = row(n, 5);
    float shift = 2.5f;
    float[] expected = x.values();
    float[] stripes = new float[16];
    double exact = 0;
    for (int i = 0; i < n; i++) {
      exact += StrictMath.exp((double) expected[i] - shift);
      expected[i] = Functions.exp(expected[i] - shift);
      stripes[i % 16] = stripes[i % 16] + expected[i];
    }

    float sum = kernel.expSum(n, shift, x.data(), x.at());

    assertThat(x.values()).isEqualTo(expected);
    assertThat(sum).isEqualTo(folded(stripes, 1, 0));
    // All terms are positive: the shift rounds (|x - shift| below 32), exp is off by 1.02 ulp, and
    // every addition on the way to the root rounds once.
    double relative = 32 * 0x1p-24 + 1.02 * 0x1p-23 + ((n + 15) / 16 + 4) * 0x1p-24;
    assertThat((double) sum).isCloseTo(exact, within(1.001 * relative * exact));
    x.assertGuarded("x");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100, 129})
  void sumOfSquaresFusesEveryStepOfAStripe(int n) {
    GuardedMatrix x = row(n, 3);
    float[] values = x.values();
    float[] stripes = new float[16];
    double exact = 0;
    for (int i = 0; i < n; i++) {
      stripes[i % 16] = Math.fma(values[i], values[i], stripes[i % 16]);
      exact += (double) values[i] * values[i];
    }

    float sum = kernel.sumOfSquares(n, x.data(), x.at());

    assertThat(sum).isEqualTo(folded(stripes, 1, 0));
    double relative = ((n + 15) / 16 + 4) * 0x1p-24;
    assertThat((double) sum).isCloseTo(exact, within(1.001 * relative * exact));
    assertThat(x.values()).isEqualTo(values);
    x.assertGuarded("x");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100, 129})
  void maximumPassesOverWhatIsNoNumber(int n) {
    GuardedMatrix x = row(n, 5);
    float[] values = x.values();
    float expected = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      if (i % 3 == 1) {
        x.data()[x.at() + i] = Float.NaN;
      } else {
        expected = Math.max(expected, values[i]);
      }
    }

    assertThat(kernel.maximum(n, x.data(), x.at())).isEqualTo(expected);
    x.assertGuarded("x");
  }

  @Test
  void maximumOfZerosIsPositive() {
    float[] zeros = {-0f, -1f, 0f, -0f};

    for (int n = 1; n <= zeros.length; n++) {
      // Float.equals tells the zeros apart.
      assertThat(Float.valueOf(kernel.maximum(n, zeros, 0))).isEqualTo(0f);
    }
  }

  @Test
  void belowCountsWhatIsSmaller() {
    float[] x = {1f, Float.NaN, -0f, 0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1f};

    assertThat(kernel.below(7, 1f, x, 0)).isEqualTo(3);
    assertThat(kernel.below(7, Math.nextUp(1f), x, 0)).isEqualTo(5);
    assertThat(kernel.below(7, 0f, x, 0)).isEqualTo(1);
    assertThat(kernel.below(7, Float.POSITIVE_INFINITY, x, 0)).isEqualTo(5);
    assertThat(kernel.below(7, Float.NEGATIVE_INFINITY, x, 0)).isZero();
    assertThat(kernel.below(7, Float.NaN, x, 0)).isZero();
    assertThat(kernel.below(2, 9f, x, 3)).isEqualTo(1);
    assertThat(kernel.below(0, 9f, x, 3)).isZero();
  }

  @Test
  void foldAddsInHalves() {
    float[] stripes = new float[16];
    for (int i = 0; i < 16; i++) {
      stripes[i] = (float) random.nextGaussian() * (1 << i);
    }
    float expected =
        (((stripes[0] + stripes[8]) + (stripes[4] + stripes[12]))
                + ((stripes[2] + stripes[10]) + (stripes[6] + stripes[14])))
            + (((stripes[1] + stripes[9]) + (stripes[5] + stripes[13]))
                + ((stripes[3] + stripes[11]) + (stripes[7] + stripes[15])));
    assertThat(folded(stripes, 1, 0)).isEqualTo(expected);

    assertThat(ScalarKernel.fold(stripes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 33, 255, 256, 257, 600})
  void sigmoidAndTanhReplaceEachValue(int n) {
    GuardedMatrix x = row(n, 2);
    GuardedMatrix y = row(n, 9);
    for (int i = 0; i < n; i += 5) {
      x.data()[x.at() + i] = SPECIAL[i / 5 % SPECIAL.length];
      y.data()[y.at() + i] = SPECIAL[i / 5 % SPECIAL.length];
    }
    float[] sigmoid = x.values();
    float[] tanh = y.values();
    for (int i = 0; i < n; i++) {
      sigmoid[i] = Functions.sigmoid(sigmoid[i]);
      tanh[i] = Functions.tanh(tanh[i]);
    }

    kernel.sigmoid(n, x.data(), x.at());
    kernel.tanh(n, y.data(), y.at());

    assertThat(x.values()).isEqualTo(sigmoid);
    assertThat(y.values()).isEqualTo(tanh);
    x.assertGuarded("x");
    y.assertGuarded("y");
  }
}
