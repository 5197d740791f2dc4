package dev.carousel.training;

/**
 * How parameters follow their gradients. Immutable: what an optimizer accumulates is in its {@link
 * Moments}.
 *
 * <p>In every method g is the gradient after penalty and clipping, {@code w} the parameter, {@code
 * eta} the learning rate of this step (the optimizer's own times the schedule's factor), {@code t}
 * the number of the step from 1. Arithmetic is in float, one element like the other, so a range of
 * parameters can be updated by any thread.
 */
public interface Optimizer {
  /** The learning rate before the schedule. */
  float learningRate();

  /** The arrays of the size of the parameters that the optimizer keeps: 0 to 2. */
  int momentCount();

  /**
   * Updates parameters {@code [from, to)}.
   *
   * @param rate the learning rate of this step
   * @param scale what gradients are multiplied with first: below 1 where they are clipped
   * @param decays for each parameter 1 where decoupled weight decay applies, else 0
   */
  void update(
      float[] parameters,
      float[] gradients,
      float[] decays,
      Moments moments,
      int from,
      int to,
      float rate,
      float scale);

  /** What was set, in one line, such as {@code Adam[learningRate=0.001, ...]}. */
  @Override
  String toString();

  /**
   * @throws IllegalArgumentException if the rate is not a finite number above 0
   */
  static void checkLearningRate(float rate) {
    if (!(rate > 0) || rate == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "learning rate: expected a finite number above 0, got " + rate);
    }
  }

  /**
   * @throws IllegalArgumentException if the value is not a finite number of at least 2^-126: where
   *     a parameter has had no gradient yet, only epsilon keeps 0 / (0 + epsilon) a number
   */
  static void checkEpsilon(float epsilon) {
    if (!(epsilon >= Float.MIN_NORMAL) || epsilon == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "epsilon: expected a finite number of at least 2^-126 (1.2e-38), got " + epsilon);
    }
  }

  /**
   * @throws IllegalArgumentException if the value is not in [0, 1)
   */
  static void checkShare(String name, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + ": expected a number in [0, 1), got " + value);
    }
  }
}
