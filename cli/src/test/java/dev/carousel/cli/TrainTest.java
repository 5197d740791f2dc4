package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.model.Encoding.Task;
import dev.carousel.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the train commands print, save and return when all is well. */
class TrainTest {
  @TempDir Path folder;

  private TrainRun train(String what, Path data, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", what, data.toString()));
    arguments.addAll(List.of("--hidden=8", "--dropout=0", "--out=" + out()));
    arguments.addAll(List.of("--kernel=scalar", "--threads=1"));
    return TrainRun.of(TrainRun.arguments(arguments, more));
  }

  private Path out() {
    return folder.resolve("model");
  }

  private static String shape(String json) {
    return json.replaceAll(":-?\\d[-+.\\dE]*", ":#");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void classifyLearnsSavesAndComparesWithTheBaselines() throws IOException {
    TrainRun run =
        train("classify", TinyData.tsv(folder.resolve("fruit.tsv")), "--epochs=12", "--batch=8");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err().get(0)).isEqualTo("kernel: scalar (asked for)");
    assertThat(run.err()).hasSize(13);
    assertThat(run.err().get(12)).startsWith("epoch 12/12  loss 0.");
    assertThat(run.out().get(1)).matches("held-out accuracy +100.00 % +-");
    assertThat(run.out().get(2)).startsWith("  n-gram naive Bayes");
    assertThat(run.out().get(3)).startsWith("  majority class");
    assertThat(run.out().get(5))
        .startsWith("saved in " + out() + "; use it with: carousel predict " + out() + " ");
    Model model = Model.load(out());
    assertThat(model.encoding().task()).isEqualTo(Task.TEXT_CLASSIFICATION);
    assertThat(model.metrics()).hasSize(12);
    assertThat(model.provenance().data()).isEqualTo("labelled texts of fruit.tsv");
    assertThat(names(out()))
        .containsExactly(
            "README.md",
            "config.json",
            "labels.json",
            "metrics.csv",
            "model.safetensors",
            "provenance.json",
            "vocabulary.json");
  }

  @Test
  void aFolderOfClassesIsTheSameDataInAnotherForm() throws IOException {
    TrainRun run =
        train(
            "classify", TinyData.folder(folder.resolve("fruit")), "--epochs=1", "--bidirectional");

    assertThat(run.exitCode()).isZero();
    Model model = Model.load(out());
    assertThat(model.encoding().labels().names()).containsExactly("apple", "pear", "plum");
    assertThat(model.network().canStep()).isFalse();
  }

