package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Tasks;
import dev.carousel.insight.GateSaturation;
import dev.carousel.insight.GradientByLag;
import dev.carousel.insight.MemoryHalfLife;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.network.Activation;
import dev.carousel.network.BiasInitializer;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class GradientsCommandTest {
  private static final Kernel KERNEL = Kernels.chosen().kernel();

  @TempDir Path directory;

  private static CommandRun gradients(String... options) {
    List<String> arguments = new ArrayList<>(List.of("gradients"));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  /** A small adding problem: all that is asked of the whole one, in a blink. */
  private static CommandRun small(String... options) {
    return gradients(
        Stream.concat(
                Stream.of("--length=12", "--hidden=5", "--sequences=60", "--seed=3"),
                Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void theTableHasEveryCellBeforeAndAfterTraining() {
    CommandRun run = small("--epochs=2");
    assertThat(run.exitCode()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines.get(0).split(" {2,}"))
        .containsExactly(
            "gradient, lag", "0", "1", "2", "5", "10", "11", "below 1 %", "test error");
    assertThat(lines.subList(1, 9).stream().map(line -> line.split(" {2,}")[0]))
        .containsExactly(
            "Elman, at first",
            "Elman, trained",
            "LSTM h, at first",
            "LSTM c, at first",
            "LSTM h, trained",
            "LSTM c, trained",
            "GRU, at first",
            "GRU, trained");
    assertThat(lines.get(3))
        .matches("LSTM h, at first +1( +\\d\\.\\de-\\d\\d){5} +(\\d+|never) +\\d\\.\\d{4}");
    assertThat(lines.get(10).split(" {2,}"))
        .containsExactly("gate", "mean", "below 0.1", "above 0.9", "half-life: median", "longest");
    assertThat(lines.subList(11, 21).stream().map(line -> line.split(" {2,}")[0]))
        .containsExactly(
            "LSTM i, at first",
            "LSTM f, at first",
            "LSTM o, at first",
            "LSTM i, trained",
            "LSTM f, trained",
            "LSTM o, trained",
            "GRU r, at first",
            "GRU z, at first",
            "GRU r, trained",
            "GRU z, trained");
    assertThat(lines.get(11)).endsWith("  -        -");
    assertThat(lines.get(12)).matches("LSTM f.* \\d\\.\\d{3}( +\\d+\\.\\d %){2}( +\\d+\\.\\d){2}");
    assertThat(run.out()).endsWith("predicting\nthe mean gives 0.1667.\n");
    assertThat(run.err())
        .contains("training Elman on the adding problem, 12 steps\n")
        .contains("training GRU on the adding problem, 12 steps\n")
        .contains("epoch 2  loss ");
  }

  @Test
  void withoutTrainingThereIsNoTrainedRowAndQuietIsQuiet() {
    CommandRun run = small("--epochs=0", "--quiet");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("LSTM c, at first").doesNotContain("trained");
  }

  @Test
  void theSameSeedGivesTheSameFiguresOnAnyNumberOfThreads() {
    String one = small("--epochs=1", "--json", "--threads=1").out();
    assertThat(small("--epochs=1", "--json", "--threads=3", "--kernel=scalar").out())
        .isEqualTo(one);
  }

  @ParameterizedTest
  @CsvSource({"chrono", "standard"})
  void jsonHasTheCurvesAndGatesOfTheNetworkThatIsMeant(String biases) {
    CommandRun run = small("--epochs=0", "--json", "--biases=" + biases);
    Map<String, Object> json = ParsedJson.of(run.out());
    assertThat(json.keySet()).containsExactly("curves", "gates");
    Layer.Recurrent lstm = new Layer.Recurrent(new Cell.Lstm(), 5);
    Network network =
        Network.input(2)
            .layer(biases.equals("chrono") ? lstm.withBiases(new BiasInitializer.Chrono(12)) : lstm)
            .lastStep()
            .dense(1)
            .linear();
    Parameters parameters = Parameters.initialize(network, 3);
    Sequences data = Tasks.addingProblem(256, 12, 5);
    GradientByLag expected = GradientByLag.measure(parameters, KERNEL, data, 11).get(0);
    List<Map<String, Object>> curves = objects(json, "curves");
    assertThat(curves.stream().map(c -> c.get("layer") + " " + c.get("state")))
        .containsExactly("Elman h", "LSTM h", "LSTM c", "GRU h");
    assertCurve(curves.get(1), expected.hidden());
    assertCurve(curves.get(2), expected.cell().orElseThrow());
    assertThat(curves.get(2))
        .containsEntry("moment", "at first")
        .containsEntry("sequences", 256L)
        .containsKey("error");

    List<GateSaturation.Gate> gates =
        GateSaturation.measure(parameters, KERNEL, data).get(0).gates();
    MemoryHalfLife halfLife = MemoryHalfLife.measure(parameters, KERNEL, data).get(0);
    List<Map<String, Object>> found = objects(json, "gates");
    assertThat(found.stream().map(g -> g.get("layer") + " " + g.get("gate")))
        .containsExactly("LSTM i", "LSTM f", "LSTM o", "GRU r", "GRU z");
    for (int i = 0; i < 3; i++) {
      assertThat(found.get(i))
          .containsEntry("mean", gates.get(i).mean())
          .containsEntry("below", gates.get(i).below())
          .containsEntry("above", gates.get(i).above());
    }
    assertThat(found.get(0)).doesNotContainKey("halfLife");
    assertThat(found.get(1).get("halfLife"))
        .isEqualTo(Map.of("median", halfLife.quantile(0.5), "longest", halfLife.quantile(1)));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> objects(Map<String, Object> json, String name) {
    return (List<Map<String, Object>>) json.get(name);
  }

  private static void assertCurve(Map<String, Object> curve, GradientByLag.Curve expected) {
    assertThat(curve.get("relative")).isEqualTo(expected.relative());
    assertThat(curve.get("atLagZero")).isEqualTo(expected.atLagZero());
  }

  @Test
  void aModelIsMeasuredOnItsData() throws IOException {
    Model classifier = TinyModels.classifier();
    String model = TinyModels.save(classifier, directory);
    Path tsv =
        Files.writeString(
            directory.resolve("data.tsv"), "ham\tab\nspam\tabcde\nham\tbad\neggs\tdeaf\n");
    Sequences data = EvaluationData.labelledTexts(tsv, classifier);

    // Half of the four texts have four letters or more.
    CommandRun run = gradients("--model", model, "--data", tsv.toString(), "--json");
    assertThat(run.err())
        .endsWith("measuring the last 4 steps of the 2 of 4 sequences that have as many\n");
    List<Map<String, Object>> curves = objects(ParsedJson.of(run.out()), "curves");
    GradientByLag expected = GradientByLag.measure(classifier.parameters(), KERNEL, data, 3).get(0);
    assertCurve(curves.get(0), expected.hidden());
    assertCurve(curves.get(1), expected.cell().orElseThrow());
    assertThat(curves.get(0))
        .containsEntry("layer", "layer 1 LSTM")
        .containsEntry("sequences", 2L)
        .doesNotContainKeys("moment", "error");

    CommandRun longest =
        gradients("--model", model, "--data", tsv.toString(), "--length=99", "--quiet");
    assertThat(longest.err()).isEmpty();
    assertThat(longest.out())
        .startsWith("gradient, lag   0        1        2        4  below 1 %\nlayer 1 LSTM h  1")
        .contains("\nlayer 1 LSTM f  ")
        .doesNotContain("test error", "at first", "the mean");
  }

  @Test
  void everyLayerOfAModelHasItsRow() throws IOException {
    Network network =
        Network.tokens(TinyModels.LETTERS.size())
            .embedding(3)
            .lstm(4)
            .gru(3)
            .elman(2)
            .lastStep()
            .dense(3)
            .softmax();
    Encoding encoding = Encoding.textClassification(TinyModels.LETTERS, TinyModels.LABELS);
    String model = TinyModels.save(TinyModels.model(network, encoding, "none"), directory);
    Path tsv = Files.writeString(directory.resolve("data.tsv"), "ham\tabcde\nspam\tdeaüb\n");
    Path svg = directory.resolve("chart.svg");
    CommandRun run =
        gradients("--model", model, "--data", tsv.toString(), "--quiet", "--svg", svg.toString());
    assertThat(run.out().lines().map(line -> line.split(" {2,}")[0]))
        .containsExactly(
            "gradient, lag",
            "layer 1 LSTM h",
            "layer 1 LSTM c",
            "layer 2 GRU (reset after)",
            "layer 3 Elman (tanh)",
            "",
            "gate",
            "layer 1 LSTM i",
            "layer 1 LSTM f",
            "layer 1 LSTM o",
            "layer 2 GRU (reset after) r",
            "layer 2 GRU (reset after) z");
    assertThat(polylines(svg)).hasSize(4);
  }

  @Test
  void aLanguageModelAndImagesToo() throws IOException {
    String languageModel = TinyModels.save(TinyModels.languageModel(), directory);
    Path text = Files.writeString(directory.resolve("text.txt"), "abc deü\nx".repeat(70));
    CommandRun run = gradients("--model", languageModel, "--data", text.toString());
    assertThat(run.err())
        .endsWith("measuring the last 200 steps of the 3 of 3 sequences that have as many\n");
    CommandRun shorter =
        gradients("--model", languageModel, "--data", text.toString(), "--length=50");
    assertThat(shorter.err())
        .endsWith("measuring the last 50 steps of the 12 of 12 sequences that have as many\n");

    String images = TinyModels.save(TinyModels.images(5), directory);
    Files.write(directory.resolve("some-images-idx3-ubyte"), Idx.images(3, 4, 5));
    Files.write(directory.resolve("some-labels-idx1-ubyte"), Idx.labels(0, 1, 2));
    Path file = directory.resolve("some-images-idx3-ubyte");
    assertThat(gradients("--model", images, "--data", file.toString()).err())
        .endsWith("measuring the last 4 steps of the 3 of 3 sequences that have as many\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--length=2           | --length: expected 3 to 5,000, got 2",
        "--length=5001        | --length: expected 3 to 5,000, got 5,001",
        "--hidden=0           | --hidden: expected 1 to 16,384, got 0",
        "--epochs=-1          | --epochs: expected 0 to 100,000, got -1",
        "--sequences=0        | --sequences: expected 1 to 1,000,000, got 0",
        "--biases=large       | --biases: expected chrono or standard, got large",
        "--data=some.tsv      | --data: expected --model with it, got --data alone",
        "--model=m --hidden=3 | --hidden: expected the adding problem, got --model, which is trained",
        "--model=m --seed=3   | --seed: expected the adding problem, got --model, which is trained",
      })
  void wrongOptionsAreRefusedBeforeAnyWork(String options, String sentence) {
    assertThat(gradients(options.split(" ")))
        .isEqualTo(new CommandRun(2, "", "carousel: " + sentence + "\n"));
  }

  @Test
  void modelsThatCannotBeMeasuredAreRefused() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    assertThat(gradients("--model", model, "--quiet"))
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "carousel: gradients: expected data ("
                    + model
                    + " is a text classifier; only one trained by train languages has data of its"
                    + " own), got none\n"));
    Path tsv = Files.writeString(directory.resolve("data.tsv"), "ham\ta\nspam\tb\n");
    assertThat(gradients("--model", model, "--data", tsv.toString(), "--quiet"))
        .isEqualTo(
            new CommandRun(
                1, "", "carousel: " + tsv + ": expected sequences of at least 2 steps, got 1\n"));
    String custom = TinyModels.save(TinyModels.custom(), directory);
    assertThat(gradients("--model", custom, "--data", tsv.toString(), "--quiet").err())
        .isEqualTo(
            "carousel: "
                + custom
                + ": gradients expected a text classifier, a character language model or an image"
                + " classifier, got a custom model; only the program that made it knows its"
                + " inputs\n");
    Network both =
        Network.tokens(TinyModels.LETTERS.size())
            .embedding(3)
            .bidirectional(new Cell.Elman(Activation.TANH), 2)
            .lastStep()
            .dense(3)
            .softmax();
    Encoding encoding = Encoding.textClassification(TinyModels.LETTERS, TinyModels.LABELS);
    String backwards = TinyModels.save(TinyModels.model(both, encoding, "none"), directory);
    Files.writeString(tsv, "ham\tabc\nspam\tbcd\n");
    CommandRun run = gradients("--model", backwards, "--data", tsv.toString(), "--quiet");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "carousel: gradient by lag: expected a layer that is recurrent in one direction, got"
                + " [Embedding, Bidirectional Elman (tanh), Last step, Dense]\n");
  }

  @Test
  void theChartSaysWhatTheTableSays() throws IOException {
    Path svg = directory.resolve("chart.svg");
    CommandRun run = small("--epochs=1", "--json", "--quiet", "--svg", svg.toString());
    assertThat(run.exitCode()).isZero();
    List<Map<String, Object>> curves = objects(ParsedJson.of(run.out()), "curves");
    Element plot = (Element) document(svg).getElementsByTagName("clipPath").item(0).getFirstChild();
    double left = number(plot, "x");
    double top = number(plot, "y");
    List<Element> polylines = polylines(svg);
    assertThat(polylines).hasSize(curves.size());
    for (int i = 0; i < curves.size(); i++) {
      Element line = polylines.get(i);
      boolean first = curves.get(i).get("moment").equals("at first");
      assertThat(line.hasAttribute("stroke-dasharray")).isEqualTo(first);
      double[][] points = points(line);
      List<?> relative = (List<?>) curves.get(i).get("relative");
      assertThat(points).hasNumberOfRows(relative.size());
      double decade = decade(svg);
      for (int lag = 0; lag < points.length; lag++) {
        assertThat(points[lag][0])
            .isCloseTo(left + number(plot, "width") * lag / 11, within(0.051));
        double below = (points[lag][1] - points[0][1]) / decade;
        assertThat(below).isCloseTo(-Math.log10((double) relative.get(lag)), within(0.25 / decade));
        assertThat(points[lag][1]).isGreaterThanOrEqualTo(top);
      }
    }
    List<String> labels = new ArrayList<>();
    NodeList texts = document(svg).getElementsByTagName("text");
    for (int i = 0; i < texts.getLength(); i++) {
      labels.add(texts.item(i).getTextContent());
    }
    assertThat(labels)
        .contains("LSTM c, at first", "LSTM c, trained", "Elman, trained", "lag k, steps", "100");
  }

  /** How far apart two powers of ten stand: the labels at the left that are 10 with an exponent. */
  private static double decade(Path svg) throws IOException {
    NodeList texts = document(svg).getElementsByTagName("text");
    List<double[]> marks = new ArrayList<>();
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      if (text.getElementsByTagName("tspan").getLength() == 1) {
        String exponent = text.getTextContent().substring(2).replace('\u2212', '-');
        marks.add(new double[] {Integer.parseInt(exponent), number(text, "y")});
      }
    }
    assertThat(marks).hasSizeGreaterThanOrEqualTo(3);
    double[] highest = marks.get(0);
    double[] lowest = marks.get(marks.size() - 1);
    return (lowest[1] - highest[1]) / (highest[0] - lowest[0]);
  }

  @Test
  void aLongChartIsSmallAndEndsAtItsFloor() throws IOException {
    Path svg = directory.resolve("chart.svg");
    CommandRun run =
        gradients(
            "--length=450",
            "--hidden=3",
            "--epochs=0",
            "--biases=standard",
            "--quiet",
            "--svg=" + svg);
    assertThat(run.exitCode()).isZero();
    assertThat(Files.size(svg)).isLessThan(30_000L);
    for (Element line : polylines(svg)) {
      double[][] points = points(line);
      assertThat(points.length).isBetween(150, 201);
      assertThat(points[points.length - 1][0]).isEqualTo(680);
    }
    // The GRU's gradient vanishes far below what is drawn, which the clip takes away.
    double[][] gru = points(polylines(svg).get(3));
    assertThat(gru[gru.length - 1][1]).isGreaterThan(420);
    assertThat(document(svg).getElementsByTagName("clipPath").getLength()).isEqualTo(1);
  }

  @Test
  void aChartReplacesTheOldOneWholeOrNotAtAll() throws IOException {
    Path svg = Files.writeString(directory.resolve("chart.svg"), "old");
    assertThat(small("--epochs=0", "--quiet", "--svg=" + svg).exitCode()).isZero();
    assertThat(polylines(svg)).hasSize(4);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(svg);
    }
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertThat(small("--svg=" + folder))
        .isEqualTo(
            new CommandRun(
                1, "", "carousel: --svg: expected a file, got the directory " + folder + "\n"));
    Path nowhere = directory.resolve("none").resolve("chart.svg");
    assertThat(small("--svg=" + nowhere))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: --svg: expected a file in a directory that exists, got "
                    + nowhere
                    + "\n"));
    // What the chart is written to first is in the way: the old chart stays.
    byte[] before = Files.readAllBytes(svg);
    String name = ".chart.svg." + ProcessHandle.current().pid() + ".tmp";
    Files.writeString(Files.createDirectory(directory.resolve(name)).resolve("x"), "mine");
    CommandRun run = small("--epochs=0", "--quiet", "--svg=" + svg);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(Files.readAllBytes(svg)).isEqualTo(before);
    assertThat(run.out()).startsWith("gradient, lag");
  }

  private static Document document(Path svg) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    } catch (javax.xml.parsers.ParserConfigurationException | org.xml.sax.SAXException e) {
      throw new AssertionError(svg + " is no XML", e);
    }
  }

  private static List<Element> polylines(Path svg) throws IOException {
    NodeList nodes = document(svg).getElementsByTagName("polyline");
    List<Element> lines = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      lines.add((Element) nodes.item(i));
    }
    return lines;
  }

  private static double[][] points(Element polyline) {
    return Arrays.stream(polyline.getAttribute("points").split(" "))
        .map(point -> Arrays.stream(point.split(",")).mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
