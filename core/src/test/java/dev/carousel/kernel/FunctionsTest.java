package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The error bounds that {@link Functions} states, over a dense sweep: every exponent and sign with
 * {@value #MANTISSAS} mantissas each, and the floats around every switch of the range reduction.
 * The reference is {@code StrictMath} in double precision, whose own error is below 2^-28 float
 * ulp.
 */
class FunctionsTest {
  private static final int MANTISSAS = 2048;

  /** Odd, so that the low bits of the mantissas differ too. */
  private static final int MANTISSA_STEP = (1 << 23) / MANTISSAS - 1;

  /** Where an exhaustive sweep of all floats found the largest errors: exp, sigmoid, tanh. */
  private static final float[] WORST = {-59.92188f, -16.635704f, 0.06241588f};

  private interface FloatFunction {
    float of(float x);
  }

  private interface FloatConsumer {
    void accept(float x);
  }

  /** The floats of the sweep between two limits. */
  private static void sweep(float low, float high, FloatConsumer consumer) {
    for (int exponent = 0; exponent < 255; exponent++) {
      for (int i = 0; i < MANTISSAS; i++) {
        float x = Float.intBitsToFloat((exponent << 23) + i * MANTISSA_STEP);
        accept(-x, low, high, consumer);
        accept(x, low, high, consumer);
      }
    }
    for (float x : WORST) {
      accept(x, low, high, consumer);
    }
    for (int half = -255; half <= 255; half += 2) {
      float x = (float) (0.5 * half * StrictMath.log(2));
      // tanh reduces the double of its argument.
      for (float start : new float[] {x, x / 2}) {
        float from = Float.intBitsToFloat(Float.floatToIntBits(start) - 8);
        for (int i = 0; i < 16; i++) {
          accept(Float.intBitsToFloat(Float.floatToIntBits(from) + i), low, high, consumer);
        }
      }
    }
  }

  private static void accept(float x, float low, float high, FloatConsumer consumer) {
    if (x >= low && x <= high) {
      consumer.accept(x);
    }
  }

  private static final class Worst {
    double ulps;
    float at;
  }

  private static Worst worst(
      FloatFunction function, DoubleUnaryOperator reference, float low, float high) {
    Worst worst = new Worst();
    sweep(
        low,
        high,
        x -> {
          double exact = reference.applyAsDouble(x);
          double ulps = Math.abs(function.of(x) - exact) / Math.ulp((float) exact);
          if (!(ulps <= worst.ulps)) {
            worst.ulps = ulps;
            worst.at = x;
          }
        });
    return worst;
  }

  @Test
  void expIsWithinItsBound() {
    Worst worst = worst(Functions::exp, StrictMath::exp, Functions.EXP_MIN, Functions.EXP_MAX);

    assertThat(worst.ulps).as("exp(%s)", worst.at).isBetween(1.0, 1.02);
  }

  @Test
  void sigmoidIsWithinItsBound() {
    DoubleUnaryOperator logistic = x -> 1 / (1 + StrictMath.exp(-x));

    Worst worst = worst(Functions::sigmoid, logistic, -87f, Float.MAX_VALUE);

    assertThat(worst.ulps).as("sigmoid(%s)", worst.at).isBetween(2.4, 2.5);
  }

  @Test
  void tanhIsWithinItsBound() {
    Worst worst = worst(Functions::tanh, StrictMath::tanh, -Float.MAX_VALUE, Float.MAX_VALUE);

    assertThat(worst.ulps).as("tanh(%s)", worst.at).isBetween(2.6, 2.7);
  }

  @Test
  void expAndSigmoidNeverDecrease() {
    sweep(
        -Float.MAX_VALUE,
        Float.MAX_VALUE,
        x -> {
          float next = Math.nextUp(x);
          if (Functions.exp(next) < Functions.exp(x)
              || Functions.sigmoid(next) < Functions.sigmoid(x)) {
            throw new AssertionError("decreases from " + x + " to " + next);
          }
        });
  }

  @Test
  void tanhDecreasesByTwoUlpAtMost() {
    sweep(
        -Float.MAX_VALUE,
        Float.MAX_VALUE,
        x -> {
          float here = Functions.tanh(x);
          float next = Functions.tanh(Math.nextUp(x));
          if (here - next > 2 * Math.ulp(next)) {
            throw new AssertionError("tanh decreases from " + here + " to " + next + " at " + x);
          }
        });
  }

  @Test
  void valuesStayInTheirRange() {
    sweep(
        -Float.MAX_VALUE,
        Float.MAX_VALUE,
        x -> {
          float sigmoid = Functions.sigmoid(x);
          float tanh = Functions.tanh(x);
          if (!(sigmoid > 0 && sigmoid <= 1 && tanh >= -1 && tanh <= 1)) {
            throw new AssertionError(x + ": sigmoid " + sigmoid + ", tanh " + tanh);
          }
        });
  }

  @Test
  void notANumberStaysNotANumber() {
    for (int bits : new int[] {0x7fc00000, 0x7f800001, 0xffc12345, 0x7fffffff}) {
      float x = Float.intBitsToFloat(bits);
      assertThat(Functions.exp(x)).isNaN();
      assertThat(Functions.sigmoid(x)).isNaN();
      assertThat(Functions.tanh(x)).isNaN();
    }
    assertThat(Functions.log(Double.NaN)).isNaN();
  }

  @Test
  void argumentsBeyondTheLimitsKeepTheValueThere() {
    for (float x : new float[] {88.00001f, 1e10f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertThat(Functions.exp(x)).isEqualTo(Functions.exp(88f));
      assertThat(Functions.exp(-x)).isEqualTo(Functions.exp(-87f));
      assertThat(Functions.sigmoid(x)).isEqualTo(1f);
      assertThat(Functions.sigmoid(-x)).isEqualTo(Functions.sigmoid(-88f)).isLessThan(1e-38f);
      assertThat(Functions.tanh(x)).isEqualTo(1f);
      assertThat(Functions.tanh(-x)).isEqualTo(-1f);
    }
    assertThat(Functions.tanh(10f)).isEqualTo(1f);
    assertThat(Functions.tanh(-10f)).isEqualTo(-1f);
  }

  @Test
  void theOriginIsExact() {
    for (float zero : new float[] {0f, -0f}) {
      assertThat(Functions.exp(zero)).isEqualTo(1f);
      assertThat(Functions.sigmoid(zero)).isEqualTo(0.5f);
      // Float.equals tells the zeros apart: the sign of a negative zero is lost.
      assertThat(Float.valueOf(Functions.tanh(zero))).isEqualTo(0f);
    }
    assertThat(Functions.tanh(Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
    assertThat(Functions.tanh(-Float.MIN_VALUE)).isEqualTo(-Float.MIN_VALUE);
  }

  @ParameterizedTest(name = "x = {0}")
  @CsvSource({
    "-87.0, b33687, b33688, bf800000",
    "-59.92188, 143b8882, 143b8882, bf800000",
    "-20.5, 30abd1d8, 30abd1d8, bf800000",
    "-16.635704, 337ff4bf, 337ff4bc, bf800000",
    "-8.664417, 3935015c, 3934f95c, bf800000",
    "-5.0, 3bdcc9ff, 3bdb4fb4, bf7ffa0c",
    "-1.0, 3ebc5ab2, 3e89b2b1, bf42f7d7",
    "-0.3465736, 3f3504f4, 3ed413cc, beaaaaab",
    "-0.1, 3f67a36d, 3ef335ed, bdcc1ebc",
    "-1.0E-5, 3f7fff58, 3effffac, b727c5ac",
    "1.0E-20, 3f800000, 3f000000, 1e3ce508",
    "0.00390625, 3f808040, 3f004000, 3b7fffaa",
    "0.06241588, 3f883e6c, 3f03fe4a, 3d7f52ed",
    "0.5, 3fd3094c, 3f1f597f, 3eec9a9e",
    "0.6931472, 40000000, 3f2aaaab, 3f19999a",
    "1.0, 402df854, 3f3b26a8, 3f42f7d6",
    "3.1415927, 41b92024, 3f75653f, 3f7f0bb0",
    "9.5, 4650bee8, 3f7ffb18, 3f800000",
    "27.3, 5327376d, 3f800000, 3f800000",
    "88.0, 7ef882b7, 3f800000, 3f800000"
  })
  void bitsAreTheSameOnEveryMachine(float x, String exp, String sigmoid, String tanh) {
    assertThat(hex(Functions.exp(x))).as("exp").isEqualTo(exp);
    assertThat(hex(Functions.sigmoid(x))).as("sigmoid").isEqualTo(sigmoid);
    assertThat(hex(Functions.tanh(x))).as("tanh").isEqualTo(tanh);
  }

  private static String hex(float x) {
    return Integer.toHexString(Float.floatToIntBits(x));
  }

  /** One number for the bits of a function over the whole sweep. */
  private static String digest(FloatFunction function) {
    long[] digest = {0};
    sweep(
        -Float.MAX_VALUE,
        Float.MAX_VALUE,
        x -> digest[0] = 31 * digest[0] + Float.floatToIntBits(function.of(x)));
    return Long.toHexString(digest[0]);
  }

  @Test
  void theSweepHasTheSameBitsOnEveryMachine() {
    assertThat(digest(Functions::exp)).isEqualTo("a32042a9e1767856");
    assertThat(digest(Functions::sigmoid)).isEqualTo("ed34da9b189df2a0");
    assertThat(digest(Functions::tanh)).isEqualTo("5be62bb1bfc845e4");
  }

  private static final MathContext DIGITS = new MathContext(40);
  private static final BigDecimal LN2 = lnByArtanh(BigDecimal.valueOf(2));

  /** {@code ln m = 2 artanh((m - 1) / (m + 1))}, the series to 40 digits. */
  private static BigDecimal lnByArtanh(BigDecimal m) {
    BigDecimal s = m.subtract(BigDecimal.ONE).divide(m.add(BigDecimal.ONE), DIGITS);
    BigDecimal square = s.multiply(s, DIGITS);
    BigDecimal power = s;
    BigDecimal sum = BigDecimal.ZERO;
    for (int k = 1; power.abs().compareTo(new BigDecimal("1e-60")) > 0; k += 2) {
      sum = sum.add(power.divide(BigDecimal.valueOf(k), DIGITS), DIGITS);
      power = power.multiply(square, DIGITS);
    }
    return sum.multiply(BigDecimal.valueOf(2));
  }

  @Test
  void logIsWithinItsBound() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
    for (int i = 0; i < 4000; i++) {
      double x =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong(0x7FEFFFFFFFFFFFFFL) + 1);
            case 1 -> 1 + random.nextDouble(-0.5, 0.5) * Math.scalb(1.0, -random.nextInt(50));
            case 2 -> random.nextDouble();
            default -> Double.MIN_VALUE * (1 + random.nextInt(1 << 20));
          };
      // Near 1 the logarithm is small and no multiple of ln 2 may cancel in the reference.
      boolean near = x > 0.7 && x < 1.4;
      boolean subnormal = x < Double.MIN_NORMAL;
      double scaled = subnormal ? x * 0x1p54 : x;
      int shift = near ? 0 : Math.getExponent(scaled);
      BigDecimal mantissa = new BigDecimal(Math.scalb(scaled, -shift));
      int exponent = subnormal ? shift - 54 : shift;
      BigDecimal exact =
          lnByArtanh(mantissa).add(LN2.multiply(BigDecimal.valueOf(exponent)), DIGITS);
      BigDecimal error = new BigDecimal(Functions.log(x)).subtract(exact).abs();
      assertThat(error)
          .as("log(%s)", x)
          .isLessThanOrEqualTo(exact.abs().multiply(new BigDecimal("1e-15")));
    }
  }

  @Test
  void logAtItsLimits() {
    assertThat(Double.valueOf(Functions.log(1))).isEqualTo(0.0);
    assertThat(Functions.log(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Functions.log(-0.0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Functions.log(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Functions.log(-Double.MIN_VALUE)).isNaN();
    assertThat(Functions.log(Double.NEGATIVE_INFINITY)).isNaN();
  }
}
