package dev.carousel.training;

/**
 * RMSProp (Tieleman and Hinton, 2012), as PyTorch defines it:
 *
 * <pre>
 * v = decay v + (1 - decay) g^2          w -= eta g / (sqrt(v) + epsilon)
 * </pre>
 *
 * @param decay the share of the old average of squares that is kept
 * @param epsilon at least 2^-126
 */
public record RmsProp(float learningRate, float decay, float epsilon) implements Optimizer {
  /**
   * @throws IllegalArgumentException if the learning rate is not finite and above 0, the decay not
   *     in [0, 1), or epsilon not finite and at least 2^-126
   */
  public RmsProp {
    Optimizer.checkLearningRate(learningRate);
    Optimizer.checkShare("decay", decay);
    Optimizer.checkEpsilon(epsilon);
  }

  /** Decay 0.99, epsilon 1e-8. */
  public static RmsProp withLearningRate(double rate) {
    return new RmsProp((float) rate, 0.99f, 1e-8f);
  }

  @Override
  public int momentCount() {
    return 1;
  }

  @Override
  public void update(
      float[] parameters,
      float[] gradients,
      float[] decays,
      Moments moments,
      int from,
      int to,
      float rate,
      float scale) {
    float[] v = moments.first;
    float rest = 1f - decay;
    for (int i = from; i < to; i++) {
      float g = gradients[i] * scale;
      v[i] = Moments.keptSquare(Math.fma(decay, v[i], rest * g * g));
      parameters[i] -= rate * g / ((float) Math.sqrt(v[i]) + epsilon);
    }
  }
}
