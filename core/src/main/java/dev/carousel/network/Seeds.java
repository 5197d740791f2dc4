package dev.carousel.network;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random generators split by purpose from one seed, so that what one consumer draws never shifts
 * what another draws, and a resumed run needs no generator state: only the seed and the place.
 *
 * <p>Only {@link RandomGenerator#nextLong} of the algorithm {@code L64X128MixRandom} is used; the
 * derived draws are fixed here, since the platform's own (bounded integers, Gaussians) may change
 * between Java versions.
 */
public final class Seeds {
  /** What the numbers are for. */
  public enum Purpose {
    INITIALISATION,
    SHUFFLING,
    DROPOUT,
    SAMPLING
  }

  private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private Seeds() {}

  /** The generator for a purpose and a place, such as epoch, step and row. */
  public static RandomGenerator of(long seed, Purpose purpose, long... place) {
    long mixed = mix(seed ^ mix(purpose.ordinal() + 1L));
    for (long coordinate : place) {
      mixed = mix(mixed ^ mix(coordinate + 1));
    }
    return FACTORY.create(mixed);
  }

  /**
   * The finalizer of SplitMix64 (Steele, Lea and Flood, 2014), which spreads neighbouring seeds
   * apart.
   */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Uniform on [0, 1), 24 bits. */
  public static float uniform(RandomGenerator random) {
    return (random.nextLong() >>> 40) * 0x1p-24f;
  }

  /** Uniform on 0 to {@code bound - 1}. */
  public static int below(RandomGenerator random, int bound) {
    return (int) Math.multiplyHigh(random.nextLong() >>> 1, (long) bound << 1);
  }

  /** The numbers 0 to {@code size - 1} in random order (Fisher and Yates). */
  public static int[] permutation(RandomGenerator random, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    for (int i = size - 1; i > 0; i--) {
      int j = below(random, i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
