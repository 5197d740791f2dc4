package dev.carousel.training;

/**
 * Adam (Kingma and Ba, 2015), and with decoupled weight decay AdamW (Loshchilov and Hutter, 2019):
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * mHat = m / (1 - beta1^t)             vHat = v / (1 - beta2^t)
 * w -= eta weightDecay w               (weights only, not biases)
 * w -= eta mHat / (sqrt(vHat) + epsilon)
 * </pre>
 *
 * <p>TensorFlow 1 and Deeplearning4j add epsilon to {@code sqrt(v)} before the correction, which is
 * the paper's "epsilon hat"; {@link #withUncorrectedEpsilon} does the same.
 *
 * @param epsilon at least 2^-126
 * @param weightDecay of AdamW; 0 is Adam
 * @param uncorrectedEpsilon whether epsilon is added to {@code sqrt(v)} instead of {@code
 *     sqrt(vHat)}
 */
public record Adam(
    float learningRate,
    float beta1,
    float beta2,
    float epsilon,
    float weightDecay,
    boolean uncorrectedEpsilon)
    implements Optimizer {
  /**
   * @throws IllegalArgumentException if the learning rate is not finite and above 0, a beta not in
   *     [0, 1), epsilon not finite and at least 2^-126, or the decay not finite and at least 0
   */
  public Adam {
    Optimizer.checkLearningRate(learningRate);
    Optimizer.checkShare("beta1", beta1);
    Optimizer.checkShare("beta2", beta2);
    Optimizer.checkEpsilon(epsilon);
    if (!(weightDecay >= 0) || weightDecay == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "weight decay: expected a finite number of at least 0, got " + weightDecay);
    }
  }

  /** Beta 0.9 and 0.999, epsilon 1e-8, no weight decay. */
  public static Adam withLearningRate(double rate) {
    return new Adam((float) rate, 0.9f, 0.999f, 1e-8f, 0f, false);
  }

  /** Each in [0, 1). */
  public Adam withBetas(double first, double second) {
    return new Adam(
        learningRate, (float) first, (float) second, epsilon, weightDecay, uncorrectedEpsilon);
  }

  /** At least 2^-126. */
  public Adam withEpsilon(double value) {
    return new Adam(learningRate, beta1, beta2, (float) value, weightDecay, uncorrectedEpsilon);
  }

  /** AdamW. */
  public Adam withWeightDecay(double decay) {
    return new Adam(learningRate, beta1, beta2, epsilon, (float) decay, uncorrectedEpsilon);
  }

  /** The form of TensorFlow 1 and Deeplearning4j. */
  public Adam withUncorrectedEpsilon() {
    return new Adam(learningRate, beta1, beta2, epsilon, weightDecay, true);
  }

  @Override
  public int momentCount() {
    return 2;
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
    float[] m = moments.first;
    float[] v = moments.second;
    double root = Math.sqrt(1 - moments.beta2Power);
    // mHat / (sqrt(vHat) + e) = (m / c1) / (sqrt(v) / root + e) = m (root / c1) / (sqrt(v) + e
    // root)
    float step = (float) (rate * root / (1 - moments.beta1Power));
    float floor = uncorrectedEpsilon ? epsilon : (float) (epsilon * root);
    float rest1 = 1f - beta1;
    float rest2 = 1f - beta2;
    float shrink = rate * weightDecay;
    for (int i = from; i < to; i++) {
      float g = gradients[i] * scale;
      float mi = Moments.keptMean(Math.fma(beta1, m[i], rest1 * g));
      float vi = Moments.keptSquare(Math.fma(beta2, v[i], rest2 * g * g));
      m[i] = mi;
      v[i] = vi;
      float w = Math.fma(-shrink * decays[i], parameters[i], parameters[i]);
      parameters[i] = w - step * mi / ((float) Math.sqrt(vi) + floor);
    }
  }
}
