package dev.carousel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A train command that was run in this process, and what it printed.
 *
 * @param out lines of standard output
 * @param err lines of standard error
 */
record TrainRun(int exitCode, List<String> out, List<String> err) {

  static TrainRun of(String... arguments) {
    return of(() -> false, arguments);
  }

  /**
   * A command's arguments with some options replaced and some added, each as {@code --name=value}.
   */
  static String[] arguments(List<String> arguments, String... others) {
    List<String> names = Stream.of(others).map(TrainRun::name).toList();
    Stream<String> kept =
        arguments.stream().filter(a -> !a.startsWith("--") || !names.contains(name(a)));
    return Stream.concat(kept, Stream.of(others)).toArray(String[]::new);
  }

  private static String name(String argument) {
    return argument.replaceFirst("=.*", "");
  }

  /** Stops a training when {@code stop} says so. */
  static TrainRun of(BooleanSupplier stop, String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try (PrintStream newOut = new PrintStream(outBytes, true, UTF_8);
        PrintStream newErr = new PrintStream(errBytes, true, UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      int exitCode = Main.run(stop, arguments);
      newOut.flush();
      newErr.flush();
      return new TrainRun(
          exitCode,
          outBytes.toString(UTF_8).lines().toList(),
          errBytes.toString(UTF_8).lines().toList());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
