package dev.carousel.testkit;

/**
 * Stochastic gradient descent with momentum, with the velocity in units of the gradient as PyTorch
 * and Sutskever et al. 2013 (Nesterov's form) have it:
 *
 * <pre>
 *   g += weightDecay * p          v = momentum * v + g
 *   p -= learningRate * v         or, Nesterov: p -= learningRate * (g + momentum * v)
 * </pre>
 */
public final class SgdReference implements OptimizerReference {

  private final double learningRate;
  private final double momentum;
  private final boolean nesterov;
  private final double weightDecay;
  private double[] velocity = new double[0];

  /** Plain gradient descent. */
  public SgdReference(double learningRate) {
    this(learningRate, 0, false, 0);
  }

  /** Gradient descent with momentum and an L2 penalty. */
  public SgdReference(double learningRate, double momentum, boolean nesterov, double weightDecay) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.nesterov = nesterov;
    this.weightDecay = weightDecay;
  }

  @Override
  public void step(double[] parameters, double[] gradients) {
    velocity = Moments.of("velocity", velocity, parameters, gradients, 0);
    for (int i = 0; i < parameters.length; i++) {
      double g = gradients[i] + weightDecay * parameters[i];
      velocity[i] = momentum * velocity[i] + g;
      parameters[i] -= learningRate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
    }
  }
}
