package dev.carousel.cli;

import dev.carousel.insight.GateSaturation;
import dev.carousel.insight.GradientByLag;
import dev.carousel.insight.MemoryHalfLife;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was found out about memories, for people and for programs. */
record MemoryReport(List<Remembering> layers) {
  private static final int[] LAGS = {0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 1000, 2000};

  /** Where a gradient counts as gone. */
  private static final double GONE = 0.01;

  /** The tables: gradients by lag, and gates where there are any. */
  void print(Results results) {
    List<Integer> lags = new ArrayList<>();
    int longest = layers.get(0).curves().get("h").maxLag();
    Arrays.stream(LAGS).filter(lag -> lag < longest).forEach(lags::add);
    lags.add(longest);
    boolean errors = layers.stream().noneMatch(layer -> Double.isNaN(layer.error()));
    Table table = new Table();
    List<String> header = new ArrayList<>(List.of("gradient, lag"));
    lags.forEach(lag -> header.add(Integer.toString(lag)));
    header.add("below 1 %");
    if (errors) {
      header.add("test error");
    }
    table.row(header.toArray(String[]::new));
    for (Remembering layer : layers) {
      layer
          .curves()
          .forEach(
              (part, curve) -> {
                List<String> cells = new ArrayList<>(List.of(layer.at(layer.name(part))));
                lags.forEach(lag -> cells.add(power(curve.relative().get(lag))));
                cells.add(firstBelow(curve));
                if (errors) {
                  cells.add(number("%.4f", layer.error()));
                }
                table.row(cells.toArray(String[]::new));
              });
    }
    table.lines().forEach(results::line);
    if (layers.stream().anyMatch(layer -> !layer.gates().isEmpty())) {
      results.line("");
      gates().lines().forEach(results::line);
    }
  }

  private Table gates() {
    Table table = new Table();
    table.row("gate", "mean", "below 0.1", "above 0.9", "half-life: median", "longest");
    for (Remembering layer : layers) {
      for (Remembering.Gate gate : layer.gates()) {
        GateSaturation.Gate figures = gate.figures();
        table.row(
            layer.at(layer.layer() + " " + figures.name()),
            number("%.3f", figures.mean()),
            number("%.1f %%", 100 * figures.below()),
            number("%.1f %%", 100 * figures.above()),
            gate.halfLife().map(life -> steps(life.quantile(0.5))).orElse("-"),
            gate.halfLife().map(life -> steps(life.quantile(1))).orElse("-"));
      }
    }
    return table;
  }

  private static String steps(double halfLife) {
    return halfLife == Double.POSITIVE_INFINITY ? "endless" : number("%.1f", halfLife);
  }

  private static String power(double value) {
    return value == 1 ? "1" : number("%.1e", value);
  }

  private static String firstBelow(GradientByLag.Curve curve) {
    return curve.firstBelow(GONE).isPresent()
        ? Integer.toString(curve.firstBelow(GONE).getAsInt())
        : "never";
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** The same as an object of JSON; what is not finite is left out. */
  Map<String, Object> json() {
    List<Map<String, Object>> curves = new ArrayList<>();
    List<Map<String, Object>> gates = new ArrayList<>();
    for (Remembering layer : layers) {
      layer
          .curves()
          .forEach(
              (part, curve) -> {
                Map<String, Object> fields = named(layer);
                fields.put("state", part);
                fields.put("sequences", layer.sequences());
                fields.put("error", layer.error());
                fields.put("atLagZero", curve.atLagZero());
                fields.put("relative", curve.relative());
                curves.add(fields);
              });
      for (Remembering.Gate gate : layer.gates()) {
        Map<String, Object> fields = named(layer);
        fields.put("gate", gate.figures().name());
        fields.put("mean", gate.figures().mean());
        fields.put("below", gate.figures().below());
        fields.put("above", gate.figures().above());
        gate.halfLife().ifPresent(life -> fields.put("halfLife", halfLife(life)));
        gates.add(fields);
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("curves", curves);
    json.put("gates", gates);
    return json;
  }

  private static Map<String, Object> named(Remembering layer) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("layer", layer.layer());
    if (!layer.moment().isEmpty()) {
      fields.put("moment", layer.moment());
    }
    return fields;
  }

  private static Map<String, Object> halfLife(MemoryHalfLife life) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("median", finite(life.quantile(0.5)));
    fields.put("longest", finite(life.quantile(1)));
    return fields;
  }

  private static double finite(double value) {
    return Double.isInfinite(value) ? Double.NaN : value;
  }
}
