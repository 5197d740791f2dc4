package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A training run of Deeplearning4j: LSTM 1 -> 10, mean over time, dense 10 -> 6, softmax; 11 Adam
 * steps over 101 control charts of 60 steps, with L1 and L2 penalties. Predictions, gradients,
 * losses and final parameters are compared, to what its single precision leaves of them.
 */
class Dl4jTrainingTest {

  private static Dl4jRun run;
  private static double[][][] inputs;
  private static double[][] targets;

  private CellReference lstm;
  private DenseReference dense;

  @BeforeAll
  static void read() throws IOException {
    run = Dl4jRun.read();
    inputs = new double[Dl4jRun.CHARTS][][];
    targets = new double[Dl4jRun.CHARTS][];
    for (int i = 0; i < Dl4jRun.CHARTS; i++) {
      inputs[i] =
          Arrays.stream(run.charts()[i]).mapToObj(x -> new double[] {x}).toArray(double[][]::new);
      targets[i] = LossReference.oneHot(run.classes()[i], 6);
    }
  }

  private Parameters start() {
    Parameters initial = run.initial();
    lstm =
        new LstmReference(
            LstmReference.Options.standard(),
            initial.matrix("weightIh"),
            initial.matrix("weightHh"),
            initial.vector("bias"));
    dense = new DenseReference(initial.matrix("dense weight"), initial.vector("dense bias"));
    return all(lstm.parameters(), dense.parameters());
  }

  private static Parameters all(Parameters cell, Parameters dense) {
    return new Parameters()
        .with("weightIh", cell.matrix("weightIh"))
        .with("weightHh", cell.matrix("weightHh"))
        .with("bias", cell.matrix("bias"))
        .with("dense weight", dense.matrix("weight"))
        .with("dense bias", dense.matrix("bias"));
  }

  private record Pass(double[][] logits, double loss, Parameters gradients) {}

  private Pass pass(int from, int to) {
    RecurrentRun recurrence = lstm.forward(Arrays.copyOfRange(inputs, from, to));
    double[][] pooled = PoolingReference.MEAN.forward(recurrence.outputs());
    double[][] logits = dense.forward(pooled);
    LossReference.SequenceLoss loss =
        LossReference.SOFTMAX_CROSS_ENTROPY.perSequence(
            logits, Arrays.copyOfRange(targets, from, to));
    Parameters dDense = dense.parameters().zerosLike();
    double[][] dPooled = dense.backward(pooled, loss.dOutputs(), dDense);
    RecurrentGradients back =
        recurrence.backward(
            PoolingReference.MEAN.backward(recurrence.outputs(), dPooled),
            new double[to - from][10],
            new double[to - from][10]);
    return new Pass(logits, loss.value(), all(back.parameters(), dDense));
  }

  @Test
  void predictionsAndGradients() {
    start();
    Pass pass = pass(0, 10);
    double[][] expected = run.predictions();
    for (int b = 0; b < 10; b++) {
      for (int k = 0; k < 6; k++) {
        // Against the target "class k", the loss is -log of the probability.
        double probability =
            Math.exp(
                -LossReference.SOFTMAX_CROSS_ENTROPY.value(
                    pass.logits()[b], LossReference.oneHot(k, 6)));
        assertThat(probability).isCloseTo(expected[b][k], within(1e-6));
      }
    }
    double[] mean = pass.gradients().flatten();
    double[] sum = Arrays.stream(mean).map(gradient -> 10 * gradient).toArray();
    Parameters gradients = pass.gradients().zerosLike();
    gradients.assign(sum);
    WorstError worst = Comparison.withFloor(1).compare(run.gradients(), gradients).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-6);
  }

  @Test
  void elevenStepsOfAdam() {
    Parameters parameters = start();
    double[] first = new double[parameters.count()];
    double[] second = new double[parameters.count()];
    double[] curve = run.losses();
    for (int step = 0; step < 11; step++) {
      Pass pass = pass(10 * step, Math.min(10 * step + 10, 101));
      double loss = pass.loss();
      for (String name : parameters.names()) {
        if (!name.endsWith("bias")) {
          loss += penalize(parameters.matrix(name), pass.gradients().matrix(name));
        }
      }
      assertThat(loss).as("loss before step %d", step).isCloseTo(curve[step], within(5e-7));
      adam(parameters, pass.gradients().flatten(), first, second, step + 1);
    }
    WorstError worst = Comparison.withFloor(1).compare(run.trained(), parameters).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-5);
  }

  /**
   * Deeplearning4j's Adam: as Kingma and Ba's, but epsilon is added to the root of the uncorrected
   * moment.
   */
  private static void adam(
      Parameters parameters, double[] gradients, double[] first, double[] second, int step) {
    double rate = 0.05 * Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
    double[] flat = parameters.flatten();
    for (int i = 0; i < flat.length; i++) {
      first[i] = 0.9 * first[i] + 0.1 * gradients[i];
      second[i] = 0.999 * second[i] + 0.001 * gradients[i] * gradients[i];
      flat[i] -= rate * first[i] / (Math.sqrt(second[i]) + 1e-8);
    }
    parameters.assign(flat);
  }

  /** Adds the gradient of 0.001 |w| + 0.0005 w^2 and returns its value. */
  private static double penalize(double[][] weights, double[][] gradients) {
    double penalty = 0;
    for (int row = 0; row < weights.length; row++) {
      for (int j = 0; j < weights[row].length; j++) {
        double w = weights[row][j];
        penalty += 0.001 * Math.abs(w) + 0.0005 * w * w;
        gradients[row][j] += 0.001 * Math.signum(w) + 0.001 * w;
      }
    }
    return penalty;
  }
}
