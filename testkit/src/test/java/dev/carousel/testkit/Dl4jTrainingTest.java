package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A training run of Deeplearning4j: LSTM 1 -> 10, mean over time, dense 10 -> 6, softmax; 11 Adam
 * steps over 101 control charts of 60 steps, with L1 and L2 penalties. Predictions, gradients,
 * losses and final parameters are compared, to what its single precision leaves of them.
 */
class Dl4jTrainingTest {

  private static Json run;
  private static double[][][] inputs;
  private static double[][] targets;

  private CellReference lstm;
  private DenseReference dense;

  @BeforeAll
  static void read() throws IOException {
    run = Json.read(SharedData.file("reference/dl4j_training/case1_lstm_adam.json"));
    Map<Integer, double[]> charts =
        charts(SharedData.file("series/uci_synthetic_control/uci_seq.tar.gz"));
    inputs = new double[101][][];
    targets = new double[101][];
    for (int chart = 0; chart < 101; chart++) {
      inputs[chart] =
          Arrays.stream(charts.get(chart))
              .mapToObj(
                  x -> new double[] {(x - run.get("mean").number()) / run.get("std").number()})
              .toArray(double[][]::new);
      targets[chart] = LossReference.oneHot((int) run.get("labels_first_101").vector()[chart], 6);
    }
  }

  /**
   * The numbers in the files train/features/{n}.csv of a tar archive: blocks of 512 bytes, a header
   * before each file.
   */
  private static Map<Integer, double[]> charts(Path archive) throws IOException {
    byte[] bytes;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      bytes = in.readAllBytes();
    }
    Map<Integer, double[]> charts = new HashMap<>();
    ByteArrayInputStream tar = new ByteArrayInputStream(bytes);
    while (tar.available() > 0) {
      byte[] header = tar.readNBytes(512);
      String name = new String(header, 0, 100, StandardCharsets.US_ASCII).replace("\0", "");
      String size = new String(header, 124, 11, StandardCharsets.US_ASCII).replace("\0", "").trim();
      int length = size.isEmpty() ? 0 : Integer.parseInt(size, 8);
      String text = new String(tar.readNBytes(length), StandardCharsets.US_ASCII);
      tar.skip((512 - length % 512) % 512);
      if (name.matches(".*train/features/\\d+\\.csv")) {
        charts.put(
            Integer.parseInt(name.replaceAll(".*/(\\d+)\\.csv", "$1")),
            text.lines().mapToDouble(Double::parseDouble).toArray());
      }
    }
    return charts;
  }

  private Parameters start(String name) {
    Json weights = run.get(name);
    // Deeplearning4j's blocks are g f o i.
    lstm =
        new LstmReference(
            LstmReference.Options.standard(),
            Layout.blocks(weights.get("W").matrix(), 3, 1, 0, 2),
            Layout.blocks(weights.get("RW").matrix(), 3, 1, 0, 2),
            Layout.blocks(weights.get("b").vector(), 3, 1, 0, 2));
    dense = new DenseReference(weights.get("OW").matrix(), weights.get("ob").vector());
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
    start("init");
    Pass pass = pass(0, 10);
    double[][] expected = run.get("predictions").matrix();
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
    WorstError worst = Comparison.withFloor(1).compare(start("gradients_sum"), gradients).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-6);
  }

  @Test
  void elevenStepsOfAdam() {
    Parameters parameters = start("init");
    double[] first = new double[parameters.count()];
    double[] second = new double[parameters.count()];
    double[] curve = run.get("trainingCurve").vector();
    for (int step = 0; step < 11; step++) {
      Pass pass = pass(10 * step, Math.min(10 * step + 10, 101));
      double loss = pass.loss();
      for (String name : parameters.names()) {
        if (!name.endsWith("bias")) {
          loss += penalize(parameters.matrix(name), pass.gradients().matrix(name));
        }
      }
      assertThat(loss).as("loss before step %d", step).isCloseTo(curve[step], within(5e-6));
      adam(parameters, pass.gradients().flatten(), first, second, step + 1);
    }
    WorstError worst =
        Comparison.withFloor(1).compare(start("paramsPostTrain"), parameters).worst();
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
