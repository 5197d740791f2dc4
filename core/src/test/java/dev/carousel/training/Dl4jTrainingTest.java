package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.Json;
import dev.carousel.data.Sequences;
import dev.carousel.data.SharedData;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.WorstError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A training that Deeplearning4j did: 101 control charts of 60 steps, LSTM, mean over time, dense,
 * softmax, 11 steps of Adam with L1 and L2. The same by {@link Trainer} and {@link GradientStep}.
 */
class Dl4jTrainingTest {
  private static final Network NETWORK =
      Network.input(1).lstm(10).meanOverTime().dense(6).softmax();
  private static final int CHARTS = 101;

  private static Json run;
  private static Sequences data;

  @BeforeAll
  static void read() throws IOException {
    run = Json.read(SharedData.path("reference/dl4j_training/case1_lstm_adam.json"));
    Map<Integer, double[]> charts =
        charts(SharedData.path("series/uci_synthetic_control/uci_seq.tar.gz"));
    float[] features = new float[CHARTS * 60];
    int[] classes = new int[CHARTS];
    double[] labels = run.get("labels_first_101").vector();
    for (int i = 0; i < CHARTS; i++) {
      classes[i] = (int) labels[i];
      for (int t = 0; t < 60; t++) {
        double x = charts.get(i)[t];
        features[60 * i + t] = (float) ((x - run.get("mean").number()) / run.get("std").number());
      }
    }
    int[] lengths = new int[CHARTS];
    Arrays.fill(lengths, 60);
    data = Sequences.ofFeatures(features, lengths, 1, new Targets.Classes(classes, 6));
  }

  /** The numbers in train/features/{n}.csv: a tar archive is a header of 512 bytes per file. */
  private static Map<Integer, double[]> charts(Path archive) throws IOException {
    Map<Integer, double[]> charts = new HashMap<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      ByteArrayInputStream tar = new ByteArrayInputStream(in.readAllBytes());
      while (tar.available() > 0) {
        byte[] header = tar.readNBytes(512);
        String name = text(header, 0, 100);
        String size = text(header, 124, 11);
        int length = size.isEmpty() ? 0 : Integer.parseInt(size, 8);
        byte[] content = tar.readNBytes(length);
        tar.skip((512 - length % 512) % 512);
        if (name.matches(".*train/features/\\d+\\.csv")) {
          charts.put(
              Integer.parseInt(name.replaceAll(".*/(\\d+)\\.csv", "$1")),
              text(content, 0, length).lines().mapToDouble(Double::parseDouble).toArray());
        }
      }
    }
    return charts;
  }

  private static String text(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.US_ASCII).replace("\0", "").trim();
  }

  /** Arrays named and ordered as Deeplearning4j does, in our layout: blocks g f o i to i f g o. */
  private static Parameters ours(String name) {
    Json weights = run.get(name);
    Parameters parameters = new Parameters(NETWORK, new float[NETWORK.parameterLayout().size()]);
    put(parameters, "layers.0.weight_ih_l0", permuted(weights.get("W").matrix()));
    put(parameters, "layers.0.weight_hh_l0", permuted(weights.get("RW").matrix()));
    put(parameters, "layers.0.bias_l0", permuted(weights.get("b").vector()));
    put(parameters, "layers.2.weight", weights.get("OW").matrix());
    put(parameters, "layers.2.bias", weights.get("ob").vector());
    return parameters;
  }

  private static void put(Parameters parameters, String name, double[]... rows) {
    ParameterLayout.Slice slice = parameters.layout().slice(name);
    float[] flat = FloatArrays.flat(rows);
    assertThat(flat).hasSize(slice.size());
    System.arraycopy(flat, 0, parameters.values(), slice.offset(), flat.length);
  }

  private static double[][] permuted(double[]... rows) {
    int[] order = {3, 1, 0, 2};
    double[][] permuted = new double[rows.length][40];
    for (int row = 0; row < rows.length; row++) {
      for (int block = 0; block < 4; block++) {
        System.arraycopy(rows[row], 10 * order[block], permuted[row], 10 * block, 10);
      }
    }
    return permuted;
  }

  private static void assertClose(String what, double[] expected, double[] actual, double limit) {
    // Relative, and below a hundredth absolutely: those numbers are printed from single precision.
    WorstError worst = Comparison.withFloor(0.01).compare(what, expected, actual).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(limit);
  }

  @Test
  void predictionsOfTheUntrainedNetwork() {
    Model model = new Model(ours("init"), Encoding.custom(), Provenance.of("none"), List.of());
    float[][] scores =
        Predictor.of(model, new ScalarKernel())
            .scores(data.select(IntStream.range(0, 10).toArray()));
    double[][] expected = run.get("predictions").matrix();
    for (int i = 0; i < 10; i++) {
      assertClose("prediction " + i, expected[i], OptimizerTest.doubles(scores[i]), 1e-5);
    }
  }

  @Test
  void gradientsOfTheFirstTen() {
    Batch batch = new Batch(data);
    batch.select(IntStream.range(0, 10).toArray(), 0, 10);
    try (Workers workers = new Workers(2)) {
      GradientStep step =
          new GradientStep(new CompiledNetwork(ours("init"), new ScalarKernel()), workers, batch);
      step.open(batch, 0, 60, 0);
      step.run();
      double[] sums = OptimizerTest.doubles(step.gradients());
      for (int i = 0; i < sums.length; i++) {
        sums[i] *= 10;
      }
      assertClose("gradients", OptimizerTest.doubles(ours("gradients_sum").values()), sums, 1e-4);
    }
  }

  @Test
  void elevenStepsOfAdam() {
    double[] losses = new double[11];
    double[] sum = new double[1];
    Trainer trainer =
        Trainer.of(NETWORK)
            .kernel(new ScalarKernel())
            .startFrom(ours("init"))
            .optimizer(Adam.withLearningRate(0.05).withUncorrectedEpsilon())
            .penalty(new Penalty(0.001f, 0.001f))
            .batchSize(10)
            .epochs(1)
            .shuffle(false)
            .threads(2)
            .on(
                new TrainingListener() {
                  @Override
                  public void onStep(int epoch, long done, long total, double loss, double rate) {
                    // The mean over the epoch so far; the step's own is what it added.
                    int step = (int) (done + 9) / 10 - 1;
                    losses[step] = (loss * done - sum[0]) / (done - 10 * step);
                    sum[0] = loss * done;
                  }
                });
    Model model = trainer.fit(data);
    assertClose("losses", run.get("trainingCurve").vector(), losses, 1e-5);
    // Below a tenth absolutely, 1e-5: the record is of a float32 run, from which eleven steps in
    // float64 differ by 7e-6 too.
    WorstError worst =
        Comparison.withFloor(0.1)
            .compare(
                "parameters",
                OptimizerTest.doubles(ours("paramsPostTrain").values()),
                OptimizerTest.doubles(model.parameters().values()))
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-4);
  }
}
