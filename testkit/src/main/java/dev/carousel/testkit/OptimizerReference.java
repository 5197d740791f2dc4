package dev.carousel.testkit;

/**
 * A rule that changes parameters along their gradients, as PyTorch's {@code torch.optim} defines
 * it; the object holds the moments.
 *
 * <p>One object serves one array: the first step fixes the number of parameters.
 */
public interface OptimizerReference {

  /**
   * Changes the parameters in place.
   *
   * @param parameters {@code [count]}, changed
   * @param gradients {@code [count]}, read only
   * @throws IllegalArgumentException if the counts differ from each other or from the first step's
   */
  void step(double[] parameters, double[] gradients);

  /** {@link #step(double[], double[])} over all the arrays of a cell, in place. */
  default void step(Parameters parameters, Parameters gradients) {
    double[] flat = parameters.flatten();
    step(flat, gradients.flatten());
    parameters.assign(flat);
  }
}
