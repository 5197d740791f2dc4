package dev.carousel.cli;

import dev.carousel.data.Labels;
import dev.carousel.data.Vocabulary;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Head;
import dev.carousel.network.Input;
import dev.carousel.network.Network;
import dev.carousel.network.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All there is to say of a model. */
final class Inspection {
  private final Path directory;
  private final Model model;
  private final Summary summary;
  private final SecondBias secondBias;
  private final List<WeightFigures> weights;

  Inspection(Path directory, Model model, boolean weights) {
    this.directory = directory;
    this.model = model;
    this.summary = Summary.of(model.network());
    this.secondBias = SecondBias.of(model.network());
    this.weights = weights ? WeightFigures.of(model.parameters()) : List.of();
  }

  void print(Results results) {
    results.line(directory + ": " + Tasks.describe(model.encoding().task())).line("");
    results.line(summary.toString()).line("");
    if (secondBias.parameters() > 0) {
      results.line(secondBias.sentence(summary.parameters())).line("");
    }
    section(results, "", model());
    section(results, "Origin", origin());
    section(results, "Last epoch", lastEpoch());
    section(results, "Settings", model.provenance().settings());
    if (!weights.isEmpty()) {
      results.line("");
      WeightFigures.print(weights, results);
    }
  }

  /** Names and values in two columns; nothing if there are none. */
  private static void section(Results results, String title, Map<String, String> values) {
    if (!values.isEmpty() && !title.isEmpty()) {
      results.line("").line(title);
    }
    String indent = title.isEmpty() ? "" : "  ";
    values.forEach(
        (name, value) ->
            results.line(
                String.format(Locale.ROOT, "%s%-20s %s", indent, name, Figures.oneLine(value))));
  }

  private Map<String, String> model() {
    Network network = model.network();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("input", input(network));
    values.put(
        "scores",
        network.outputSize()
            + ", "
            + network.head().name().toLowerCase(Locale.ROOT)
            + (network.perStep() ? ", at every step" : ", once per sequence"));
    values.put("runs step by step", network.canStep() ? "yes" : "no, it needs whole sequences");
    Vocabulary vocabulary = model.encoding().vocabulary();
    if (vocabulary != null) {
      values.put("vocabulary", vocabulary.size() + " symbols, the unknown included");
    }
    Labels labels = model.encoding().labels();
    if (labels != null) {
      values.put("labels", labels.size() + ": " + shortened(labels.names()));
    }
    if (model.encoding().scaling() != null) {
      values.put("scaling", "mean and deviation of each feature");
    }
    model.encoding().options().forEach((name, value) -> values.put("option " + name, value));
    values.put("fingerprint", model.fingerprint());
    return values;
  }

  private static String input(Network network) {
    return network.input() instanceof Input.Tokens tokens
        ? "one of " + tokens.count() + " tokens a step"
        : ((Input.Features) network.input()).size() + " features a step";
  }

  private static String shortened(List<String> names) {
    int shown = Math.min(names.size(), 10);
    return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
  }

  private Map<String, String> origin() {
    Provenance provenance = model.provenance();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("data", provenance.data());
    if (!provenance.dataSha256().isEmpty()) {
      values.put("SHA-256 of the data", provenance.dataSha256());
    }
    values.put("seed", Long.toString(provenance.seed()));
    values.put("Carousel", provenance.carouselVersion());
    values.put("Java", provenance.javaVersion());
    values.put("kernel", provenance.kernel());
    values.put("finished", provenance.finished().toString());
    values.put("seconds", String.format(Locale.ROOT, "%.1f", provenance.wallSeconds()));
    return values;
  }

  private @Nullable EpochMetrics last() {
    List<EpochMetrics> metrics = model.metrics();
    return metrics.isEmpty() ? null : metrics.get(metrics.size() - 1);
  }

  private Map<String, String> lastEpoch() {
    Map<String, String> values = new LinkedHashMap<>();
    EpochMetrics last = last();
    if (last != null) {
      values.put("epoch", Integer.toString(last.epoch()));
      // Of numbers it is the squared error, in whatever unit they have.
      String format = model.network().head() == Head.LINEAR ? "%.4f" : "%.4f nats";
      put(values, "training loss", format, last.trainLoss());
      put(values, "validation loss", format, last.validationLoss());
      put(values, "accuracy", "%.2f %%", 100 * last.accuracy());
      if (Tasks.hasTopFive(model.network())) {
        put(values, "top 5", "%.2f %%", 100 * last.top5());
      }
    }
    return values;
  }

  private static void put(Map<String, String> values, String name, String format, double value) {
    if (!Double.isNaN(value)) {
      values.put(name, String.format(Locale.ROOT, format, value));
    }
  }

  Map<String, Object> json() {
    Network network = model.network();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("task", model.encoding().task().name().toLowerCase(Locale.ROOT));
    Map<String, Object> input = new LinkedHashMap<>();
    if (network.input() instanceof Input.Tokens tokens) {
      input.put("tokens", tokens.count());
    } else if (network.input() instanceof Input.Features features) {
      input.put("features", features.size());
    }
    json.put("input", input);
    json.put("scores", network.outputSize());
    json.put("head", network.head().name().toLowerCase(Locale.ROOT));
    json.put("perStep", network.perStep());
    json.put("canStep", network.canStep());
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Summary.Row row : summary.rows()) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("layer", row.layer());
      layer.put("output", row.output());
      layer.put("parameters", row.parameters());
      layer.put("multiplyAdds", row.multiplyAdds());
      layer.put("stateBytes", row.stateBytes());
      layers.add(layer);
    }
    json.put("layers", layers);
    json.put("parameters", summary.parameters());
    json.put("parametersInPyTorch", summary.parameters() + secondBias.parameters());
    json.put("multiplyAdds", summary.multiplyAdds());
    json.put("stateBytes", summary.stateBytes());
    Vocabulary vocabulary = model.encoding().vocabulary();
    if (vocabulary != null) {
      json.put("vocabulary", vocabulary.size());
    }
    Labels labels = model.encoding().labels();
    if (labels != null) {
      json.put("labels", labels.names());
    }
    json.put("options", model.encoding().options());
    json.put("fingerprint", model.fingerprint());
    json.put("provenance", provenance());
    EpochMetrics last = last();
    if (last != null) {
      json.put("lastEpoch", metrics(last));
    }
    if (!weights.isEmpty()) {
      json.put("weights", weights.stream().map(WeightFigures::json).toList());
    }
    return json;
  }

  private Map<String, Object> provenance() {
    Provenance provenance = model.provenance();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("data", provenance.data());
    json.put("dataSha256", provenance.dataSha256());
    json.put("seed", provenance.seed());
    json.put("carouselVersion", provenance.carouselVersion());
    json.put("javaVersion", provenance.javaVersion());
    json.put("kernel", provenance.kernel());
    json.put("settings", provenance.settings());
    json.put("started", provenance.started().toString());
    json.put("finished", provenance.finished().toString());
    json.put("wallSeconds", provenance.wallSeconds());
    return json;
  }

  private static Map<String, Object> metrics(EpochMetrics last) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("epoch", last.epoch());
    json.put("trainLoss", last.trainLoss());
    json.put("validationLoss", last.validationLoss());
    json.put("accuracy", last.accuracy());
    json.put("top5", last.top5());
    json.put("learningRate", last.learningRate());
    return json;
  }
}
