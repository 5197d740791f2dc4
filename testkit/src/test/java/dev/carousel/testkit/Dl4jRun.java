package dev.carousel.testkit;

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

/**
 * The record of a training by Deeplearning4j: LSTM 1 to 10, mean over time, dense 10 to 6, softmax;
 * 11 steps of Adam over 101 control charts of 60 steps, with L1 and L2.
 *
 * <p>The recorded mean of the charts was computed afterwards, in double precision. The one that
 * Deeplearning4j had subtracted, in single precision, is two of its steps higher, 28.979782: all
 * else in the record says so. The root mean square of what the float64 references differ by falls
 * from 1.4e-7 to 3.1e-8 for the gradients, from 2.9e-8 to 1.1e-8 for the predictions, from 1.1e-6
 * to 1.2e-7 for the losses and from 9.5e-7 to 9.5e-8 for the final parameters; with a mean of one
 * step less or more it is one and a half to five times as much.
 */
public final class Dl4jRun {
  public static final int CHARTS = 101;
  public static final int STEPS = 60;

  private final Json json;
  private final double[][] charts = new double[CHARTS][];

  private Dl4jRun(Json json) {
    this.json = json;
  }

  /** Skips the test where the reference data are absent. */
  public static Dl4jRun read() throws IOException {
    Dl4jRun run =
        new Dl4jRun(Json.read(SharedData.path("reference/dl4j_training/case1_lstm_adam.json")));
    Map<Integer, double[]> raw =
        charts(SharedData.path("series/uci_synthetic_control/uci_seq.tar.gz"));
    double mean = Math.nextUp(Math.nextUp((float) run.json.get("mean").number()));
    double deviation = run.json.get("std").number();
    for (int i = 0; i < CHARTS; i++) {
      run.charts[i] = Arrays.stream(raw.get(i)).map(x -> (x - mean) / deviation).toArray();
    }
    return run;
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

  /** The standardised values of each chart, one a step. */
  public double[][] charts() {
    return charts;
  }

  /** The class of each chart. */
  public int[] classes() {
    return Arrays.stream(json.get("labels_first_101").vector()).mapToInt(x -> (int) x).toArray();
  }

  /** The probabilities of the untrained network for the first ten charts. */
  public double[][] predictions() {
    return json.get("predictions").matrix();
  }

  /** The loss before each step, penalties included. */
  public double[] losses() {
    return json.get("trainingCurve").vector();
  }

  /** The parameters before the training. */
  public Parameters initial() {
    return parameters("init");
  }

  /** The parameters after the training. */
  public Parameters trained() {
    return parameters("paramsPostTrain");
  }

  /** The gradients of the sum of the losses of the first ten charts, before the training. */
  public Parameters gradients() {
    return parameters("gradients_sum");
  }

  private Parameters parameters(String name) {
    Json weights = json.get(name);
    // Deeplearning4j's blocks are g f o i.
    return new Parameters()
        .with("weightIh", Layout.blocks(weights.get("W").matrix(), 3, 1, 0, 2))
        .with("weightHh", Layout.blocks(weights.get("RW").matrix(), 3, 1, 0, 2))
        .with("bias", Layout.blocks(weights.get("b").vector(), 3, 1, 0, 2))
        .with("dense weight", weights.get("OW").matrix())
        .with("dense bias", weights.get("ob").vector());
  }
}
