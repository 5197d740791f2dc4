package dev.carousel.cli;

import dev.carousel.cli.TrainingTask.BaselineResult;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.training.Evaluation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a training came to. */
record TrainingReport(
    Path directory,
    TrainingTask task,
    Model model,
    int parameters,
    @Nullable Evaluation validation,
    @Nullable Evaluation test) {

  /** Prints the report, for people or as one line of JSON. */
  void print(Results out, boolean json) {
    if (json) {
      out.json(fields());
    } else {
      table(out);
    }
  }

  private Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model", directory.toString());
    fields.put("parameters", parameters);
    fields.put("epochs", model.metrics().size());
    fields.put("seconds", model.provenance().wallSeconds());
    fields.put(task.unit().plural() + "PerSecond", rate());
    if (validation != null) {
      fields.put("validation", fields(validation));
    }
    if (test != null) {
      fields.put("test", fields(test));
    }
    if (!task.baselines().isEmpty()) {
      Map<String, Object> baselines = new LinkedHashMap<>();
      for (BaselineResult baseline : task.baselines()) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("loss", baseline.loss());
        figures.put("accuracy", baseline.accuracy());
        figures.put("top5", top5(baseline.top5()));
        baselines.put(baseline.key(), figures);
      }
      fields.put("baselines", baselines);
    }
    return fields;
  }

  /** Among five of five classes says nothing. */
  private double top5(double share) {
    return Tasks.hasTopFive(model.network()) ? share : Double.NaN;
  }

  private Map<String, Object> fields(Evaluation evaluation) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("examples", evaluation.examples());
    fields.put("loss", evaluation.loss());
    fields.put("accuracy", evaluation.accuracy());
    fields.put("top5", top5(evaluation.top5()));
    return fields;
  }

  /** The mean over the epochs, what is not training left out. */
  private double rate() {
    double seconds = 0;
    for (EpochMetrics epoch : model.metrics()) {
      seconds += 1 / epoch.sequencesPerSecond();
    }
    return model.metrics().size() / seconds * task.unit().perSequence();
  }

  private void table(Results out) {
    Evaluation held = test != null ? test : validation;
    if (held != null) {
      Table table = new Table();
      if (task.unit().isSequences()) {
        table
            .row("", "top-1", "top-5")
            .row("held-out accuracy", percent(held.accuracy()), percent(top5(held.top5())));
        for (BaselineResult baseline : task.baselines()) {
          table.row(
              "  " + baseline.name(), percent(baseline.accuracy()), percent(top5(baseline.top5())));
        }
      } else {
        table
            .row("held-out loss per character", number("%.4f nats", held.loss()))
            .row("", number("%.4f bits", held.loss() / Math.log(2)));
        for (BaselineResult baseline : task.baselines()) {
          table.row("  " + baseline.name(), number("%.4f nats", baseline.loss()));
        }
        table
            .row("held-out accuracy, next character", percent(held.accuracy()))
            .row("  among the first five", percent(top5(held.top5())));
      }
      table.lines().forEach(out::line);
      verdict(out, held);
    }
    out.line(
        String.format(
            Locale.ROOT,
            "%,d parameters, epochs: %d, %.1f s, %,.0f %s/s",
            parameters,
            model.metrics().size(),
            model.provenance().wallSeconds(),
            rate(),
            task.unit().plural()));
    out.line("saved in " + directory + "; use it with: carousel " + task.usage());
  }

  private void verdict(Results out, Evaluation held) {
    for (BaselineResult baseline : task.baselines()) {
      if (held.accuracy() < baseline.accuracy()) {
        worse(out, baseline, percent(held.accuracy()), percent(baseline.accuracy()));
      } else if (held.loss() > baseline.loss()) {
        String got = number("%.4f nats", held.loss());
        worse(out, baseline, got, number("%.4f nats", baseline.loss()));
      }
    }
  }

  private static void worse(Results out, BaselineResult baseline, String got, String bar) {
    out.line("the network is worse than " + baseline.name() + ": " + got + " against " + bar);
  }

  private static String percent(double share) {
    return Table.percent(share);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
