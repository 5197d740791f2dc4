package dev.carousel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carousel.kernel.Kernel;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.training.DivergedException;
import dev.carousel.training.Evaluation;
import dev.carousel.training.Evaluator;
import dev.carousel.training.Trainer;
import dev.carousel.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all trainings share: the options, the way from the data to the saved model, the report. */
abstract class TrainingCommand implements Callable<Integer> {
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(60);

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final NetworkOptions layers = new NetworkOptions();
  @Mixin private final LearningOptions learning = new LearningOptions();
  @Mixin private final DirectoryOptions directory = new DirectoryOptions();
  @Mixin private final ComputeOptions compute = new ComputeOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  /** Checks the options of one command. */
  abstract void check();

  /** Reads the data and lays out the network. */
  abstract TrainingTask load() throws IOException;

  final CommandSpec command() {
    return Objects.requireNonNull(spec);
  }

  final NetworkOptions layers() {
    return layers;
  }

  final LearningOptions learning() {
    return learning;
  }

  final OutputOptions output() {
    return output;
  }

  final DirectoryOptions directory() {
    return directory;
  }

  @Override
  public final Integer call() throws IOException {
    layers.check(command());
    learning.check(command());
    check();
    int threads = compute.threads();
    directory.check(command());
    Kernel kernel = compute.kernel(output);
    TrainingTask task = load();
    // Too many parameters are refused before there is a directory.
    task.network().parameterLayout();
    try (Interruption interruption = Interruption.listen()) {
      DirectoryOptions.Taken taken = directory.take(command(), output);
      try {
        Model model = train(task, kernel, threads, interruption);
        if (model == null) {
          return Interruption.EXIT_CODE;
        }
        finish(task, kernel, threads, model);
        return CommandLine.ExitCode.OK;
      } finally {
        // While the interruption still waits: whoever is told to end leaves no lock file.
        taken.close();
      }
    }
  }

  /** Trains to the end; null if it was interrupted. */
  private @Nullable Model train(
      TrainingTask task, Kernel kernel, int threads, Interruption interruption) throws IOException {
    Trainer trainer =
        Trainer.of(task.network())
            .kernel(kernel)
            .threads(threads)
            .shuffle(task.truncation() == null)
            .encoding(task.encoding())
            .data(task.data())
            .note("command", command().qualifiedName())
            .note("symbols and labels", digest(task.encoding()))
            .checkpoint(directory.checkpoint(), CHECKPOINT_INTERVAL);
    learning.apply(trainer);
    if (task.truncation() != null) {
      trainer.truncation(task.truncation());
    }
    LineProgress progress = progress(task);
    if (!output.quiet()) {
      trainer.on(progress);
    }
    try (progress;
        TrainingRun run = trainer.start(task.train(), task.validation())) {
      TrainingRun.Outcome outcome = run(run, interruption);
      progress.close();
      if (outcome == TrainingRun.Outcome.INTERRUPTED) {
        // Not a note: what can be done now is said even when it is to be quiet.
        err("interrupted after " + run.stepsDone() + " updates; resume with: " + resumeCommand());
        return null;
      }
      if (outcome == TrainingRun.Outcome.STOPPED_EARLY) {
        output.note(
            "stopped after epoch "
                + run.epochsDone()
                + ": no better validation loss for "
                + learning.patience()
                + " epochs; epoch "
                + (run.epochsDone() - learning.patience())
                + " is kept");
      }
      return run.model();
    } catch (DivergedException e) {
      if (!Files.exists(directory.checkpoint())) {
        throw e;
      }
      throw new IllegalStateException(
          e.getMessage()
              + "; "
              + directory.checkpoint()
              + " stays as it was before: with other options start anew with --replace",
          e);
    }
  }

  private void finish(TrainingTask task, Kernel kernel, int threads, Model model)
      throws IOException {
    try {
      directory.save(model);
    } catch (IOException e) {
      err("the training is kept; once there is room for the model: " + resumeCommand());
      throw e;
    }
    TrainingReport report =
        new TrainingReport(
            directory.out(),
            task,
            model,
            task.network().parameterLayout().size(),
            evaluate(model, kernel, threads, task.validation()),
            evaluate(model, kernel, threads, task.test()));
    Results results = Results.onStandardOutput();
    report.print(results, output.json());
    results.flush();
  }

  /** The trainer compares numbers only; in resumed data they have to mean the same. */
  private static String digest(Encoding encoding) {
    CRC32 crc = new CRC32();
    if (encoding.vocabulary() != null) {
      crc.update(String.join("\0", encoding.vocabulary().symbols()).getBytes(UTF_8));
    }
    if (encoding.labels() != null) {
      crc.update(String.join("\0", encoding.labels().names()).getBytes(UTF_8));
    }
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  private TrainingRun.Outcome run(TrainingRun run, Interruption interruption) throws IOException {
    BooleanSupplier told = ((Main) command().root().userObject()).stop();
    BooleanSupplier stop = () -> interruption.getAsBoolean() || told.getAsBoolean();
    if (directory.resume()) {
      run.resume();
      output.note("resumed after " + run.stepsDone() + " updates");
    } else {
      // One update, so that there is a checkpoint from the start, and a directory that cannot hold
      // one is known of.
      TrainingRun.Outcome first = run.run(() -> true);
      if (first != TrainingRun.Outcome.INTERRUPTED || stop.getAsBoolean()) {
        return first;
      }
    }
    return run.run(stop);
  }

  private static @Nullable Evaluation evaluate(
      Model model, Kernel kernel, int threads, dev.carousel.data.@Nullable Sequences data) {
    return data == null ? null : Evaluator.evaluate(model.parameters(), kernel, data, threads);
  }

  private LineProgress progress(TrainingTask task) {
    boolean manyClasses = Tasks.hasTopFive(task.network());
    return Boolean.getBoolean("carousel.terminal")
        ? new BarProgress(System.err, task.unit(), learning.epochs(), manyClasses)
        : new LineProgress(System.err, task.unit(), learning.epochs(), manyClasses);
  }

  private void err(String line) {
    command().commandLine().getErr().println("carousel: " + line);
  }

  private String resumeCommand() {
    List<String> arguments =
        command().root().commandLine().getParseResult().originalArgs().stream()
            .filter(argument -> !argument.equals("--resume") && !argument.equals("--replace"))
            .toList();
    return "carousel "
        + arguments.stream().map(Figures::argument).collect(Collectors.joining(" "))
        + " --resume";
  }
}
