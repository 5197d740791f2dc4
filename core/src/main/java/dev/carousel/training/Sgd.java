package dev.carousel.training;

/**
 * Stochastic gradient descent, with momentum and Nesterov's form of it as PyTorch defines them
 * (Sutskever et al., 2013):
 *
 * <pre>
 * v = momentum v + g          w -= eta v          Nesterov: w -= eta (g + momentum v)
 * </pre>
 */
public record Sgd(float learningRate, float momentum, boolean nesterov) implements Optimizer {
  /**
   * @throws IllegalArgumentException if the learning rate is not finite and above 0, the momentum
   *     not in [0, 1), or 0 with Nesterov's form
   */
  public Sgd {
    Optimizer.checkLearningRate(learningRate);
    Optimizer.checkShare("momentum", momentum);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov: expected a momentum above 0, got 0");
    }
  }

  /** Without momentum. */
  public static Sgd withLearningRate(double rate) {
    return new Sgd((float) rate, 0f, false);
  }

  /** In [0, 1). */
  public Sgd withMomentum(double value) {
    return new Sgd(learningRate, (float) value, nesterov);
  }

  /** Nesterov's form, of a momentum above 0. */
  public Sgd withNesterov() {
    return new Sgd(learningRate, momentum, true);
  }

  @Override
  public int momentCount() {
    return momentum == 0 ? 0 : 1;
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
    if (momentum == 0) {
      for (int i = from; i < to; i++) {
        parameters[i] = Math.fma(-rate, gradients[i] * scale, parameters[i]);
      }
    } else if (nesterov) {
      for (int i = from; i < to; i++) {
        float g = gradients[i] * scale;
        v[i] = Moments.keptMean(Math.fma(momentum, v[i], g));
        parameters[i] = Math.fma(-rate, Math.fma(momentum, v[i], g), parameters[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        v[i] = Moments.keptMean(Math.fma(momentum, v[i], gradients[i] * scale));
        parameters[i] = Math.fma(-rate, v[i], parameters[i]);
      }
    }
  }
}
