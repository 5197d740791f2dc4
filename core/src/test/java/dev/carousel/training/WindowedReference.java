package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.DenseReference;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.LossReference;
import dev.carousel.testkit.LstmReference;
import dev.carousel.testkit.RecurrentGradients;
import dev.carousel.testkit.RecurrentRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Truncated back-propagation through time of LSTM, dense layer and softmax by gradient descent, in
 * double precision: every window runs again from the states that were carried to its first step.
 */
final class WindowedReference {
  private final Sequences data;
  private final int window;
  private final int stride;
  private final LstmReference lstm;
  private final DenseReference dense;
  private double lossSum;
  private double lossWeight;

  WindowedReference(Parameters start, Sequences data, int window, int stride) {
    this.data = data;
    this.window = window;
    this.stride = stride;
    lstm =
        new LstmReference(
            LstmReference.Options.standard(),
            matrix(start, "layers.0.weight_ih_l0"),
            matrix(start, "layers.0.weight_hh_l0"),
            matrix(start, "layers.0.bias_l0")[0]);
    dense = new DenseReference(matrix(start, "layers.1.weight"), matrix(start, "layers.1.bias")[0]);
  }

  private static double[][] matrix(Parameters from, String name) {
    ParameterLayout.Slice slice = from.layout().slice(name);
    return FloatArrays.matrix(from.values(), slice.offset(), slice.rows(), slice.columns());
  }

  /** All parameters, in the layout's order. */
  double[] parameters() {
    double[] first = lstm.parameters().flatten();
    double[] second = dense.parameters().flatten();
    double[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Trains an epoch, in the order of the data, and returns its mean loss. */
  double epoch(int batchSize, double rate) {
    lossSum = 0;
    lossWeight = 0;
    for (int at = 0; at < data.size(); at += batchSize) {
      batch(at, Math.min(data.size(), at + batchSize), rate);
    }
    return lossSum / lossWeight;
  }

  private void batch(int first, int last, double rate) {
    int longest = 0;
    for (int i = first; i < last; i++) {
      longest = Math.max(longest, data.length(i));
    }
    double[][] h = new double[data.size()][lstm.hiddenSize()];
    double[][] c = new double[data.size()][lstm.cellSize()];
    for (int from = 0; from < longest; from += stride) {
      int begin = Math.max(0, from + stride - window);
      int next = Math.max(0, from + 2 * stride - window);
      window(first, last, begin, from, next, h, c, rate);
    }
  }

  private void window(
      int first, int last, int begin, int from, int next, double[][] h, double[][] c, double rate) {
    List<Integer> rows = new ArrayList<>();
    for (int i = first; i < last; i++) {
      if (data.length(i) > begin) {
        rows.add(i);
      }
    }
    int count = rows.size();
    double[][][] x = new double[count][][];
    double[][][] targets = new double[count][][];
    boolean[][] mask = new boolean[count][];
    double[][] h0 = new double[count][];
    double[][] c0 = new double[count][];
    int counted = 0;
    for (int r = 0; r < count; r++) {
      int i = rows.get(r);
      int steps = Math.min(from + stride, data.length(i)) - begin;
      x[r] = new double[steps][];
      targets[r] = new double[steps][];
      mask[r] = new boolean[steps];
      h0[r] = h[i];
      c0[r] = c[i];
      for (int t = 0; t < steps; t++) {
        float[] features = new float[data.inputSize()];
        data.copyFeatures(i, begin + t, features, 0);
        x[r][t] = OptimizerTest.doubles(features);
        int wanted = ((Targets.StepClasses) data.targets()).of(data.start(i) + begin + t);
        mask[r][t] = wanted != Targets.MASKED && begin + t >= from;
        targets[r][t] = LossReference.oneHot(Math.max(wanted, 0), 3);
        counted += mask[r][t] ? 1 : 0;
      }
    }
    RecurrentRun run = lstm.forward(x, h0, c0);
    for (int r = 0; r < count; r++) {
      if (next > begin && x[r].length >= next - begin) {
        double[][][] head = {Arrays.copyOf(x[r], next - begin)};
        RecurrentRun carried = lstm.forward(head, new double[][] {h0[r]}, new double[][] {c0[r]});
        h[rows.get(r)] = carried.finalH()[0];
        c[rows.get(r)] = carried.finalC()[0];
      }
    }
    if (counted > 0) {
      update(run, targets, mask, counted, rate);
    }
  }

  private void update(
      RecurrentRun run, double[][][] targets, boolean[][] mask, int counted, double rate) {
    double[][][] hidden = run.outputs();
    LossReference.StepLoss loss =
        LossReference.SOFTMAX_CROSS_ENTROPY.perStep(dense.forward(hidden), targets, mask);
    lossSum += loss.value() * counted;
    lossWeight += counted;
    dev.carousel.testkit.Parameters dDense = dense.parameters().zerosLike();
    double[][][] dHidden = dense.backward(hidden, loss.dOutputs(), dDense);
    int count = hidden.length;
    RecurrentGradients gradients =
        run.backward(
            dHidden, new double[count][lstm.hiddenSize()], new double[count][lstm.cellSize()]);
    descend(lstm.parameters(), gradients.parameters(), rate);
    descend(dense.parameters(), dDense, rate);
  }

  private static void descend(
      dev.carousel.testkit.Parameters parameters,
      dev.carousel.testkit.Parameters gradients,
      double rate) {
    double[] values = parameters.flatten();
    double[] slopes = gradients.flatten();
    for (int k = 0; k < values.length; k++) {
      values[k] -= rate * slopes[k];
    }
    parameters.assign(values);
  }
}
