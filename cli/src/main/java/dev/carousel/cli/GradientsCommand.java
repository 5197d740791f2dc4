package dev.carousel.cli;

import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Sequences;
import dev.carousel.kernel.Kernel;
import dev.carousel.model.Model;
import dev.carousel.network.BiasInitializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code carousel gradients}: how far back the gradient of the last loss reaches. */
@Command(
    name = "gradients",
    description =
        "Show how large the gradient of the last loss is in the state k steps earlier, and what the"
            + " gates do: for Elman, LSTM and GRU on the adding problem, before and after training,"
            + " or for a model on data.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class GradientsCommand implements Callable<Integer> {
  private static final int LENGTH = 200;
  private static final List<String> OF_THE_ADDING_PROBLEM =
      List.of("--hidden", "--epochs", "--sequences", "--biases", "--seed");

  /** How the gates' biases start. */
  enum BiasName {
    CHRONO,
    STANDARD
  }

  @Spec private CommandSpec command;
  @Mixin private OutputOptions output;
  @Mixin private ComputeOptions compute;

  @Option(
      names = "--length",
      paramLabel = "N",
      description =
          "Steps of the adding problem, or of a model's sequences that are looked at; default: 200,"
              + " with --model at most as many as half of the sequences have.")
  private @Nullable Integer length;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "64",
      description = "Hidden size; default: ${DEFAULT-VALUE}.")
  private int hidden;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Passes over the training sequences, 0 to measure only before training; default:"
              + " ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Training sequences; default: ${DEFAULT-VALUE}.")
  private int sequences;

  @Option(
      names = "--biases",
      paramLabel = "NAME",
      defaultValue = "chrono",
      description =
          "How the gates of LSTM and GRU start: chrono, for memories of all lengths up to --length"
              + " (Tallec and Ollivier, 2018), or standard, all 0 but the LSTM's forget gate at 1;"
              + " default: ${DEFAULT-VALUE}.")
  private BiasName biases;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What everything random comes from; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--svg", paramLabel = "FILE", description = "Also draw the curves.")
  private @Nullable Path svg;

  @Option(names = "--model", paramLabel = "DIR", description = "Measure this model instead.")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "What to measure the model on, as for evaluate; a languages model has data of its own.")
  private @Nullable Path data;

  @Override
  public Integer call() throws IOException {
    // Three steps are the shortest that chrono biases are for.
    Refusal.unlessBetween(command, "--length", 3, 5000, length == null ? LENGTH : length);
    Refusal.unlessBetween(command, "--hidden", 1, NetworkOptions.LARGEST, hidden);
    Refusal.unlessBetween(command, "--epochs", 0, 100_000, epochs);
    Refusal.unlessBetween(command, "--sequences", 1, 1_000_000, sequences);
    if (model == null && data != null) {
      throw Refusal.of(command, "--data: expected --model with it, got --data alone");
    }
    for (String option : OF_THE_ADDING_PROBLEM) {
      if (model != null && command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw Refusal.of(
            command, option + ": expected the adding problem, got --model, which is trained");
      }
    }
    if (svg != null) {
      LagChart.check(svg);
    }
    int threads = compute.threads();
    Kernel kernel = compute.kernel(output);
    MemoryReport report =
        new MemoryReport(
            model == null
                ? addingProblem().run(kernel, threads, output)
                : ofModel(model, Model.load(model), kernel));
    Results results = Results.onStandardOutput();
    if (output.json()) {
      results.json(report.json());
    } else {
      report.print(results);
      if (model == null) {
        results.line("");
        results.line(
            "Gradient norms relative to lag 0. The error is the mean squared one of the adding"
                + " problem; predicting");
        results.line("the mean gives " + Figures.share(AddingProblem.ERROR_OF_THE_MEAN) + ".");
      }
    }
    results.flush();
    if (svg != null) {
      new LagChart(report).write(svg);
      output.note("chart: " + svg);
    }
    return 0;
  }

  private AddingProblem addingProblem() {
    int steps = length == null ? LENGTH : length;
    BiasInitializer initializer =
        switch (biases) {
          case CHRONO -> new BiasInitializer.Chrono(steps);
          case STANDARD -> new BiasInitializer.Standard();
        };
    return new AddingProblem(steps, hidden, epochs, sequences, initializer, seed);
  }

  private List<Remembering> ofModel(Path directory, Model loaded, Kernel kernel)
      throws IOException {
    Sequences all = sequences(directory, loaded);
    int[] lengths = IntStream.range(0, all.size()).map(all::length).sorted().toArray();
    int wanted =
        length == null
            ? Math.min(LENGTH, lengths[lengths.length / 2])
            : Math.min(length, all.longest());
    if (wanted < 2) {
      throw new InvalidDataException(
          (data == null ? directory : data)
              + ": expected sequences of at least 2 steps, got "
              + wanted);
    }
    long enough = Arrays.stream(lengths).filter(steps -> steps >= wanted).count();
    output.note(
        "measuring the last "
            + wanted
            + " steps of the "
            + Figures.count(enough)
            + " of "
            + Figures.count(all.size())
            + " sequences that have as many");
    return Remembering.measure("", "", Double.NaN, loaded.parameters(), kernel, all, wanted - 1);
  }

  private Sequences sequences(Path directory, Model loaded) throws IOException {
    if (data == null) {
      return EvaluationData.ownOf(command, directory, loaded, output);
    }
    return switch (loaded.encoding().task()) {
      case TEXT_CLASSIFICATION -> EvaluationData.labelledTexts(data, loaded);
      case CHARACTER_LANGUAGE_MODEL ->
          EvaluationData.tracks(data, loaded, length == null ? LENGTH : length);
      case IMAGE_CLASSIFICATION -> EvaluationData.images(data, null, loaded);
      case CUSTOM ->
          throw new IllegalArgumentException(Tasks.refusal("gradients", directory, loaded));
    };
  }
}
