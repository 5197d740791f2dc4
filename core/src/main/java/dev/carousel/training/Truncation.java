package dev.carousel.training;

/**
 * Truncated back-propagation through time (Williams and Peng, 1990): after every {@code stride}
 * (k1) steps, gradients flow back over the last {@code window} (k2) steps. The state goes on from
 * window to window as a value; every row continues its own sequence.
 *
 * <p>Each step's loss counts once: in a window longer than the stride, the steps before the last
 * {@code stride} are run again, with the new weights, to carry gradients, and their losses are
 * masked.
 */
public record Truncation(int window, int stride) {
  /**
   * @throws IllegalArgumentException unless 1 &lt;= stride &lt;= window
   */
  public Truncation {
    if (stride < 1 || window < stride) {
      throw new IllegalArgumentException(
          "truncation: expected 1 <= stride <= window, got stride "
              + stride
              + ", window "
              + window);
    }
  }

  /** Windows that follow each other. */
  public static Truncation every(int steps) {
    return new Truncation(steps, steps);
  }
}
