package dev.carousel.training;

/**
 * Adagrad (Duchi, Hazan and Singer, 2011):
 *
 * <pre>
 * v = v + g^2          w -= eta g / (sqrt(v) + epsilon)
 * </pre>
 *
 * @param epsilon at least 2^-126
 */
public record Adagrad(float learningRate, float epsilon) implements Optimizer {
  /**
   * @throws IllegalArgumentException if the learning rate is not finite and above 0, or epsilon not
   *     finite and at least 2^-126
   */
  public Adagrad {
    Optimizer.checkLearningRate(learningRate);
    Optimizer.checkEpsilon(epsilon);
  }

  /** Epsilon 1e-10, as in PyTorch. */
  public static Adagrad withLearningRate(double rate) {
    return new Adagrad((float) rate, 1e-10f);
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
    for (int i = from; i < to; i++) {
      float g = gradients[i] * scale;
      v[i] = Math.fma(g, g, v[i]);
      parameters[i] -= rate * g / ((float) Math.sqrt(v[i]) + epsilon);
    }
  }
}
