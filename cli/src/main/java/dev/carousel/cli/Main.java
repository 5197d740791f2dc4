package dev.carousel.cli;

import dev.carousel.data.InvalidDataException;
import dev.carousel.model.ModelFormatException;
import dev.carousel.model.Provenance;
import dev.carousel.training.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The command {@code carousel}. Results go to standard output, progress and errors to standard
 * error; the exit code is 0, 1 when a run fails, 2 when the command line is wrong, and 130 when a
 * training was interrupted and can be resumed.
 */
@Command(
    name = "carousel",
    description = "Recurrent networks on the JVM: train them, run them, see what they remember.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      GradientsCommand.class
    })
public final class Main {
  private final BooleanSupplier stop;

  private Main(BooleanSupplier stop) {
    this.stop = stop;
  }

  /** Asked after every update of a training, besides the signals: true stops it. */
  BooleanSupplier stop() {
    return stop;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"carousel " + Provenance.thisCarouselVersion()};
    }
  }

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    IncubatorNotice.erase();
    System.setOut(ResultStream.ofProcess());
    System.exit(run(arguments));
  }

  /** Runs a command line and returns its exit code. */
  static int run(String... arguments) {
    return run(() -> false, arguments);
  }

  /** Runs a command line whose training, if it is one, stops when {@code stop} says so. */
  static int run(BooleanSupplier stop, String... arguments) {
    CommandLine command =
        new CommandLine(new Main(stop))
            .setCaseInsensitiveEnumValuesAllowed(true)
            // A text may begin with @.
            .setExpandAtFiles(false)
            .registerConverter(Path.class, Refusal::path)
            .setExecutionExceptionHandler(Main::fail)
            .setParameterExceptionHandler(Main::refuse);
    try {
      return command.execute(arguments);
    } catch (OutOfMemoryError e) {
      long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
      command
          .getErr()
          .println(
              "carousel: the memory of "
                  + mebibytes
                  + " MiB is not enough; set JDK_JAVA_OPTIONS=-Xmx... to more, or ask for less");
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static int refuse(CommandLine.ParameterException e, String[] arguments) {
    e.getCommandLine().getErr().println("carousel: " + oneLine(Refusal.describe(e)));
    return CommandLine.ExitCode.USAGE;
  }

  private static int fail(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof Results.ReaderGoneException) {
      return CommandLine.ExitCode.OK;
    }
    if (e instanceof IllegalArgumentException
        || e instanceof IllegalStateException
        || e instanceof InvalidDataException
        || e instanceof ModelFormatException
        || e instanceof DivergedException) {
      command.getErr().println("carousel: " + oneLine(e.getMessage()));
      return CommandLine.ExitCode.SOFTWARE;
    }
    Throwable failed = e instanceof UncheckedIOException ? e.getCause() : e;
    if (failed instanceof IOException io) {
      command.getErr().println("carousel: " + oneLine(describe(io)));
      return CommandLine.ExitCode.SOFTWARE;
    }
    // A fault of ours: the trace is what its report needs.
    throw e;
  }

  private static String describe(IOException io) {
    if (io instanceof FileSystemException file && file.getReason() == null) {
      return file.getFile() + ": " + Failure.reason(file);
    }
    return io.getMessage() == null ? Failure.reason(io) : io.getMessage();
  }

  private static String oneLine(@Nullable String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
