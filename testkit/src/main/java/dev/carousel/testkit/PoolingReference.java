package dev.carousel.testkit;

/** One vector from the steps of a sequence, over the sequence's own length. */
public enum PoolingReference {
  /** The mean over the steps; each step receives 1 / timeSteps of the gradient. */
  MEAN {
    @Override
    double weight(double[][] steps, int t, int feature) {
      return 1;
    }

    @Override
    double divisor(double[][] steps) {
      return steps.length;
    }
  },

  /**
   * The largest over the steps, each feature for itself; the first step that has it receives the
   * gradient.
   */
  MAX {
    @Override
    double weight(double[][] steps, int t, int feature) {
      for (int other = 0; other < steps.length; other++) {
        double difference = steps[other][feature] - steps[t][feature];
        if (difference > 0 || (difference == 0 && other < t)) {
          return 0;
        }
      }
      return 1;
    }
  },

  /** The last step. */
  LAST {
    @Override
    double weight(double[][] steps, int t, int feature) {
      return t == steps.length - 1 ? 1 : 0;
    }
  };

  /** Whether a step counts: pooled[feature] is the sum of weight * steps[t][feature], divided. */
  abstract double weight(double[][] steps, int t, int feature);

  double divisor(double[][] steps) {
    return 1;
  }

  /**
   * Pools every sequence.
   *
   * @param inputs {@code [batchSize][timeSteps of that sequence][features]}
   * @return {@code [batchSize][features]}
   * @throws IllegalArgumentException if a sequence is empty
   */
  public double[][] forward(double[][][] inputs) {
    double[][] pooled = new double[inputs.length][];
    for (int b = 0; b < inputs.length; b++) {
      if (inputs[b].length == 0) {
        throw new IllegalArgumentException(
            "inputs[" + b + "]: expected at least 1 step (to pool), got 0");
      }
      pooled[b] = new double[inputs[b][0].length];
      for (int t = 0; t < inputs[b].length; t++) {
        for (int feature = 0; feature < pooled[b].length; feature++) {
          pooled[b][feature] += weight(inputs[b], t, feature) * inputs[b][t][feature];
        }
      }
      for (int feature = 0; feature < pooled[b].length; feature++) {
        pooled[b][feature] /= divisor(inputs[b]);
      }
    }
    return pooled;
  }

  /**
   * The gradient of the inputs, in their shape, from that of the pooled vectors, {@code
   * [batchSize][features]}.
   */
  public double[][][] backward(double[][][] inputs, double[][] dPooled) {
    Shapes.requireRows("dPooled", dPooled.length, inputs.length, "batchSize");
    double[][][] dInputs = new double[inputs.length][][];
    for (int b = 0; b < inputs.length; b++) {
      dInputs[b] = new double[inputs[b].length][dPooled[b].length];
      for (int t = 0; t < inputs[b].length; t++) {
        for (int feature = 0; feature < dPooled[b].length; feature++) {
          dInputs[b][t][feature] =
              weight(inputs[b], t, feature) * dPooled[b][feature] / divisor(inputs[b]);
        }
      }
    }
    return dInputs;
  }
}
