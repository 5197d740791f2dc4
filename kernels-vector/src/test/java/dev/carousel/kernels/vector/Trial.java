package dev.carousel.kernels.vector;

import dev.carousel.kernel.GuardedMatrix;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * One run of a {@link KernelCase}: its sizes, the source of its arguments, and every array that the
 * kernel saw.
 */
final class Trial {
  /** What the arguments are made of. */
  enum Values {
    /** Normally distributed. */
    ORDINARY,
    /** Among them negative zero, subnormal and very large numbers and the limits of exp. */
    EXTREME,
    /** Among them infinities and NaN too. */
    NOT_FINITE
  }

  private static final float[] SPECIAL = {
    -0f,
    0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    0x1p-127f,
    Float.MIN_NORMAL,
    1e-30f,
    -1e-20f,
    1e20f,
    -1e30f,
    Float.MAX_VALUE,
    1f,
    -87f,
    87.5f,
    -88.5f,
    88f,
    10f,
    -10.5f,
    0.34657359f,
    0x1.8p23f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private final int m;
  private final int n;
  private final int k;
  private final Values values;
  private final RandomGenerator random;
  private final Map<String, float[]> arrays = new LinkedHashMap<>();

  Trial(int m, int n, int k, Values values) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.values = values;
    this.random = GENERATORS.create(((m * 1000L + n) * 1000 + k) * 10 + values.ordinal());
  }

  int m() {
    return m;
  }

  int n() {
    return n;
  }

  int k() {
    return k;
  }

  /** A matrix somewhere in its array, its rows possibly apart. */
  GuardedMatrix matrix(String name, int rows, int columns) {
    return keep(name, rows, columns, random.nextInt(3) * random.nextInt(9));
  }

  /** A matrix somewhere in its array, its rows without a gap. */
  GuardedMatrix rows(String name, int rows, int columns) {
    return keep(name, rows, columns, 0);
  }

  private GuardedMatrix keep(String name, int rows, int columns, int gap) {
    GuardedMatrix matrix = new GuardedMatrix(rows, columns, random.nextInt(20), gap, this::value);
    arrays.put(name, matrix.data());
    return matrix;
  }

  float value() {
    if (values != Values.ORDINARY && random.nextInt(24) == 0) {
      return SPECIAL[
          random.nextInt(values == Values.EXTREME ? SPECIAL.length - 3 : SPECIAL.length)];
    }
    return (float) random.nextGaussian();
  }

  /** A value that the kernel returned. */
  void result(String name, float value) {
    arrays.put(name, new float[] {value});
  }

  /** Every array by name, guards included, and every result. */
  Map<String, float[]> arrays() {
    return arrays;
  }

  @Override
  public String toString() {
    return "m=" + m + " n=" + n + " k=" + k + " " + values;
  }
}
