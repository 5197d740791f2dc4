package dev.carousel.cli;

import picocli.CommandLine.Option;

/** The options of every command that prints results. */
final class OutputOptions {
  @Option(
      names = "--json",
      description = "Print the result as one line of JSON on standard output.")
  private boolean json;

  @Option(names = "--quiet", description = "Print no progress and no notes on standard error.")
  private boolean quiet;

  /** Whether the result is to be one line of JSON. */
  boolean json() {
    return json;
  }

  /** Whether standard error is for errors only. */
  boolean quiet() {
    return quiet;
  }

  /** Prints a line that is no result on standard error, unless it is to be quiet. */
  void note(String line) {
    if (!quiet) {
      System.err.println(line);
    }
  }
}
