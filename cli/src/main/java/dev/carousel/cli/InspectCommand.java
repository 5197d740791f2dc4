package dev.carousel.cli;

import dev.carousel.model.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code carousel inspect}: what a model is and where it comes from. */
@Command(
    name = "inspect",
    description = "Show a model's layers, sizes and origin; check its files.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class InspectCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's directory.")
  private Path directory;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Option(names = "--weights", description = "List every parameter with its figures.")
  private boolean weights;

  @Override
  public Integer call() throws IOException {
    Model model = Model.load(directory);
    Results results = Results.onStandardOutput();
    Inspection inspection = new Inspection(directory, model, weights);
    if (json) {
      results.json(inspection.json());
    } else {
      inspection.print(results);
    }
    results.flush();
    return 0;
  }
}
