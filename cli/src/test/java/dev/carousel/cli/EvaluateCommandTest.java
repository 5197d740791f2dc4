package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.inference.Predictor;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir Path directory;

  @Test
  void labelledTextsFromATableAndFromAFolderGiveTheSame() throws IOException {
    Model classifier = TinyModels.classifier();
    String model = TinyModels.save(classifier, directory);
    Path tsv = Files.writeString(directory.resolve("data.tsv"), "ham\tabc\nspam\tdeüx\nham\tb\n");
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.writeString(folder.resolve("ham.txt"), "abc\nb\n");
    Files.writeString(folder.resolve("spam.txt"), "deüx\n");
    CommandRun run = CommandRun.of("evaluate", model, tsv.toString(), "--json");
    assertThat(run.exitCode()).isZero();
    Map<String, Object> json = ParsedJson.of(run.out());
    assertThat(json.keySet()).containsExactly("examples", "loss", "accuracy");

    float[][] scores =
        Predictor.of(classifier)
            .scores(
                Sequences.ofTokens(
                    List.of(
                        TinyModels.LETTERS.encode("abc"),
                        TinyModels.LETTERS.encode("deüx"),
                        TinyModels.LETTERS.encode("b")),
                    TinyModels.LETTERS.size(),
                    new Targets.None()));
    int[] classes = {0, 1, 0};
    double loss = 0;
    int right = 0;
    for (int i = 0; i < 3; i++) {
      loss -= Math.log(scores[i][classes[i]]) / 3;
      right += Ranking.of(scores[i], 1).best().id() == classes[i] ? 1 : 0;
    }
    assertThat(json.get("examples")).isEqualTo(3L);
    assertThat((double) json.get("loss")).isCloseTo(loss, within(1e-5));
    assertThat((double) json.get("accuracy")).isEqualTo(right / 3.0);

    CommandRun table = CommandRun.of("evaluate", model, tsv.toString(), "--quiet");
    CommandRun byFolder = CommandRun.of("evaluate", model, folder.toString(), "--quiet");
    assertThat(byFolder).isEqualTo(table);
    assertThat(table.err()).isEmpty();
    assertThat(table.out())
        .startsWith("examples    3\nloss        " + Figures.share(loss) + " nats\naccuracy    ")
        .doesNotContain("top 5");
  }

  @Test
  void aLabelTheModelDoesNotKnowIsNamedWithFileAndLine() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    Path tsv = Files.writeString(directory.resolve("data.tsv"), "ham\tabc\nbacon\tde\n");
    assertThat(CommandRun.of("evaluate", model, tsv.toString()))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + tsv
                    + ", line 2: label: expected one of ham, spam, eggs, got \"bacon\"\n"));
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.writeString(folder.resolve("ham.txt"), "abc\n");
    Files.writeString(folder.resolve("bacon.txt"), "de\n");
    assertThat(CommandRun.of("evaluate", model, folder.toString()).err())
        .isEqualTo(
            "carousel: "
                + folder.resolve("bacon.txt")
                + ": label: expected one of ham, spam, eggs, got \"bacon\"\n");
  }

  /** Training on one class is refused; a model can be asked about one. */
  @Test
  void oneClassAloneCanBeEvaluated() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    Path tsv = Files.writeString(directory.resolve("data.tsv"), "ham\tabc\nham\tb\n");
    CommandRun run = CommandRun.of("evaluate", model, tsv.toString(), "--json", "--quiet");
    assertThat(run.exitCode()).isZero();
    assertThat(ParsedJson.of(run.out())).containsEntry("examples", 2L);
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.writeString(folder.resolve("ham.txt"), "abc\nb\n");
    assertThat(CommandRun.of("evaluate", model, folder.toString(), "--json", "--quiet"))
        .isEqualTo(run);
  }

  @Test
  void withoutDataOnlyTheNamesOfTheJdkCanBeMeant() throws IOException {
    String model = TinyModels.save(TinyModels.images(5), directory);
    assertThat(CommandRun.of("evaluate", model, "--quiet"))
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "carousel: evaluate: expected data ("
                    + model
                    + " is an image classifier; only one trained by train languages has data of"
                    + " its own), got none\n"));
  }

  /** The names of another JDK are split otherwise: some held out here were trained on there. */
  @Test
  void namesOfAnotherJdkAreRefused() throws IOException {
    String model = TinyModels.save(TinyModels.languages(), directory);
    assertThat(CommandRun.of("evaluate", model, "--quiet"))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + model
                    + ": expected the names it was trained on (those of Java 17.0.1), got the other"
                    + " ones of Java "
                    + System.getProperty("java.version")
                    + "; run it on that Java, or give it data\n"));
  }

  @Test
  void aTextIsOneStreamFromAZeroState() throws IOException {
    Model languageModel = TinyModels.languageModel();
    String model = TinyModels.save(languageModel, directory);
    String text = "abc deü\nx".repeat(70);
    Path file = Files.writeString(directory.resolve("text.txt"), text);
    int[] tokens = TinyModels.LETTERS.encode(text);
    State state = languageModel.initialState();
    double loss = 0;
    for (int t = 0; t + 1 < tokens.length; t++) {
      float[] next = Predictor.of(languageModel).session().step(tokens[t], state);
      loss -= Math.log(next[tokens[t + 1]]) / (tokens.length - 1);
    }
    CommandRun run = CommandRun.of("evaluate", model, file.toString(), "--json");
    Map<String, Object> json = ParsedJson.of(run.out());
    assertThat(json.keySet()).containsExactly("examples", "loss", "accuracy", "top5");
    assertThat(json.get("examples")).isEqualTo((long) tokens.length - 1);
    assertThat((double) json.get("loss")).isCloseTo(loss, within(1e-4));
    String shown = CommandRun.of("evaluate", model, file.toString()).out();
    assertThat(shown)
        .startsWith("characters  " + Figures.count(tokens.length - 1) + "\n")
        .contains(" nats per character\n", " bits per character\n", "perplexity  ");

    Files.writeString(file, "a");
    assertThat(CommandRun.of("evaluate", model, file.toString()).err())
        .isEqualTo(
            "carousel: "
                + file
                + ": expected at least 2 characters (one to predict the other), got 1\n");
  }

  @Test
  void imagesFromADirectoryFromAFileAndWithLabelsNamed() throws IOException {
    String model = TinyModels.save(TinyModels.images(5), directory);
    Path set = Files.createDirectory(directory.resolve("set"));
    Files.write(set.resolve("train-images-idx3-ubyte"), Idx.images(1, 4, 5));
    Files.write(set.resolve("train-labels-idx1-ubyte"), Idx.labels(0));
    Path images = Files.write(set.resolve("t10k-images-idx3-ubyte"), Idx.images(4, 4, 5));
    Path labels = Files.write(set.resolve("t10k-labels-idx1-ubyte"), Idx.labels(0, 1, 0, 1));
    CommandRun whole = CommandRun.of("evaluate", model, set.toString(), "--json", "--quiet");
    assertThat(whole.err()).isEmpty();
    assertThat(ParsedJson.of(whole.out())).containsEntry("examples", 4L);
    assertThat(CommandRun.of("evaluate", model, images.toString(), "--json", "--quiet"))
        .isEqualTo(whole);
    Path elsewhere = Files.move(images, directory.resolve("pictures"));
    assertThat(
            CommandRun.of(
                "evaluate",
                model,
                elsewhere.toString(),
                "--labels",
                labels.toString(),
                "--json",
                "--quiet"))
        .isEqualTo(whole);
    assertThat(CommandRun.of("evaluate", model, elsewhere.toString()).err())
        .isEqualTo(
            "carousel: "
                + elsewhere
                + ": expected a name with \"images\" (the labels stand beside it in a file named"
                + " \"labels\"), got pictures\n");

    Files.write(labels, Idx.labels(0, 1, 3, 1));
    assertThat(
            CommandRun.of("evaluate", model, elsewhere.toString(), "--labels", labels.toString())
                .err())
        .isEqualTo(
            "carousel: "
                + elsewhere
                + ", image 2: expected a class from 0 to 2 (the model has 3 labels), got 3\n");
  }

  @Test
  void kernelsAndThreadsChangeNothing() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    String lines = "ham\tabc\nspam\tdeüx\nham\tb\neggs\tabcde\n".repeat(80);
    Path tsv = Files.writeString(directory.resolve("data.tsv"), lines);
    String[] all = {"evaluate", model, tsv.toString(), "--json", "--quiet", "--kernel", "", "", ""};
    all[7] = "--threads";
    all[6] = "scalar";
    all[8] = "1";
    CommandRun scalar = CommandRun.of(all);
    all[6] = "vector";
    all[8] = "2";
    assertThat(scalar.exitCode()).isZero();
    assertThat(CommandRun.of(all)).isEqualTo(scalar);
  }

  @Test
  void refusals() throws IOException {
    String custom = TinyModels.save(TinyModels.custom(), directory);
    assertThat(CommandRun.of("evaluate", custom, "x"))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + custom
                    + ": evaluate expected a text classifier, a character language model or an"
                    + " image classifier, got a custom model; only the program that made it knows"
                    + " its inputs\n"));
    String model = TinyModels.save(TinyModels.classifier(), directory);
    assertThat(CommandRun.of("evaluate", model, "x", "--labels", "y"))
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "carousel: --labels: expected an image classifier, got a text classifier\n"));
    CommandRun none = CommandRun.of("evaluate", model, directory.resolve("none").toString());
    assertThat(none)
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + directory.resolve("none")
                    + ": expected a text file, got no such file\n"));
  }
}
