package dev.carousel.benchmarks;

import java.util.Map;

/** Whether two sides computed the same: a time is worth nothing without it. */
final class Agreement {
  private Agreement() {}

  /**
   * Compares the parts that both answers have.
   *
   * @return the largest difference, as a part of the largest magnitude in its part
   * @throws DisagreementException if it is above the tolerance, a number is not finite, a length
   *     differs, or the answers have no part in common
   */
  static double check(
      Row row, String ours, Map<String, float[]> mine, String peer, Map<String, float[]> theirs) {
    double worst = -1;
    for (Map.Entry<String, float[]> part : mine.entrySet()) {
      float[] other = theirs.get(part.getKey());
      if (other != null) {
        String what = row.name() + ": " + part.getKey() + " of " + peer;
        worst = Math.max(worst, difference(what, ours, part.getValue(), other, row.tolerance()));
      }
    }
    if (worst < 0) {
      throw new DisagreementException(
          row.name()
              + ": expected an answer of "
              + peer
              + " with some of "
              + mine.keySet()
              + " (from "
              + ours
              + "), got "
              + theirs.keySet());
    }
    return worst;
  }

  private static double difference(
      String what, String ours, float[] mine, float[] theirs, double tolerance) {
    if (mine.length != theirs.length) {
      throw new DisagreementException(
          what
              + ": expected "
              + mine.length
              + " numbers (from "
              + ours
              + "), got "
              + theirs.length);
    }
    double largest = 0;
    for (float value : mine) {
      largest = Math.max(largest, Math.abs(value));
    }
    double worst = 0;
    for (int i = 0; i < mine.length; i++) {
      double difference = Math.abs((double) mine[i] - theirs[i]) / largest;
      // Written so that NaN, from either side or from two answers of zeros, is a disagreement.
      if (!(difference <= tolerance)) {
        throw new DisagreementException(
            String.format(
                "%s [%d]: expected %g (from %s) within %g of the largest magnitude %g, got %g",
                what, i, mine[i], ours, tolerance, largest, theirs[i]));
      }
      worst = Math.max(worst, difference);
    }
    return worst;
  }

  /** Two sides computed different numbers. */
  static final class DisagreementException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DisagreementException(String message) {
      super(message);
    }
  }
}
