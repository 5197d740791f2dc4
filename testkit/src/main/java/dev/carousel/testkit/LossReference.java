package dev.carousel.testkit;

import java.util.Arrays;

/**
 * A loss of one row of outputs against one row of targets, and its means over sequences and over
 * steps.
 */
public enum LossReference {
  /**
   * Cross-entropy of softmax(y): -sum_k t_k log p_k with p = softmax(y); the target is a
   * distribution, for one class {@link #oneHot}. Gradient: p_k sum(t) - t_k.
   */
  SOFTMAX_CROSS_ENTROPY {
    @Override
    public double value(double[] output, double[] target) {
      double logSum = logSumExp(output);
      double loss = 0;
      for (int k = 0; k < output.length; k++) {
        loss -= target[k] * (output[k] - logSum);
      }
      return loss;
    }

    @Override
    public double[] gradient(double[] output, double[] target) {
      double logSum = logSumExp(output);
      double targets = 0;
      for (double t : target) {
        targets += t;
      }
      double[] gradient = new double[output.length];
      for (int k = 0; k < output.length; k++) {
        gradient[k] = Math.exp(output[k] - logSum) * targets - target[k];
      }
      return gradient;
    }
  },

  /**
   * Binary cross-entropy of p = sigmoid(y), the mean over the outputs: -1/n sum (t log p + (1 - t)
   * log(1 - p)). Gradient: (p - t) / n.
   */
  SIGMOID_BINARY_CROSS_ENTROPY {
    @Override
    public double value(double[] output, double[] target) {
      double loss = 0;
      for (int k = 0; k < output.length; k++) {
        // -log sigmoid(y) = log(1 + exp(-y)), written so that exp cannot overflow.
        double y = output[k];
        loss += Math.max(y, 0) - y * target[k] + Math.log1p(Math.exp(-Math.abs(y)));
      }
      return loss / output.length;
    }

    @Override
    public double[] gradient(double[] output, double[] target) {
      double[] gradient = new double[output.length];
      for (int k = 0; k < output.length; k++) {
        gradient[k] = (1 / (1 + Math.exp(-output[k])) - target[k]) / output.length;
      }
      return gradient;
    }
  },

  /** Squared error, the mean over the outputs: 1/n sum (y - t)^2. Gradient: 2 (y - t) / n. */
  SQUARED_ERROR {
    @Override
    public double value(double[] output, double[] target) {
      double loss = 0;
      for (int k = 0; k < output.length; k++) {
        loss += (output[k] - target[k]) * (output[k] - target[k]);
      }
      return loss / output.length;
    }

    @Override
    public double[] gradient(double[] output, double[] target) {
      double[] gradient = new double[output.length];
      for (int k = 0; k < output.length; k++) {
        gradient[k] = 2 * (output[k] - target[k]) / output.length;
      }
      return gradient;
    }
  };

  /**
   * The loss of one row of outputs (logits, where the loss applies a softmax or sigmoid) against
   * its targets, of the same length.
   */
  public abstract double value(double[] output, double[] target);

  /** The gradient of {@link #value} with respect to the outputs. */
  public abstract double[] gradient(double[] output, double[] target);

  /**
   * A mean over sequences.
   *
   * @param value the loss
   * @param dOutputs {@code [batchSize][outputSize]}
   */
  public record SequenceLoss(double value, double[][] dOutputs) {}

  /**
   * A mean over steps.
   *
   * @param value the loss
   * @param dOutputs {@code [batchSize][timeSteps of that sequence][outputSize]}, zero where masked
   */
  public record StepLoss(double value, double[][][] dOutputs) {}

  /** The mean over the sequences of a batch, {@code [batchSize][outputSize]} both. */
  public SequenceLoss perSequence(double[][] outputs, double[][] targets) {
    Shapes.requireRows("targets", targets.length, outputs.length, "batchSize");
    double value = 0;
    double[][] dOutputs = new double[outputs.length][];
    for (int b = 0; b < outputs.length; b++) {
      Shapes.requireVector(
          "targets[" + b + "]", targets[b], outputs[b].length, "the outputs' length");
      value += value(outputs[b], targets[b]);
      dOutputs[b] = divided(gradient(outputs[b], targets[b]), outputs.length);
    }
    return new SequenceLoss(value / outputs.length, dOutputs);
  }

  /**
   * The mean over the steps that count, of all sequences together: a long sequence weighs more than
   * a short one.
   *
   * @param outputs {@code [batchSize][timeSteps of that sequence][outputSize]}
   * @param targets in the same shape
   * @param mask {@code [batchSize][timeSteps of that sequence]}, true where the step counts; if
   *     none does, the loss is zero
   */
  public StepLoss perStep(double[][][] outputs, double[][][] targets, boolean[][] mask) {
    Shapes.requireRows("targets", targets.length, outputs.length, "batchSize");
    Shapes.requireRows("mask", mask.length, outputs.length, "batchSize");
    int counted = 0;
    double value = 0;
    double[][][] dOutputs = new double[outputs.length][][];
    for (int b = 0; b < outputs.length; b++) {
      Shapes.requireRows("targets[" + b + "]", targets[b].length, outputs[b].length, "timeSteps");
      Shapes.requireRows("mask[" + b + "]", mask[b].length, outputs[b].length, "timeSteps");
      dOutputs[b] = new double[outputs[b].length][];
      for (int t = 0; t < outputs[b].length; t++) {
        dOutputs[b][t] = new double[outputs[b][t].length];
        if (mask[b][t]) {
          counted++;
          value += value(outputs[b][t], targets[b][t]);
          dOutputs[b][t] = gradient(outputs[b][t], targets[b][t]);
        }
      }
    }
    double divisor = Math.max(counted, 1);
    for (double[][] sequence : dOutputs) {
      for (int t = 0; t < sequence.length; t++) {
        sequence[t] = divided(sequence[t], divisor);
      }
    }
    return new StepLoss(value / divisor, dOutputs);
  }

  /** The mean over all steps; see {@link #perStep(double[][][], double[][][], boolean[][])}. */
  public StepLoss perStep(double[][][] outputs, double[][][] targets) {
    boolean[][] mask = new boolean[outputs.length][];
    for (int b = 0; b < outputs.length; b++) {
      mask[b] = new boolean[outputs[b].length];
      Arrays.fill(mask[b], true);
    }
    return perStep(outputs, targets, mask);
  }

  /** The distribution that is certain of one class, {@code [classes]}. */
  public static double[] oneHot(int target, int classes) {
    double[] distribution = new double[classes];
    distribution[target] = 1;
    return distribution;
  }

  private static double logSumExp(double[] output) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double y : output) {
      largest = Math.max(largest, y);
    }
    double sum = 0;
    for (double y : output) {
      sum += Math.exp(y - largest);
    }
    return largest + Math.log(sum);
  }

  private static double[] divided(double[] row, double divisor) {
    double[] quotient = new double[row.length];
    for (int k = 0; k < row.length; k++) {
      quotient[k] = row[k] / divisor;
    }
    return quotient;
  }
}
