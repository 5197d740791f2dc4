package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.model.Encoding.Task;
import dev.carousel.model.Model;
import dev.carousel.training.Evaluation;
import dev.carousel.training.Evaluator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carousel evaluate}: how well a model does on data. */
@Command(
    name = "evaluate",
    description = "Measure a model on labelled texts, on a text, or on labelled images.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private OutputOptions output;
  @Mixin private ComputeOptions compute;

  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's directory.")
  private Path directory;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DATA",
      description =
          "For a text classifier a TSV file (label, tab, text) or a folder of .txt files; for a"
              + " language model a text; for an image classifier a directory of IDX files (its test"
              + " part) or an IDX file of images. A model of train languages needs none: it has the"
              + " names that were held out.")
  private @Nullable Path data;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "The labels of an IDX file of images; default: the file beside it whose name says labels"
              + " and idx1 where that of the images says images and idx3.")
  private @Nullable Path labels;

  @Override
  public Integer call() throws IOException {
    Model model = Model.load(directory);
    Task task = model.encoding().task();
    if (labels != null && task != Task.IMAGE_CLASSIFICATION) {
      throw Refusal.of(
          command, "--labels: expected an image classifier, got " + Tasks.describe(task));
    }
    Sequences sequences =
        data == null && task != Task.CUSTOM
            ? EvaluationData.ownOf(command, directory, model, output)
            : given(model);
    Evaluation evaluation =
        Evaluator.evaluate(
            model.parameters(), compute.kernel(output), sequences, compute.threads());
    Results results = Results.onStandardOutput();
    if (output.json()) {
      results.json(json(model, evaluation));
    } else {
      print(results, model, evaluation);
    }
    results.flush();
    return 0;
  }

  private Sequences given(Model model) throws IOException {
    return switch (model.encoding().task()) {
      case TEXT_CLASSIFICATION -> EvaluationData.labelledTexts(Objects.requireNonNull(data), model);
      case CHARACTER_LANGUAGE_MODEL -> EvaluationData.text(Objects.requireNonNull(data), model);
      case IMAGE_CLASSIFICATION ->
          EvaluationData.images(Objects.requireNonNull(data), labels, model);
      case CUSTOM ->
          throw new IllegalArgumentException(Tasks.refusal("evaluate", directory, model));
    };
  }

  private static Map<String, Object> json(Model model, Evaluation evaluation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("examples", evaluation.examples());
    json.put("loss", evaluation.loss());
    json.put("accuracy", evaluation.accuracy());
    if (Tasks.hasTopFive(model.network())) {
      json.put("top5", evaluation.top5());
    }
    return json;
  }

  private static void print(Results results, Model model, Evaluation evaluation) {
    boolean characters = model.encoding().task() == Task.CHARACTER_LANGUAGE_MODEL;
    row(results, characters ? "characters" : "examples", Figures.count(evaluation.examples()));
    double loss = evaluation.loss();
    row(results, "loss", number(loss) + (characters ? " nats per character" : " nats"));
    if (characters) {
      row(results, "", number(loss / Math.log(2)) + " bits per character");
      row(results, "perplexity", number(Math.exp(loss)));
    }
    row(results, "accuracy", Table.percent(evaluation.accuracy()));
    if (Tasks.hasTopFive(model.network())) {
      row(results, "top 5", Table.percent(evaluation.top5()));
    }
  }

  private static void row(Results results, String name, String value) {
    results.line(String.format(Locale.ROOT, "%-12s%s", name, value));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
