package dev.carousel.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page that tells people what a model is. */
final class ModelCard {
  private ModelCard() {}

  static String of(Model model, Path directory) {
    Path name = directory.toAbsolutePath().normalize().getFileName();
    StringBuilder text = new StringBuilder();
    text.append("# ").append(name == null ? "Model" : name).append("\n\n");
    text.append(purpose(model.encoding())).append("\n\n");
    text.append("```\n").append(model.network().summary()).append("\n```\n\n");
    figures(text, model.metrics());
    provenance(text, model.provenance());
    usage(text, name == null ? "model" : name.toString());
    text.append("Fingerprint: `").append(model.fingerprint()).append("`\n");
    return text.toString();
  }

  private static String purpose(Encoding encoding) {
    int labels = encoding.labels() == null ? 0 : encoding.labels().size();
    int symbols = encoding.vocabulary() == null ? 0 : encoding.vocabulary().size();
    return switch (encoding.task()) {
      case TEXT_CLASSIFICATION ->
          "A recurrent network that reads a text, character by character ("
              + symbols
              + " of them), and tells which of "
              + labels
              + " labels it has.";
      case CHARACTER_LANGUAGE_MODEL ->
          "A recurrent network that reads a text, character by character ("
              + symbols
              + " of them), and tells which comes next.";
      case IMAGE_CLASSIFICATION ->
          "A recurrent network that reads an image piece by piece and tells which of "
              + labels
              + " labels it has.";
      case CUSTOM -> "A recurrent network on sequences.";
    };
  }

  private static void figures(StringBuilder text, List<EpochMetrics> metrics) {
    if (metrics.isEmpty()) {
      return;
    }
    EpochMetrics last = metrics.get(metrics.size() - 1);
    text.append("## Figures\n\n| | |\n|---|---|\n");
    row(text, "epochs", Integer.toString(last.epoch()));
    row(text, "training loss", last.trainLoss(), "%.4f");
    row(text, "validation loss", last.validationLoss(), "%.4f");
    row(text, "validation accuracy", 100 * last.accuracy(), "%.2f %%");
    row(text, "validation top-5 accuracy", 100 * last.top5(), "%.2f %%");
    text.append("\nAfter the last epoch; all epochs are in `metrics.csv`.\n\n");
  }

  private static void provenance(StringBuilder text, Provenance provenance) {
    text.append("## Origin\n\n| | |\n|---|---|\n");
    row(text, "data", provenance.data());
    if (!provenance.dataSha256().isEmpty()) {
      row(text, "SHA-256 of the data", provenance.dataSha256());
    }
    row(text, "seed", Long.toString(provenance.seed()));
    row(text, "Carousel", provenance.carouselVersion());
    row(text, "Java", provenance.javaVersion());
    row(text, "kernel", provenance.kernel());
    row(text, "finished", provenance.finished().toString());
    row(text, "seconds", provenance.wallSeconds(), "%.1f");
    for (Map.Entry<String, String> setting : provenance.settings().entrySet()) {
      row(text, setting.getKey(), setting.getValue());
    }
    text.append('\n');
  }

  private static void usage(StringBuilder text, String name) {
    text.append("## Use\n\n```java\nModel model = Model.load(Path.of(\"");
    text.append(name.replace("\\", "\\\\").replace("\"", "\\\""));
    text.append("\"));\n```\n\n```\ncarousel inspect ").append(name).append("\n```\n\n");
  }

  private static void row(StringBuilder text, String name, double value, String format) {
    if (!Double.isNaN(value)) {
      row(text, name, String.format(Locale.ROOT, format, value));
    }
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append("| ").append(cell(name)).append(" | ").append(cell(value)).append(" |\n");
  }

  /** A bar or a line end would break the table. */
  private static String cell(String value) {
    return value.replace("|", "\\|").replaceAll("\\R", " ");
  }
}
