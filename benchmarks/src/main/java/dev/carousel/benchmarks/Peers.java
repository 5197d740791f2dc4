package dev.carousel.benchmarks;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code benchmarks/peers}. The exit code is 0 if every row was measured against every
 * peer, 1 if a peer could not run or computed something else, 2 when the command line is wrong.
 */
@Command(
    name = "peers",
    description = "Measures Carousel beside its peers, in turns, in one process.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Peers implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(
      paramLabel = "ROW",
      description = "Rows to measure, * for any characters, such as 'train-*'; all by default.")
  List<String> patterns = List.of("*");

  @Option(names = "--list", description = "List the rows and what they do, and measure nothing.")
  boolean list;

  @Option(names = "--rounds", description = "Rounds; default ${DEFAULT-VALUE}.")
  int rounds = 9;

  @Option(
      names = "--seconds",
      description = "For which each side works in each round; default ${DEFAULT-VALUE}.")
  double seconds = 1;

  @Option(
      names = "--warm-up",
      description =
          "Seconds for which each side works before the first round, longer while it still gets"
              + " faster; default ${DEFAULT-VALUE}.")
  double warmUp = 3;

  @Option(names = "--threads", description = "For each side; default ${DEFAULT-VALUE}.")
  int threads = 2;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write every round there.")
  @Nullable Path json;

  private boolean failed;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Peers()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    positive("--rounds", rounds);
    positive("--seconds", seconds);
    positive("--warm-up", warmUp);
    positive("--threads", threads);
    List<Row> rows = chosen();
    if (list) {
      rows.forEach(row -> out.println(row.name() + ": " + row.work()));
      return CommandLine.ExitCode.OK;
    }
    Interleaving interleaving = new Interleaving(rounds, seconds, warmUp, 300);
    Ceiling ceiling = Ceiling.measure(threads);
    Map<String, String> setting = Setting.of(threads, interleaving);
    setting.putAll(ceiling.lines());
    setting.forEach((name, value) -> out.println(name + ": " + value));
    out.println();
    out.println(Table.HEAD);
    out.flush();
    Table table = new Table(ceiling);
    Comparison comparison =
        new Comparison(
            interleaving,
            threads,
            line -> {
              failed = true;
              err.println("peers: " + line);
              err.flush();
            });
    List<Comparison.Result> results = new ArrayList<>();
    for (Row row : rows) {
      Comparison.Result result = comparison.measure(row);
      if (result.disturbed() > 0) {
        err.printf(
            "peers: %s: other processes were busy in %d of %d rounds: measure again%n",
            row.name(), result.disturbed(), rounds);
        err.flush();
      }
      results.add(result);
      out.print(table.lines(result));
      out.flush();
    }
    if (json != null) {
      Results.write(json, setting, ceiling, results);
    }
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private List<Row> chosen() {
    List<Row> all = Rows.all();
    List<Pattern> wanted = new ArrayList<>();
    for (String pattern : patterns) {
      Pattern regex = Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
      if (all.stream().noneMatch(row -> regex.matcher(row.name()).matches())) {
        throw new ParameterException(
            spec.commandLine(), "ROW: expected a name or pattern from --list, got " + pattern);
      }
      wanted.add(regex);
    }
    return all.stream()
        .filter(row -> wanted.stream().anyMatch(w -> w.matcher(row.name()).matches()))
        .toList();
  }

  private void positive(String option, double value) {
    if (!(value > 0)) {
      throw new ParameterException(
          spec.commandLine(), option + ": expected a number above 0, got " + value);
    }
  }
}
