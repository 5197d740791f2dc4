package dev.carousel.model;

import java.util.ArrayList;
import java.util.List;

/** The figures of each epoch as comma-separated values; an empty field is NaN. */
final class MetricsCsv {
  private static final String HEADER =
      "epoch,train_loss,validation_loss,accuracy,top5,learning_rate,seconds,sequences_per_second";
  private static final int COLUMNS = 8;

  private MetricsCsv() {}

  static String write(List<EpochMetrics> metrics) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (EpochMetrics m : metrics) {
      text.append(m.epoch());
      double[] figures = {
        m.trainLoss(),
        m.validationLoss(),
        m.accuracy(),
        m.top5(),
        m.learningRate(),
        m.seconds(),
        m.sequencesPerSecond()
      };
      for (double figure : figures) {
        text.append(',');
        if (Double.isInfinite(figure)) {
          text.append(figure);
        } else if (!Double.isNaN(figure)) {
          text.append(Json.shortest(figure));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  /**
   * @param file names it in errors
   * @throws ModelFormatException naming the line
   */
  static List<EpochMetrics> read(String file, String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
      throw new ModelFormatException(
          file + ": line 1: expected " + HEADER + ", got " + (lines.isEmpty() ? "" : lines.get(0)));
    }
    List<EpochMetrics> metrics = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] fields = lines.get(i).split(",", -1);
      String where = file + ": line " + (i + 1) + ": expected ";
      if (fields.length != COLUMNS) {
        throw new ModelFormatException(where + COLUMNS + " fields, got " + fields.length);
      }
      try {
        double[] f = new double[COLUMNS];
        for (int k = 1; k < COLUMNS; k++) {
          f[k] = fields[k].isEmpty() ? Double.NaN : Double.parseDouble(fields[k]);
        }
        int epoch = Integer.parseInt(fields[0]);
        metrics.add(new EpochMetrics(epoch, f[1], f[2], f[3], f[4], f[5], f[6], f[7]));
      } catch (IllegalArgumentException e) {
        throw new ModelFormatException(
            where + "an epoch from 1 and numbers, got " + lines.get(i), e);
      }
    }
    return List.copyOf(metrics);
  }
}
