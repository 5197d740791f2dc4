package dev.carousel.cli;

import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import dev.carousel.model.Encoding.Task;
import dev.carousel.model.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carousel predict}: what a model says of texts or images. */
@Command(
    name = "predict",
    description = "Classify texts or images, or tell how a text goes on: one line for each input.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PredictCommand implements Callable<Integer> {
  // Some tenths of a second of the scalar kernel with an LSTM(256).
  private static final int LITTLE_CHARACTERS = 1_000;

  @Spec private CommandSpec command;
  @Mixin private OutputOptions output;
  @Mixin private ComputeOptions compute;

  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's directory.")
  private Path directory;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "TEXT",
      description =
          "The texts; without any, the lines of standard input (UTF-8). For a model of images: one"
              + " IDX file of images, plain or .gz.")
  private List<String> inputs = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "3",
      description = "How many labels or characters to show; default: ${DEFAULT-VALUE}.")
  private int top;

  @Override
  public Integer call() throws IOException {
    Refusal.unlessBetween(command, "--top", 1, 1_000_000, top);
    Model model = Model.load(directory);
    Task task = model.encoding().task();
    boolean images = task == Task.IMAGE_CLASSIFICATION;
    if (images && inputs.size() != 1) {
      throw Refusal.of(
          command,
          "predict: expected one IDX file of images ("
              + directory
              + " classifies images), got "
              + (inputs.isEmpty() ? "none" : Integer.toString(inputs.size())));
    }
    Results results = Results.onStandardOutput();
    boolean little = !images && isLittle();
    Predictor predictor =
        Predictor.of(model, little ? compute.kernelForLittle() : compute.kernel());
    try (Workers workers = new Workers(compute.threads())) {
      if (images) {
        new ImagePrediction(directory, predictor, workers, top, output.json())
            .run(Path.of(inputs.get(0)), results);
        return 0;
      }
      TextPrediction prediction = TextPrediction.of(directory, predictor, workers, top);
      Texts texts =
          inputs.isEmpty() ? new TextLines("standard input", System.in) : Texts.ofArguments(inputs);
      for (List<String> some = texts.next(); !some.isEmpty(); some = texts.next()) {
        for (TextPrediction.Answer answer : prediction.answers(some)) {
          if (output.json()) {
            results.json(answer.json());
          } else {
            results.line(answer.line());
          }
        }
        results.flush();
      }
    }
    return 0;
  }

  /** Whether there are only a few texts, all of them known. */
  private boolean isLittle() {
    return !inputs.isEmpty() && inputs.stream().mapToInt(String::length).sum() <= LITTLE_CHARACTERS;
  }
}
