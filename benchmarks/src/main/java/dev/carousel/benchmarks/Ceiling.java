package dev.carousel.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What this machine can do at most, measured in the run that is held against it: the best of many
 * tries, as a limit should be.
 *
 * @param lanes floats in a vector of the width measured with
 * @param multiplyAdds floating-point operations per second of fused multiply-adds, two for each,
 *     with one thread, with two and so on
 * @param levels what one thread reads per second, from the first-level cache to the memory
 */
record Ceiling(int lanes, double[] multiplyAdds, List<Level> levels) {
  private static final int ROUNDS = 2;
  private static final int MOST_ROUNDS = 10;

  /**
   * One level of the memory hierarchy.
   *
   * @param name {@code L1}, {@code L2}, {@code L3}, {@code memory}
   * @param bytes that were read over and over
   * @param capacity the largest amount of data that is held to live there
   * @param aligned bytes per second where no vector crosses a cache line
   * @param unaligned the same where vectors do: the lot of most Java arrays, whose first element
   *     lies 16 bytes behind an address that is a multiple of 8
   */
  record Level(String name, long bytes, long capacity, double aligned, double unaligned) {}

  Ceiling {
    multiplyAdds = multiplyAdds.clone();
    levels = List.copyOf(levels);
  }

  /** Measures for up to that many threads; takes a few seconds. */
  static Ceiling measure(int threads) {
    double[] multiplyAdds = new double[threads];
    for (int i = 0; i < threads; i++) {
      multiplyAdds[i] = multiplyAdds(i + 1, multiplyAdds[0]);
    }
    Caches caches = Caches.ofThisMachine();
    long l1 = caches.level1();
    long l2 = caches.level2();
    // A virtual machine may be told of a third level that it shares with many; eight times the
    // second lies in any. Memory is what is well outside the part of it one core can fill.
    return new Ceiling(
        CeilingProbe.LANES,
        multiplyAdds,
        List.of(
            CeilingProbe.level("L1", l1 * 2 / 3, l1),
            CeilingProbe.level("L2", l2 / 3, l2),
            CeilingProbe.level("L3", l2 * 4, l2 * 16),
            CeilingProbe.level("memory", l2 * 256, Long.MAX_VALUE)));
  }

  /**
   * The best of some rounds, of more where it is less than so many times what one thread reaches:
   * for tenths of a second two threads may be given one core.
   */
  private static double multiplyAdds(int threads, double ofOne) {
    double best = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      best = Math.max(best, CeilingProbe.multiplyAdds(threads));
      if (round + 1 >= ROUNDS && best >= 0.9 * threads * ofOne) {
        break;
      }
    }
    return best;
  }

  /** With that many threads, at most as many as were measured. */
  double multiplyAdds(int threads) {
    return multiplyAdds[threads - 1];
  }

  /** Where that many bytes live that are read over and over. */
  Level levelOf(double bytes) {
    for (Level level : levels) {
      if (bytes <= level.capacity) {
        return level;
      }
    }
    throw new IllegalStateException("the last level holds everything");
  }

  /** For the head of a table. */
  Map<String, String> lines() {
    Map<String, String> lines = new LinkedHashMap<>();
    StringBuilder peak = new StringBuilder();
    for (int i = 0; i < multiplyAdds.length; i++) {
      peak.append(i == 0 ? "" : ", ");
      peak.append(String.format(Locale.ROOT, "%.0f on %d", multiplyAdds[i] / 1e9, i + 1));
    }
    lines.put(
        "fma peak",
        String.format(
            Locale.ROOT,
            "%s thread%s, GFLOP/s, %d bits",
            peak,
            multiplyAdds.length == 1 ? "" : "s",
            lanes * Float.SIZE));
    StringBuilder reads = new StringBuilder();
    for (Level level : levels) {
      reads.append(reads.isEmpty() ? "" : ", ");
      reads.append(
          String.format(
              Locale.ROOT,
              "%s %.0f / %.0f (%s)",
              level.name,
              level.aligned / 1e9,
              level.unaligned / 1e9,
              size(level.bytes)));
    }
    lines.put("read, one thread", reads + ", GB/s, vectors aligned / crossing cache lines");
    return lines;
  }

  private static String size(long bytes) {
    return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
  }
}
