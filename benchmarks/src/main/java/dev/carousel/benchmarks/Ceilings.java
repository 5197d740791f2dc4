package dev.carousel.benchmarks;

/** What this machine can do at most, measured in the same run. */
final class Ceilings {
  private Ceilings() {}

  /**
   * Floating-point operations per second of fused multiply-adds on that many threads; NaN if
   * unknown.
   */
  static double fmaPeak(int threads) {
    return Double.NaN;
  }
}
