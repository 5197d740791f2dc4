package dev.carousel.kernel;

/**
 * Random numbers addressed by place, specified bit for bit: the finalizer of SplitMix64 (Steele,
 * Lea and Flood, 2014) of a key and a number. Nothing is stored, and no draw waits for another.
 */
public final class Draws {
  /** The odd number next to 2^64 divided by the golden ratio. */
  public static final long GAMMA = 0x9E3779B97F4A7C15L;

  public static final long MIX_1 = 0xBF58476D1CE4E5B9L;
  public static final long MIX_2 = 0x94D049BB133111EBL;

  private Draws() {}

  /** A key of its own for every value. */
  public static long mix(long value) {
    long z = value * GAMMA;
    z = (z ^ (z >>> 30)) * MIX_1;
    z = (z ^ (z >>> 27)) * MIX_2;
    return z ^ (z >>> 31);
  }

  /**
   * Draw number {@code place} of a key, 0 to 2^31 - 1: the upper 31 bits of {@code mix(key +
   * place)}, the sum modulo 2^64.
   */
  public static int draw(long key, int place) {
    return (int) (mix(key + place) >>> 33);
  }
}
