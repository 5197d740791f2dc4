package dev.carousel.cli;

import dev.carousel.network.ParameterLayout.Slice;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One parameter in numbers.
 *
 * @param name PyTorch's behind the layer's index
 * @param shape as in files, {@code [outputs, inputs]}
 * @param mean of its values
 * @param deviation the standard deviation of its values around their mean, over their number
 * @param min the smallest
 * @param max the largest
 */
record WeightFigures(
    String name, List<Integer> shape, double mean, double deviation, double min, double max) {

  static List<WeightFigures> of(Parameters parameters) {
    List<WeightFigures> figures = new ArrayList<>();
    for (Slice slice : parameters.layout().slices()) {
      figures.add(of(slice, parameters.values()));
    }
    return figures;
  }

  private static WeightFigures of(Slice slice, float[] values) {
    int end = slice.offset() + slice.size();
    double sum = 0;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = slice.offset(); i < end; i++) {
      sum += values[i];
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    double mean = sum / slice.size();
    double squares = 0;
    for (int i = slice.offset(); i < end; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    List<Integer> shape =
        slice.isVector()
            ? List.of(slice.columns())
            : slice.transposedInFiles()
                ? List.of(slice.columns(), slice.rows())
                : List.of(slice.rows(), slice.columns());
    return new WeightFigures(
        slice.name(), shape, mean, Math.sqrt(squares / slice.size()), min, max);
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("shape", shape);
    json.put("mean", mean);
    json.put("deviation", deviation);
    json.put("min", min);
    json.put("max", max);
    return json;
  }

  /** A table of parameters. */
  static void print(List<WeightFigures> figures, Results results) {
    String format = "%-34s %-14s %11s %11s %11s %11s";
    results.line(
        String.format(
            Locale.ROOT, format, "parameter", "shape", "mean", "deviation", "min", "max"));
    for (WeightFigures one : figures) {
      String shape =
          one.shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
      results.line(
          String.format(
              Locale.ROOT,
              format,
              one.name,
              shape,
              number(one.mean),
              number(one.deviation),
              number(one.min),
              number(one.max)));
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }
}
