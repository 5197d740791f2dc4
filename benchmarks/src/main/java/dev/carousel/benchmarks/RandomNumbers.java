package dev.carousel.benchmarks;

import java.util.SplittableRandom;

/** Arrays of random numbers, the same in every run. */
final class RandomNumbers {
  private RandomNumbers() {}

  /** Uniform in [-1, 1). */
  static float[] of(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
