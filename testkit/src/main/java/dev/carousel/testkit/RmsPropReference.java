package dev.carousel.testkit;

/**
 * RMSProp of Tieleman and Hinton 2012 (lecture 6.5), as PyTorch has it, epsilon outside the root:
 *
 * <pre>
 *   g += weightDecay * p          v = decay * v + (1 - decay) * g^2
 *   b = momentum * b + g / (sqrt(v) + epsilon)          p -= learningRate * b
 * </pre>
 */
public final class RmsPropReference implements OptimizerReference {

  private final double learningRate;
  private final double decay;
  private final double epsilon;
  private final double momentum;
  private final double weightDecay;
  private double[] squares = new double[0];
  private double[] velocity = new double[0];

  /**
   * RMSProp with momentum (0 for none) and an L2 penalty; PyTorch's decay is 0.99 and its epsilon
   * 1e-8.
   */
  public RmsPropReference(
      double learningRate, double decay, double epsilon, double momentum, double weightDecay) {
    this.learningRate = learningRate;
    this.decay = decay;
    this.epsilon = epsilon;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
  }

  @Override
  public void step(double[] parameters, double[] gradients) {
    squares = Moments.of("squares", squares, parameters, gradients, 0);
    velocity = Moments.of("velocity", velocity, parameters, gradients, 0);
    for (int i = 0; i < parameters.length; i++) {
      double g = gradients[i] + weightDecay * parameters[i];
      squares[i] = decay * squares[i] + (1 - decay) * g * g;
      velocity[i] = momentum * velocity[i] + g / (Math.sqrt(squares[i]) + epsilon);
      parameters[i] -= learningRate * velocity[i];
    }
  }
}
