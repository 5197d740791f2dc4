package dev.carousel.testkit;

/**
 * Adam of Kingma and Ba 2015 and AdamW of Loshchilov and Hutter 2019, as PyTorch has them. At step
 * k, counted from 1:
 *
 * <pre>
 *   Adam: g += weightDecay * p          AdamW: p -= learningRate * weightDecay * p
 *   m = beta1 * m + (1 - beta1) * g     v = beta2 * v + (1 - beta2) * g^2
 *   p -= learningRate * (m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon)
 * </pre>
 */
public final class AdamReference implements OptimizerReference {

  private final double learningRate;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final boolean decoupled;
  private double[] first = new double[0];
  private double[] second = new double[0];
  private int steps;

  private AdamReference(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decoupled) {
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.decoupled = decoupled;
  }

  /**
   * Adam, its weight decay an L2 penalty in the gradient; PyTorch's betas are 0.9 and 0.999, its
   * epsilon 1e-8.
   */
  public static AdamReference adam(
      double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
    return new AdamReference(learningRate, beta1, beta2, epsilon, weightDecay, false);
  }

  /** AdamW, its weight decay applied to the parameters themselves; PyTorch's decay is 0.01. */
  public static AdamReference adamW(
      double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
    return new AdamReference(learningRate, beta1, beta2, epsilon, weightDecay, true);
  }

  @Override
  public void step(double[] parameters, double[] gradients) {
    first = Moments.of("first moments", first, parameters, gradients, 0);
    second = Moments.of("second moments", second, parameters, gradients, 0);
    steps++;
    double correction1 = 1 - Math.pow(beta1, steps);
    double correction2 = 1 - Math.pow(beta2, steps);
    for (int i = 0; i < parameters.length; i++) {
      double g = gradients[i];
      if (decoupled) {
        parameters[i] -= learningRate * weightDecay * parameters[i];
      } else {
        g += weightDecay * parameters[i];
      }
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      parameters[i] -=
          learningRate * (first[i] / correction1) / (Math.sqrt(second[i] / correction2) + epsilon);
    }
  }
}
