package dev.carousel.execution;

import static org.assertj.core.api.Assertions.fail;

import dev.carousel.testkit.FloatArrays;

/** Arrays that must be the same to the last bit. */
final class Bits {
  private Bits() {}

  static void assertSame(String name, float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      fail("%s: expected %d values, got %d", name, expected.length, actual.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
        fail("%s[%d]: expected %s, got %s", name, i, expected[i], actual[i]);
      }
    }
  }

  static void assertSame(String name, double[][] expected, double[][] actual) {
    if (expected.length != actual.length) {
      fail("%s: expected %d rows, got %d", name, expected.length, actual.length);
    }
    for (int r = 0; r < expected.length; r++) {
      assertSame(name + "[" + r + "]", FloatArrays.flat(expected[r]), FloatArrays.flat(actual[r]));
    }
  }

  static void assertSame(String name, double[][][] expected, double[][][] actual) {
    if (expected.length != actual.length) {
      fail("%s: expected %d sequences, got %d", name, expected.length, actual.length);
    }
    for (int b = 0; b < expected.length; b++) {
      assertSame(name + "[" + b + "]", expected[b], actual[b]);
    }
  }
}
