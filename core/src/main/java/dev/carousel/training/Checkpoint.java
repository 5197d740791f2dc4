package dev.carousel.training;

import dev.carousel.model.EpochMetrics;
import dev.carousel.model.ModelFormatException;
import dev.carousel.model.SafeTensors;
import dev.carousel.model.Seal;
import dev.carousel.model.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link TrainingState} in a file: one safetensors file, written beside and moved into place, so
 * that there is always a whole one. Its metadata are the settings and the digest of the data;
 * another training refuses it. A {@link Seal} tells a file that was changed or damaged.
 */
final class Checkpoint {
  // Settings longer than this are shown where they differ; what a word ends with.
  private static final int LONG = 100;
  private static final String ENDS = " ,[]";

  // Of the file and of the arithmetic: a training resumed ends in the bits of one that was not
  // stopped, so a file from before sums were made in another order is refused too.
  static final String VERSION = "3";
  private static final String SETTING = "setting.";
  private static final int HISTORY_WIDTH = 8;
  private static final List<String> PLACE =
      List.of(
          "epoch",
          "sequence",
          "step",
          "update",
          "stopped early",
          "epochs since the lowest loss",
          "epochs since a reduction",
          "reductions");

  private Checkpoint() {}

  static void write(Path file, Map<String, String> settings, String dataDigest, TrainingState state)
      throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("carousel.checkpoint", VERSION);
    metadata.put("data", dataDigest);
    settings.forEach((name, value) -> metadata.put(SETTING + name, value));
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(Tensor.of("parameters", state.parameters));
    tensors.add(Tensor.of("moments.first", state.moments.first));
    tensors.add(Tensor.of("moments.second", state.moments.second));
    tensors.add(Tensor.of("carried", state.carried));
    tensors.add(Tensor.of("best", state.best));
    tensors.add(
        Tensor.of(
            "place",
            state.epoch,
            state.position,
            state.windowStart,
            state.moments.step,
            state.stoppedEarly ? 1 : 0,
            state.epochsSinceLowest,
            state.epochsSinceReduction,
            state.reductions));
    tensors.add(
        Tensor.of(
            "sums",
            new double[] {
              state.lossSum,
              state.lossWeight,
              state.epochSeconds,
              state.totalSeconds,
              state.lowestLoss,
              state.moments.beta1Power,
              state.moments.beta2Power
            }));
    tensors.add(Tensor.of("history", history(state.history)));
    SafeTensors.write(file, Seal.seal(metadata, tensors), tensors);
  }

  private static double[] history(List<EpochMetrics> history) {
    double[] values = new double[HISTORY_WIDTH * history.size()];
    int at = 0;
    for (EpochMetrics m : history) {
      values[at++] = m.epoch();
      values[at++] = m.trainLoss();
      values[at++] = m.validationLoss();
      values[at++] = m.accuracy();
      values[at++] = m.top5();
      values[at++] = m.learningRate();
      values[at++] = m.seconds();
      values[at++] = m.sequencesPerSecond();
    }
    return values;
  }

  /**
   * Reads all of it and then changes the state.
   *
   * @param most the largest value of each element of the place
   */
  static void read(
      Path file, Map<String, String> settings, String dataDigest, long[] most, TrainingState state)
      throws IOException {
    SafeTensors.Contents contents = SafeTensors.read(file);
    checkVersion(file, contents.metadata());
    Seal.check(contents);
    checkSame(file, contents.metadata(), settings, dataDigest);
    long[] place = contents.longs("place", PLACE.size());
    for (int i = 0; i < place.length; i++) {
      if (place[i] < 0 || place[i] > most[i]) {
        throw new ModelFormatException(
            file + ": place: expected " + PLACE.get(i) + " 0 to " + most[i] + ", got " + place[i]);
      }
    }
    float[] parameters = contents.floats("parameters", state.parameters.length);
    float[] first = contents.floats("moments.first", state.moments.first.length);
    float[] second = contents.floats("moments.second", state.moments.second.length);
    float[] carried = contents.floats("carried", state.carried.length);
    double[] sums = contents.doubles("sums", 7);
    List<EpochMetrics> history =
        history(file, contents.doubles("history", HISTORY_WIDTH * (int) place[0]));
    float[] best =
        contents.tensors().get("best") instanceof Tensor.Floats kept && kept.values().length == 0
            ? new float[0]
            : contents.floats("best", state.parameters.length);
    state.best = best;
    copy(parameters, state.parameters);
    copy(first, state.moments.first);
    copy(second, state.moments.second);
    copy(carried, state.carried);
    state.epoch = Math.toIntExact(place[0]);
    state.position = Math.toIntExact(place[1]);
    state.windowStart = Math.toIntExact(place[2]);
    state.moments.step = place[3];
    state.stoppedEarly = place[4] != 0;
    state.epochsSinceLowest = Math.toIntExact(place[5]);
    state.epochsSinceReduction = Math.toIntExact(place[6]);
    state.reductions = Math.toIntExact(place[7]);
    state.lossSum = sums[0];
    state.lossWeight = sums[1];
    state.epochSeconds = sums[2];
    state.totalSeconds = sums[3];
    state.lowestLoss = sums[4];
    state.moments.beta1Power = sums[5];
    state.moments.beta2Power = sums[6];
    state.history.clear();
    state.history.addAll(history);
  }

  private static List<EpochMetrics> history(Path file, double[] values) {
    List<EpochMetrics> history = new ArrayList<>();
    for (int at = 0; at < values.length; at += HISTORY_WIDTH) {
      int epoch = history.size() + 1;
      if (values[at] != epoch) {
        throw new ModelFormatException(
            file + ": history: expected epoch " + epoch + ", got " + values[at]);
      }
      history.add(
          new EpochMetrics(
              epoch,
              values[at + 1],
              values[at + 2],
              values[at + 3],
              values[at + 4],
              values[at + 5],
              values[at + 6],
              values[at + 7]));
    }
    return history;
  }

  private static void copy(float[] from, float[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
  }

  private static void checkVersion(Path file, Map<String, String> metadata) {
    String version = metadata.get("carousel.checkpoint");
    if (!VERSION.equals(version)) {
      throw new ModelFormatException(
          file
              + ": expected a checkpoint of version "
              + VERSION
              + ", got "
              + (version == null
                  ? "no checkpoint"
                  : "version " + version + "; go on with the Carousel that wrote it"));
    }
  }

  private static void checkSame(
      Path file, Map<String, String> metadata, Map<String, String> settings, String dataDigest) {
    Map<String, String> saved = new LinkedHashMap<>();
    metadata.forEach(
        (name, value) -> {
          if (name.startsWith(SETTING)) {
            saved.put(name.substring(SETTING.length()), value);
          }
        });
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String before = saved.remove(setting.getKey());
      if (!setting.getValue().equals(before)) {
        throw new IllegalArgumentException(
            "resume: expected "
                + setting.getKey()
                + " "
                + (before == null ? "none" : excerpt(before, setting.getValue()))
                + " (from "
                + file
                + "), got "
                + (before == null ? setting.getValue() : excerpt(setting.getValue(), before)));
      }
    }
    if (!saved.isEmpty()) {
      String name = saved.keySet().iterator().next();
      throw new IllegalArgumentException(
          "resume: expected " + name + " " + saved.get(name) + " (from " + file + "), got none");
    }
    if (!dataDigest.equals(metadata.get("data"))) {
      throw new IllegalArgumentException(
          "resume: expected the data that "
              + file
              + " was trained on (SHA-256 "
              + String.valueOf(metadata.get("data")).substring(0, 4)
              + "...), got other data ("
              + dataDigest.substring(0, 4)
              + "...)");
    }
  }

  /** Of a long value only what differs from the other one, in whole words. */
  private static String excerpt(String value, String other) {
    if (value.length() <= LONG && other.length() <= LONG) {
      return value;
    }
    int shortest = Math.min(value.length(), other.length());
    int from = 0;
    while (from < shortest && value.charAt(from) == other.charAt(from)) {
      from++;
    }
    int tail = 0;
    while (tail < shortest - from
        && value.charAt(value.length() - 1 - tail) == other.charAt(other.length() - 1 - tail)) {
      tail++;
    }
    int to = value.length() - tail;
    while (from > 0 && ENDS.indexOf(value.charAt(from - 1)) < 0) {
      from--;
    }
    while (to < value.length() && ENDS.indexOf(value.charAt(to)) < 0) {
      to++;
    }
    return (from > 0 ? "... " : "")
        + value.substring(from, to)
        + (to < value.length() ? " ..." : "");
  }
}
