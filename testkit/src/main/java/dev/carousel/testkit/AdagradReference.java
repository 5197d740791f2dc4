package dev.carousel.testkit;

/**
 * Adagrad of Duchi, Hazan and Singer 2011, as PyTorch has it:
 *
 * <pre>
 *   g += weightDecay * p          s = s + g^2          p -= learningRate * g / (sqrt(s) + epsilon)
 * </pre>
 */
public final class AdagradReference implements OptimizerReference {

  private final double learningRate;
  private final double epsilon;
  private final double initialAccumulator;
  private final double weightDecay;
  private double[] squares = new double[0];

  /** Adagrad with an L2 penalty; PyTorch's epsilon is 1e-10 and its initial accumulator 0. */
  public AdagradReference(
      double learningRate, double epsilon, double initialAccumulator, double weightDecay) {
    this.learningRate = learningRate;
    this.epsilon = epsilon;
    this.initialAccumulator = initialAccumulator;
    this.weightDecay = weightDecay;
  }

  @Override
  public void step(double[] parameters, double[] gradients) {
    squares = Moments.of("squares", squares, parameters, gradients, initialAccumulator);
    for (int i = 0; i < parameters.length; i++) {
      double g = gradients[i] + weightDecay * parameters[i];
      squares[i] += g * g;
      parameters[i] -= learningRate * g / (Math.sqrt(squares[i]) + epsilon);
    }
  }
}
