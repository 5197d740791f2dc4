package dev.carousel.cli;

import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Sequences;
import dev.carousel.insight.GradientByLag;
import dev.carousel.kernel.Kernel;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.training.Adam;
import dev.carousel.training.Evaluator;
import dev.carousel.training.Progress;
import dev.carousel.training.Schedule;
import dev.carousel.training.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
        "Show how large the gradient of the last loss is in the state k steps earlier: for Elman,"
            + " LSTM and GRU on the adding problem, before and after training, or for a model on"
            + " data.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class GradientsCommand implements Callable<Integer> {
  private static final int TRAINED_ON = 20_000;
  private static final int TESTED_ON = 2_000;
  private static final int MEASURED_ON = 256;
  private static final int BATCH = 50;
  private static final int[] LAGS = {0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 1000};

  /** A curve and what it belongs to. */
  private record Row(String cell, String moment, double error, GradientByLag.Curve curve) {}

  @Spec private CommandSpec command;
  @Mixin private OutputOptions output;
  @Mixin private ComputeOptions compute;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "200",
      description = "Steps of the adding problem, and the largest lag; default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "64",
      description = "Hidden size; default: ${DEFAULT-VALUE}.")
  private int hidden;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "12",
      description =
          "Passes over 20,000 sequences of the adding problem, 0 to measure only before training;"
              + " default: ${DEFAULT-VALUE}.")
  private int epochs;

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

  @Option(names = "--data", paramLabel = "DATA", description = "What to measure the model on.")
  private @Nullable Path data;

  @Override
  public Integer call() throws IOException {
    Refusal.unlessBetween(command, "--length", 2, 5000, length);
    Refusal.unlessBetween(command, "--hidden", 1, NetworkOptions.LARGEST, hidden);
    Refusal.unlessBetween(command, "--epochs", 0, 100_000, epochs);
    if ((model == null) != (data == null)) {
      throw Refusal.of(command, "--model: expected --model and --data together, got one of them");
    }
    Kernel kernel = compute.kernel(output);
    List<Row> rows =
        model != null && data != null ? ofModel(model, data, kernel) : ofAddingProblem(kernel);
    if (output.json()) {
      json(rows);
    } else {
      table(rows);
    }
    if (svg != null) {
      Map<String, List<Double>> curves = new LinkedHashMap<>();
      for (Row row : rows) {
        curves.put(row.cell() + " " + row.moment(), row.curve().relative());
      }
      GradientChart.write(svg, curves);
      output.note("chart: " + svg);
    }
    return 0;
  }

  private List<Row> ofAddingProblem(Kernel kernel) {
    Sequences train = dev.carousel.data.Tasks.addingProblem(TRAINED_ON, length, seed);
    Sequences test = dev.carousel.data.Tasks.addingProblem(TESTED_ON, length, seed + 1);
    Sequences measured = dev.carousel.data.Tasks.addingProblem(MEASURED_ON, length, seed + 2);
    Map<String, Cell> cells = new LinkedHashMap<>();
    cells.put("Elman", new Cell.Elman(Activation.TANH));
    cells.put("LSTM", new Cell.Lstm());
    cells.put("GRU", new Cell.Gru(Cell.Gru.Reset.AFTER));
    List<Row> rows = new ArrayList<>();
    cells.forEach(
        (name, cell) -> {
          Network network = Network.input(2).recurrent(cell, hidden).lastStep().dense(1).linear();
          Parameters start = Parameters.initialize(network, seed);
          add(rows, name, "at first", start, kernel, test, measured);
          if (epochs > 0) {
            output.note("training " + name + " on the adding problem, " + length + " steps");
            Trainer trainer =
                Trainer.of(network)
                    .optimizer(Adam.withLearningRate(0.005))
                    .schedule(new Schedule.Cosine(0, 0.05))
                    .clipGlobalNorm(1)
                    .batchSize(BATCH)
                    .epochs(epochs)
                    .seed(seed)
                    .kernel(kernel)
                    .threads(compute.threads());
            if (!output.quiet()) {
              trainer.on(Progress.toStderr());
            }
            Parameters end = trainer.fit(train, test).parameters();
            add(rows, name, "trained", end, kernel, test, measured);
          }
        });
    return rows;
  }

  private void add(
      List<Row> rows,
      String name,
      String moment,
      Parameters parameters,
      Kernel kernel,
      Sequences test,
      Sequences measured) {
    double error = Evaluator.evaluate(parameters, kernel, test, compute.threads()).loss();
    addCurves(rows, name, moment, error, parameters, kernel, measured, length - 1);
  }

  private static void addCurves(
      List<Row> rows,
      String name,
      String moment,
      double error,
      Parameters parameters,
      Kernel kernel,
      Sequences measured,
      int maxLag) {
    for (GradientByLag layer : GradientByLag.measure(parameters, kernel, measured, maxLag)) {
      rows.add(new Row(name, moment, error, layer.hidden()));
      layer.cell().ifPresent(c -> rows.add(new Row(name + " c", moment, error, c)));
    }
  }

  private List<Row> ofModel(Path directory, Path dataPath, Kernel kernel) throws IOException {
    Model loaded = Model.load(directory);
    Encoding.Task task = loaded.encoding().task();
    Sequences all =
        switch (task) {
          case TEXT_CLASSIFICATION -> EvaluationData.labelledTexts(dataPath, loaded);
          case CHARACTER_LANGUAGE_MODEL -> EvaluationData.tracks(dataPath, loaded, length);
          case IMAGE_CLASSIFICATION -> EvaluationData.images(dataPath, null, loaded);
          case CUSTOM ->
              throw new IllegalArgumentException(
                  directory
                      + ": gradients expected a classifier or a language model, got a custom model;"
                      + " only the program that made it knows its inputs");
        };
    int maxLag = Math.min(length, all.longest()) - 1;
    if (maxLag < 1) {
      throw new InvalidDataException(
          dataPath + ": expected a sequence of at least 2 steps, got only single ones");
    }
    List<Row> rows = new ArrayList<>();
    addCurves(rows, "state", "trained", Double.NaN, loaded.parameters(), kernel, all, maxLag);
    return rows;
  }

  private void table(List<Row> rows) {
    Table table = new Table();
    int longest = rows.get(0).curve().maxLag();
    List<String> header = new ArrayList<>(List.of("|gradient| by lag"));
    List<Integer> lags = new ArrayList<>();
    for (int lag : LAGS) {
      if (lag < longest) {
        lags.add(lag);
      }
    }
    lags.add(longest);
    lags.forEach(lag -> header.add(Integer.toString(lag)));
    header.add("below 1 %");
    header.add("test error");
    table.row(header.toArray(String[]::new));
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(row.cell() + ", " + row.moment()));
      for (int lag : lags) {
        cells.add(String.format(Locale.ROOT, "%.1e", row.curve().relative().get(lag)));
      }
      int below = firstBelow(row.curve(), 0.01);
      cells.add(below < 0 ? "never" : Integer.toString(below));
      cells.add(Double.isNaN(row.error()) ? "-" : String.format(Locale.ROOT, "%.4f", row.error()));
      table.row(cells.toArray(String[]::new));
    }
    table.print(command.commandLine().getOut());
    if (model == null) {
      command
          .commandLine()
          .getOut()
          .println(
              "Relative to lag 0. Mean squared error of the adding problem; predicting the mean"
                  + " gives 0.1667.");
    }
  }

  private static int firstBelow(GradientByLag.Curve curve, double share) {
    for (int lag = 0; lag <= curve.maxLag(); lag++) {
      if (curve.relative().get(lag) < share) {
        return lag;
      }
    }
    return -1;
  }

  private void json(List<Row> rows) {
    List<Map<String, Object>> curves = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> curve = new LinkedHashMap<>();
      curve.put("cell", row.cell());
      curve.put("moment", row.moment());
      curve.put("error", row.error());
      curve.put("atLagZero", row.curve().atLagZero());
      curve.put("relative", row.curve().relative());
      curves.add(curve);
    }
    command.commandLine().getOut().println(JsonLine.of(Map.of("curves", curves)));
  }
}