  @Test
  void jsonIsOneLineAndQuietIsSilent() throws IOException {
    TrainRun run =
        train(
            "classify",
            TinyData.tsv(folder.resolve("fruit.tsv")),
            "--epochs=2",
            "--json",
            "--quiet");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).hasSize(1);
    assertThat(shape(run.out().get(0)))
        .isEqualTo(
            "{\"model\":\""
                + out()
                + "\",\"parameters\":#,\"epochs\":#,\"seconds\":#,\"sequencesPerSecond\":#,"
                + "\"validation\":{\"examples\":#,\"loss\":#,\"accuracy\":#},"
                + "\"test\":{\"examples\":#,\"loss\":#,\"accuracy\":#},"
                + "\"baselines\":{\"ngram\":{\"accuracy\":#},\"majority\":{\"accuracy\":#}}}");
    assertThat(run.out().get(0)).contains("\"epochs\":2,").contains("\"examples\":6,");
  }

  @Test
  void textReportsNatsAndBitsPerCharacter() throws IOException {
    TrainRun run =
        train(
            "text",
            TinyData.text(folder.resolve("cat.txt"), 2000),
            "--hidden=16",
            "--embedding=8",
            "--epochs=6",
            "--batch=8",
            "--window=16",
            "--stride=8",
            "--lr=0.02");

    assertThat(run.exitCode()).isZero();
    double nats = Double.parseDouble(run.out().get(0).replaceAll("[^.\\d]", ""));
    double bits = Double.parseDouble(run.out().get(1).replaceAll("[^.\\d]", ""));
    assertThat(run.out().get(0)).startsWith("held-out loss per character ").endsWith(" nats");
    assertThat(bits / nats).isCloseTo(1.4427, org.assertj.core.data.Offset.offset(0.01));
    assertThat(nats).isLessThan(0.5);
    assertThat(run.out().get(2)).startsWith("  5-gram, interpolated ").endsWith(" nats");
    double counted = Double.parseDouble(run.out().get(2).replaceAll("^.* (0\\.\\d+) nats", "$1"));
    assertThat(counted).isGreaterThan(nats);
    assertThat(run.out().get(3)).startsWith("held-out accuracy, next character");
    assertThat(run.out()).noneMatch(line -> line.contains("worse"));
    assertThat(run.err().get(1)).endsWith(" characters/s");
    Model model = Model.load(out());
    assertThat(model.encoding().task()).isEqualTo(Task.CHARACTER_LANGUAGE_MODEL);
    assertThat(model.provenance().settings())
        .containsEntry("truncation", "Truncation[window=16, stride=8]");
  }

  @Test
  void aLanguageModelThatLosesToCountingSaysSo() throws IOException {
    Path text = TinyData.text(folder.resolve("cat.txt"), 2000);
    TrainRun run = train("text", text, "--epochs=1", "--batch=8", "--lr=0.000001");

    assertThat(run.out().get(5))
        .matches(
            "the network is worse than 5-gram, interpolated: \\d\\.\\d{4} nats against"
                + " 0\\.0\\d{3} nats");
  }

  @Test
  void textInJsonCountsCharacters() throws IOException {
    Path text = TinyData.text(folder.resolve("cat.txt"), 400);
    TrainRun run = train("text", text, "--epochs=1", "--batch=4", "--json");

    assertThat(shape(run.out().get(0)))
        .isEqualTo(
            "{\"model\":\""
                + out()
                + "\",\"parameters\":#,\"epochs\":#,\"seconds\":#,\"charactersPerSecond\":#,"
                + "\"validation\":{\"examples\":#,\"loss\":#,\"accuracy\":#,\"top5\":#},"
                + "\"baselines\":{\"ngram\":{\"loss\":#}}}");
    assertThat(run.out().get(0)).contains("\"examples\":39,");
  }

  @Test
  void imagesAreMeasuredOnTheTestPart() throws IOException {
    Path images = TinyData.images(folder.resolve("digits"));
    TrainRun run = train("images", images, "--epochs=12", "--batch=8", "--lr=0.02", "--json");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().get(0))
        .contains("\"test\":{\"examples\":12,")
        .contains("\"accuracy\":1.0}")
        .contains("\"baselines\":{\"majority\":{\"accuracy\":0.3333333333333333}}")
        .doesNotContain("validation");
  }

  @Test
  void imagesHoldATwelfthOutWhenAsked() throws IOException {
    Path images = TinyData.images(folder.resolve("digits"));
    TrainRun run = train("images", images, "--epochs=2", "--patience=1", "--json", "--quiet");

    assertThat(run.out().get(0)).contains("\"validation\":{\"examples\":4,");
  }

  @Test
  void earlyStoppingSaysWhatIsKept() throws IOException {
    Path data = TinyData.tsv(folder.resolve("fruit.tsv"));
    TrainRun run =
        train("classify", data, "--epochs=50", "--lr=0.5", "--schedule=constant", "--patience=2");

    assertThat(run.exitCode()).isZero();
    String last = run.err().get(run.err().size() - 1);
    int epochs = run.err().size() - 2;
    assertThat(last)
        .isEqualTo(
            "stopped after epoch "
                + epochs
                + ": no better validation loss for 2 epochs; epoch "
                + (epochs - 2)
                + " is kept");
  }

  @ParameterizedTest
  @CsvSource({
    "--optimizer=sgd, optimizer, 'Sgd[learningRate=0.3, momentum=0.0, nesterov=false]'",
    "--optimizer=momentum, optimizer, 'Sgd[learningRate=0.03, momentum=0.9, nesterov=false]'",
    "--optimizer=nesterov, optimizer, 'Sgd[learningRate=0.03, momentum=0.9, nesterov=true]'",
    "--optimizer=rmsprop, optimizer, 'RmsProp[learningRate=0.003, decay=0.99, epsilon=1.0E-8]'",
    "--optimizer=adagrad, optimizer, 'Adagrad[learningRate=0.03, epsilon=1.0E-10]'",
    "--weight-decay=0.1, penalty, 'Penalty[l1=0.0, l2=0.1]'",
    "--schedule=step, schedule, 'Step[epochs=1, factor=0.5]'",
    "--schedule=exponential, schedule, Exponential[factor=0.01]",
    "--schedule=cosine, schedule, 'Cosine[warmup=0.05, floor=0.01]'",
    "--schedule=plateau, schedule, 'ReduceOnPlateau[factor=0.5, patience=2]'",
    "--clip-value=0.5, clipping, Value[limit=0.5]",
    "--clip-norm=2, clipping, GlobalNorm[limit=2.0]",
    "--clip-norm=0, clipping, None[]",
    "--batch=7, batch size, 7",
    "--seed=-3, seed, -3"
  })
  void optionsReachTheTrainer(String option, String setting, String value) throws IOException {
    Path data = TinyData.tsv(folder.resolve("fruit.tsv"));
    TrainRun run = train("classify", data, "--epochs=1", option);

    assertThat(run.exitCode()).isZero();
    assertThat(Model.load(out()).provenance().settings()).containsEntry(setting, value);
  }

  @ParameterizedTest
  @CsvSource({
    "--cell=elman, elman",
    "--cell=gru, gru",
    "--layers=2, lstm",
    "--embedding=5, lstm",
  })
  void optionsReachTheNetwork(String option, String kind) throws IOException {
    Path data = TinyData.tsv(folder.resolve("fruit.tsv"));
    TrainRun run = train("classify", data, "--epochs=1", option);

    assertThat(run.exitCode()).isZero();
    String network =
        Model.load(out()).network().layers().toString().toLowerCase(java.util.Locale.ROOT);
    assertThat(network).contains("cell=" + kind);
    assertThat(network.split("hiddensize=8", -1)).hasSize(option.equals("--layers=2") ? 3 : 2);
    assertThat(network).contains("embedding[size=" + (option.equals("--embedding=5") ? 5 : 64));
  }

  @Test
  void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() throws IOException {
    Path data = TinyData.tsv(folder.resolve("fruit.tsv"));
    train("classify", data, "--epochs=2", "--dropout=0.2", "--seed=5");
    String fingerprint = Model.load(out()).fingerprint();
    train("classify", data, "--epochs=2", "--dropout=0.2", "--seed=5", "--threads=3", "--replace");
    assertThat(Model.load(out()).fingerprint()).isEqualTo(fingerprint);
    train("classify", data, "--epochs=2", "--dropout=0.2", "--seed=6", "--replace");
    assertThat(Model.load(out()).fingerprint()).isNotEqualTo(fingerprint);
  }

  @Test
  void languagesNeedNoData() throws IOException {
    TrainRun run =
        TrainRun.of(
            "train",
            "languages",
            "--hidden=8",
            "--embedding=8",
            "--epochs=1",
            "--batch=512",
            "--out=" + out());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err().get(1)).isEqualTo("collecting the names the JDK knows");
    assertThat(run.out().get(1)).matches("held-out accuracy +\\d+\\.\\d\\d % +\\d+\\.\\d\\d %");
    // Eight units and one pass are no match for the n-grams, and that is said.
    assertThat(run.out().get(4)).startsWith("the network is worse than n-gram naive Bayes: ");
    Model model = Model.load(out());
    assertThat(model.encoding().labels().names()).contains("de", "fi", "ja");
    assertThat(model.encoding().options()).containsEntry("labels", "languages");

    // The names held out then are found again, and give the same figures.
    CommandRun evaluated = CommandRun.of("evaluate", out().toString(), "--quiet");
    assertThat(evaluated.exitCode()).isZero();
    String[] figures = run.out().get(1).replaceAll(" %", "").split(" {2,}");
    assertThat(evaluated.out())
        .matches(
            "(?s)examples +[\\d,]+\nloss .*\naccuracy +"
                + figures[1]
                + " %\ntop 5 +"
                + figures[2]
                + " %\n");
    CommandRun remembered = CommandRun.of("gradients", "--model", out().toString(), "--quiet");
    assertThat(remembered.out()).startsWith("gradient, lag").contains("layer 1 LSTM c");
  }

  @Test
  void aClassWithoutATrainingExampleIsSaid() throws IOException {
    Path data = folder.resolve("rare.tsv");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      lines.append("class").append(i).append("\ttext ").append(i).append('\n');
    }
    Files.writeString(data, lines);
    TrainRun run = train("classify", data, "--epochs=1");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err().get(1))
        .matches("6 of 30 classes have no example in the training part, such as \"class\\d+\"");
    assertThat(Model.load(out()).encoding().labels().size()).isEqualTo(30);
  }
}
