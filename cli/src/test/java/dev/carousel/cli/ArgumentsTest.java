package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Labels;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Arguments are taken as they stand, and what is printed can be taken as it stands. */
class ArgumentsTest {
  @TempDir Path folder;

  private static void assertRefused(CommandRun run, int exitCode, String line) {
    assertThat(run).isEqualTo(new CommandRun(exitCode, "", "carousel: " + line + "\n"));
  }

  /** Not the lines of a file of that name. */
  @Test
  void aTextMayBeginWithAnAt() throws IOException {
    String text = "@" + Files.writeString(folder.resolve("there"), "abc");
    String classifier = TinyModels.save(TinyModels.classifier(), folder.resolve("c"));
    CommandRun run = CommandRun.of("predict", classifier, text, "@@a", "@/");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().map(line -> line.replaceFirst("\t.*", "")))
        .containsExactly(text, "@@a", "@/");
    String writer = TinyModels.save(TinyModels.languageModel(), folder.resolve("w"));
    assertThat(CommandRun.of("generate", writer, "--prime", text, "--length=1").out())
        .startsWith(text);
  }

  @Test
  void anEmptyPathIsNotTheDirectoryOneIsIn() throws IOException {
    assertRefused(
        CommandRun.of("predict", "", "abc"), 2, "MODEL: expected a path, got an empty one");
    assertRefused(
        CommandRun.of("train", "classify", ""), 2, "DATA: expected a path, got an empty one");
    String images = TinyModels.save(TinyModels.images(4), folder);
    assertRefused(
        CommandRun.of("evaluate", images, "x", "--labels="),
        2,
        "--labels: expected a path, got an empty one");
  }

  @Test
  void whatTheLocaleCouldNotDecodeIsRefused() throws IOException {
    String classifier = TinyModels.save(TinyModels.classifier(), folder.resolve("c"));
    String writer = TinyModels.save(TinyModels.languageModel(), folder.resolve("w"));
    String others =
        ": expected characters of the locale's encoding (" + Texts.encoding() + "), got";
    CommandRun predicted = CommandRun.of("predict", classifier, "a", "b\uFFFD");
    assertThat(predicted.err()).startsWith("carousel: text 2" + others).hasLineCount(1);
    assertThat(predicted.exitCode()).isEqualTo(1);
    CommandRun generated = CommandRun.of("generate", writer, "--prime=\uFFFD");
    assertThat(generated.err()).startsWith("carousel: --prime" + others).hasLineCount(1);
    assertThat(generated.out()).isEmpty();
    assertThat(generated.exitCode()).isEqualTo(1);
  }

  @Test
  void labelsBesideADirectoryThatHasThemAreRefused() throws IOException {
    String model = TinyModels.save(TinyModels.images(4), folder.resolve("m"));
    Path images = TinyData.images(folder.resolve("images"));
    assertRefused(
        CommandRun.of("evaluate", model, images.toString(), "--labels=x", "--quiet"),
        1,
        "--labels: expected an IDX file of images as the data, got the directory "
            + images
            + ", which has labels of its own");
  }

  @Test
  void aLabelStaysOnItsLine() throws IOException {
    Network network = Network.tokens(9).embedding(3).elman(4).lastStep().dense(2).softmax();
    Labels labels = new Labels(List.of("x\ny", "u\tv"));
    Model model =
        TinyModels.model(
            network, Encoding.textClassification(TinyModels.LETTERS, labels), "made up");
    CommandRun run = CommandRun.of("predict", TinyModels.save(model, folder), "abc");
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.out().split("\t")).hasSize(3).anyMatch(cell -> cell.startsWith("x y 0."));
  }

  @Test
  void theCommandThatUsesAModelIsQuoted() throws IOException {
    Path out = folder.resolve("a model's");
    TrainRun run = train(out);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().get(run.out().size() - 1))
        .startsWith(
            "saved in "
                + out
                + "; use it with: carousel predict '"
                + out.toString().replace("'", "'\\''")
                + "' \"");
  }

  private TrainRun train(Path out, String... more) throws IOException {
    Path tsv = TinyData.tsv(folder.resolve("fruit.tsv"));
    List<String> arguments =
        List.of(
            "train",
            "classify",
            tsv.toString(),
            "--epochs=1",
            "--hidden=4",
            "--kernel=scalar",
            "--out=" + out,
            "--quiet");
    return TrainRun.of(TrainRun.arguments(arguments, more));
  }

  @Test
  void aReportThatCannotBeWrittenIsAFailure() throws IOException {
    Path tsv = TinyData.tsv(folder.resolve("fruit.tsv"));
    PrintStream before = System.out;
    PrintStream beforeErr = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new ResultStream(err));
    System.setOut(
        new ResultStream(
            new OutputStream() {
              @Override
              public void write(int value) throws IOException {
                throw new IOException("No space left on device");
              }
            }));
    try {
      assertThat(
              Main.run(
                  "train",
                  "classify",
                  tsv.toString(),
                  "--epochs=1",
                  "--hidden=4",
                  "--quiet",
                  "--out=" + folder.resolve("model")))
          .isEqualTo(1);
      System.err.flush();
      assertThat(err)
          .hasToString(
              "carousel: standard output: could not be written: No space left on device\n");
    } finally {
      System.setOut(before);
      System.setErr(beforeErr);
    }
    assertThat(Model.load(folder.resolve("model")).metrics()).hasSize(1);
  }

  private static CommandRun chart(Path svg) {
    return CommandRun.of(
        "gradients",
        "--length=4",
        "--hidden=2",
        "--sequences=4",
        "--epochs=0",
        "--quiet",
        "--svg=" + svg);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void aChartIsWrittenThroughLinks() throws IOException {
    Path target = Files.writeString(folder.resolve("chart.svg"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("chart.svg"));
    assertThat(chart(link).exitCode()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(target).content().startsWith("<?xml");

    Path none = folder.resolve("none.svg");
    Path first = Files.createSymbolicLink(folder.resolve("first"), none);
    Path second = Files.createSymbolicLink(folder.resolve("second"), first);
    assertThat(chart(second).exitCode()).isZero();
    assertThat(List.of(first, second)).allMatch(Files::isSymbolicLink);
    assertThat(none).content().startsWith("<?xml");

    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    assertRefused(chart(circle), 1, "--svg: expected a file, got a circle of links at " + circle);
    Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), Path.of("none/x.svg"));
    assertRefused(
        chart(nowhere), 1, "--svg: expected a file in a directory that exists, got " + nowhere);
  }

  @Test
  void aPipeStaysAPipe() throws Exception {
    Path pipe = Pipe.make(folder.resolve("pipe"));
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readString(pipe);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(chart(pipe).exitCode()).isZero();
    assertThat(read.get(60, TimeUnit.SECONDS)).startsWith("<?xml").endsWith("</svg>\n");
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }
}
