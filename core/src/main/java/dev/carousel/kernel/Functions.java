package dev.carousel.kernel;

/**
 * The transcendental functions of Carousel, specified bit for bit.
 *
 * <p>{@code Math.exp} and {@code Math.tanh} may differ between machines and between interpreter and
 * compilers, so every kernel provider evaluates exactly the fused steps written here, lane by lane.
 * The three float functions share one range reduction, {@code x = n ln 2 + r} with {@code |r| <= ln
 * 2 / 2}, and one polynomial for {@code e^r - 1} (a weighted minimax fit; its own relative error is
 * below 4e-9).
 *
 * <p>Stated errors, the largest over every float: {@link #exp} below 1.02 ulp on [-87, 88], {@link
 * #sigmoid} below 2.5 ulp for x >= -87, {@link #tanh} below 2.7 ulp. {@code exp} and {@code
 * sigmoid} never decrease; {@code tanh} can fall by up to 2 ulp from one float to the next, and
 * {@code tanh(-x)} can differ from {@code -tanh(x)} within its bound. NaN gives NaN.
 */
public final class Functions {
  /** {@code 1.5 * 2^23}: adding it rounds to an integer and leaves that integer in the low bits. */
  public static final float ROUNDER = 0x1.8p23f;

  public static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 in two parts; the first has nine significant bits. */
  public static final float LN2_HIGH = 0x1.63p-1f;

  public static final float LN2_LOW = -0x1.bd0106p-13f;

  /** Coefficients of {@code (e^r - 1 - r) / r^2}, ascending. */
  public static final float E2 = 0x1.fffffcp-2f;

  public static final float E3 = 0x1.555492p-3f;
  public static final float E4 = 0x1.5558f2p-5f;
  public static final float E5 = 0x1.123a2p-7f;
  public static final float E6 = 0x1.6a23cep-10f;

  /** Beyond these arguments {@link #exp} and {@link #sigmoid} keep the value they have there. */
  public static final float EXP_MIN = -87f;

  public static final float EXP_MAX = 88f;

  /** Beyond this magnitude {@link #tanh} is 1 in float precision. */
  public static final float TANH_MAX = 10f;

  private static final double LN2 = 0x1.62e42fefa39efp-1;
  private static final double SQRT2 = 0x1.6a09e667f3bcdp0;

  private Functions() {}

  /** {@code e^x}, the argument limited to [{@value #EXP_MIN}, {@value #EXP_MAX}]. */
  public static float exp(float x) {
    float limited = limit(x, EXP_MIN, EXP_MAX);
    float shifted = Math.fma(limited, LOG2_E, ROUNDER);
    float scale = powerOfTwo(shifted);
    return Math.fma(expm1Reduced(limited, shifted - ROUNDER), scale, scale);
  }

  /**
   * The logistic function {@code 1 / (1 + e^-x)}; below -{@value #EXP_MAX} it keeps the value it
   * has there, 6.1e-39.
   */
  public static float sigmoid(float x) {
    return 1f / (1f + exp(0f - x));
  }

  /** The hyperbolic tangent, as {@code t / (t + 2)} with {@code t = e^(2x) - 1}. Of -0 it is +0. */
  public static float tanh(float x) {
    float limited = limit(x, -TANH_MAX, TANH_MAX);
    float doubled = limited + limited;
    float shifted = Math.fma(doubled, LOG2_E, ROUNDER);
    float scale = powerOfTwo(shifted);
    float t = Math.fma(expm1Reduced(doubled, shifted - ROUNDER), scale, scale - 1f);
    return t / (t + 2f);
  }

  /**
   * The natural logarithm in double precision, deterministic unlike {@code Math.log}; used once per
   * row for a loss. Relative error below 1e-14. {@code log(0)} is negative infinity, of a negative
   * number NaN.
   */
  public static double log(double x) {
    if (!(x > 0) || x == Double.POSITIVE_INFINITY) {
      return x == 0 ? Double.NEGATIVE_INFINITY : x > 0 ? x : Double.NaN;
    }
    int exponent = Math.getExponent(x);
    if (exponent < Double.MIN_EXPONENT) {
      return log(x * 0x1p54) - 54 * LN2;
    }
    double mantissa = Math.scalb(x, -exponent);
    if (mantissa > SQRT2) {
      mantissa *= 0.5;
      exponent++;
    }
    // ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172: twelve terms leave less than one part
    // in 1e18.
    double s = (mantissa - 1) / (mantissa + 1);
    double square = s * s;
    double series = 0;
    for (int k = 23; k >= 1; k -= 2) {
      series = series * square + 1.0 / k;
    }
    return exponent * LN2 + 2 * s * series;
  }

  // A comparison with NaN is false, so NaN passes; Math.min and Math.max would cost three
  // instructions a lane more.
  private static float limit(float x, float low, float high) {
    float raised = x < low ? low : x;
    return raised > high ? high : raised;
  }

  static float powerOfTwo(float shifted) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + 0x3F800000);
  }

  static float expm1Reduced(float x, float n) {
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(E6, r, E5);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E2);
    return Math.fma(p, r * r, r);
  }
}
