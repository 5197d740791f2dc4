package dev.carousel.data;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random numbers from a seed that are the same on every Java: of the platform's algorithm {@code
 * L64X128MixRandom} only {@code nextLong} is used. What is made of it is what JDK 17 makes, since
 * that drew the data that are on record.
 */
final class RandomNumbers {
  private final RandomGenerator random;

  RandomNumbers(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  private int bits(int count) {
    return (int) (random.nextLong() >>> (Long.SIZE - count));
  }

  /** Uniform on [0, 1), 24 bits. */
  float uniform() {
    return bits(24) * 0x1p-24f;
  }

  /**
   * Uniform on 0 to {@code bound - 1}.
   *
   * @param bound at least 1
   */
  int below(int bound) {
    if (Integer.bitCount(bound) == 1) {
      return bits(32) & bound - 1;
    }
    // Of the 2^31 numbers those behind the last multiple of the bound would favour the small ones.
    int limit = (int) ((1L << 31) / bound * bound - 1);
    int drawn = bits(31);
    while (drawn > limit) {
      drawn = bits(31);
    }
    return drawn % bound;
  }
}
