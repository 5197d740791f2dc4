package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One sentence for everything that is wrong, the right exit code, and nothing left behind. */
class TrainRefusalTest {
  @TempDir Path folder;
  private Path data;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    data = TinyData.tsv(folder.resolve("fruit.tsv"));
    out = folder.resolve("models/model");
  }

  private TrainRun train(String what, Path path, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", what, path.toString(), "--quiet"));
    arguments.addAll(List.of("--out=" + out, "--hidden=4", "--epochs=1", "--threads=1"));
    return TrainRun.of(TrainRun.arguments(arguments, more));
  }

  private static void refused(TrainRun run, int exitCode, String sentence) {
    assertThat(run.err()).containsExactly("carousel: " + sentence);
    assertThat(run.out()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  private void nothingLeft() {
    assertThat(folder.resolve("models")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "classify | --hidden=0       | --hidden: expected 1 to 16,384, got 0",
        "classify | --hidden=70000   | --hidden: expected 1 to 16,384, got 70,000",
        "classify | --hidden=many    | --hidden: expected a whole number, got many",
        "classify | --layers=0       | --layers: expected 1 to 64, got 0",
        "classify | --embedding=0    | --embedding: expected 1 to 16,384, got 0",
        "classify | --epochs=0       | --epochs: expected 1 to 1,000,000, got 0",
        "classify | --batch=-1       | --batch: expected 1 to 1,000,000, got -1",
        "classify | --patience=-1    | --patience: expected 0 to 1,000,000, got -1",
        "classify | --threads=0      | --threads: expected 1 to 1,024, got 0",
        "classify | --dropout=1      | --dropout: expected a rate of at least 0 and at most 0.9999999, got 1.0",
        "classify | --dropout=0.99999999999 | --dropout: expected a rate of at least 0 and at most 0.9999999, got 0.99999999999",
        "classify | --lr=0           | --lr: expected a number from 1e-45 to 1e6, got 0.0",
        "classify | --lr=NaN         | --lr: expected a number from 1e-45 to 1e6, got NaN",
        "classify | --lr=fast        | --lr: expected a number, got fast",
        "classify | --weight-decay=-1| --weight-decay: expected a number from 0 to 1e6, got -1.0",
        "classify | --clip-norm=-1   | --clip-norm: expected 0 or a number from 1e-45 to 3.4e38, got -1.0",
        "classify | --clip-norm=1e-50| --clip-norm: expected 0 or a number from 1e-45 to 3.4e38, got 1.0E-50",
        "classify | --lr=2e6         | --lr: expected a number from 1e-45 to 1e6, got 2000000.0",
        "classify | --out=           | --out: expected a path, got an empty one",
        "classify | --clip-value=0   | --clip-value: expected a number from 1e-45 to 3.4e38, got 0.0",
        "classify | --cell=mlp       | --cell: expected elman, lstm or gru, got mlp",
        "classify | --kernel=gpu     | --kernel: expected auto, scalar or vector, got gpu",
        "classify | --window=8       | --window: not an option of carousel train classify but of carousel train text",
        "images   | --embedding=8    | --embedding: not an option of carousel train images but of carousel train languages, carousel train classify, carousel train text",
        "text     | --stride=65      | --stride: expected 1 to 64, got 65",
        "text     | --window=0       | --window: expected 1 to 100,000, got 0",
      })
  void wrongOptionsAreRefusedBeforeAnyWork(String what, String option, String sentence) {
    refused(train(what, folder.resolve("no such data"), option), 2, sentence);
    nothingLeft();
  }

  @Test
  void optionsThatExcludeEachOtherAreRefused() {
    refused(
        train("classify", data, "--clip-norm=1", "--clip-value=1"),
        2,
        "--clip-norm: expected either --clip-norm or --clip-value, got both");
    refused(
        train("classify", data, "--resume", "--replace"),
        2,
        "--replace: expected either --resume or --replace, got both");
    refused(
        train("classify", data, "--seed=1", "--seed=2"), 2, "--seed: expected once, got it again");
  }

  @Test
  void aTextModelCannotReadBackwards() {
    TrainRun run = train("text", data, "--bidirectional");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().get(0))
        .startsWith("carousel: --bidirectional: not an option of carousel train text but of ");
  }

  @Test
  void argumentsAreExactlyTheData() {
    refused(
        train("classify", data, "more"),
        2,
        "carousel train classify: expected no more arguments, got more");
    refused(
        TrainRun.of("train", "classify"), 2, "carousel train classify: expected DATA, got nothing");
    refused(train("classify", data, "--epochs"), 2, "--epochs: expected N, got nothing");
  }

  @Test
  void anUnknownTaskIsAnsweredWithTheTasks() {
    refused(
        TrainRun.of("train", "names"),
        2,
        "carousel train: expected languages, classify, text or images, got names");
  }

  @Test
  void withoutATaskTheTasksAreNamed() {
    refused(
        TrainRun.of("train"),
        2,
        "train: expected what to train: languages, classify, text or images, got nothing");
  }

  @Test
  void wrongDataAreNamed() throws IOException {
    Path missing = folder.resolve("missing.tsv");
    refused(train("classify", missing), 1, missing + ": expected a text file, got no such file");
    refused(train("text", missing), 1, missing + ": expected a text file, got no such file");
    refused(
        train("images", missing),
        1,
        missing + ": expected a directory of IDX files, got no such directory");
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    refused(train("text", empty), 1, empty + ": expected UTF-8 text, got an empty file");
    Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {'a', '\n', 0, 'b'});
    refused(
        train("text", binary),
        1,
        binary + ": expected UTF-8 text, got a binary file (byte 0x00 at offset 2, line 2)");
    Path single = Files.writeString(folder.resolve("single.tsv"), "fig\tone\nfig\ttwo\n");
    refused(
        train("classify", single),
        1,
        single + ": expected at least 2 classes, got only \"fig\" (2 examples)");
    Path one = Files.createDirectory(folder.resolve("one"));
    Files.writeString(one.resolve("fig.txt"), "one\ntwo\n");
    refused(
        train("classify", one),
        1,
        one + ": expected at least 2 classes, got only \"fig\" (2 examples)");
    refused(train("classify", empty), 1, empty + ": expected UTF-8 text, got an empty file");
    refused(
        train("classify", binary),
        1,
        binary + ": expected UTF-8 text, got a binary file (byte 0x00 at offset 2, line 2)");
    Path few = Files.writeString(folder.resolve("few.tsv"), "fig\tone\nnut\ttwo\n");
    refused(
        train("classify", few),
        1,
        "split: expected more than 2 distinct texts (2 are held out), got 2");
    nothingLeft();
  }

  @ParameterizedTest
  @CsvSource({"64, 142", "1, 20"})
  void aTextTooShortSaysHowLongItHasToBe(int batch, int fewest) throws IOException {
    Path text = TinyData.text(folder.resolve("short.txt"), fewest - 1);
    refused(
        train("text", text, "--batch=" + batch),
        1,
        text
            + ": expected at least "
            + fewest
            + " characters (2 for each of the "
            + batch
            + " rows of --batch, and 10 % held out), got "
            + (fewest - 1));
    nothingLeft();
    TinyData.text(text, fewest);
    assertThat(train("text", text, "--batch=" + batch).exitCode()).isZero();
  }

  @Test
  void anImageFileThatPromisesMoreIsRefused() throws IOException {
    Path images = TinyData.images(folder.resolve("digits"));
    Path file = images.resolve("train-images-idx3-ubyte");
    TinyData.idx(file, new byte[16], 0x0803, 48, 4, 4);
    refused(
        train("images", images),
        1,
        file + ": expected 768 bytes of images after the header (48 x 4 x 4), got 16");
    nothingLeft();
  }

  @Test
  void aModelIsNotReplacedWithoutAsking() throws IOException {
    assertThat(train("classify", data).exitCode()).isZero();
    byte[] before = Files.readAllBytes(out.resolve("config.json"));
    refused(
        train("classify", folder.resolve("not looked at")),
        1,
        out
            + " already holds a model: go on with an interrupted training with --resume, start anew"
            + " with --replace, or choose another directory with --out");
    refused(
        train("classify", data, "--resume"),
        1,
        "--resume: expected an interrupted training in "
            + out
            + ", got no checkpoint.safetensors (the training there is finished)");
    assertThat(Files.readAllBytes(out.resolve("config.json"))).isEqualTo(before);
    assertThat(train("classify", data, "--replace", "--seed=2").exitCode()).isZero();
    assertThat(Files.readAllBytes(out.resolve("config.json"))).isNotEqualTo(before);
  }

  @Test
  void theDirectoryIsLookedAtBeforeAnyWork() throws IOException {
    Path noData = folder.resolve("not looked at");
    refused(
        train("classify", noData, "--resume"),
        1,
        "--resume: expected an interrupted training in "
            + out
            + ", got no checkpoint.safetensors; start one without --resume");
    nothingLeft();
    refused(
        train("classify", noData, "--out=" + data),
        1,
        "--out: expected a directory or nothing at " + data + ", got a file");
    refused(
        train("classify", noData, "--out=" + data.resolve("sub")),
        1,
        "--out: expected a directory or nothing at " + data + ", got a file");
    Path notes = Files.createDirectory(folder.resolve("notes"));
    Files.writeString(notes.resolve("README.md"), "mine");
    refused(
        train("classify", noData, "--out=" + notes, "--replace"),
        1,
        "--out: expected a directory without README.md or with a model, got "
            + notes
            + " with a README.md of something else");
    assertThat(notes.resolve("README.md")).hasContent("mine");
  }

  @Test
  void aNetworkTooLargeIsRefused() {
    refused(
        train("classify", data, "--hidden=16384", "--layers=64"),
        1,
        "network: expected at most 2147483647 parameters, got more");
    nothingLeft();
  }

  @Test
  void aDivergedTrainingSaysWhere() {
    TrainRun run =
        train(
            "classify",
            data,
            "--optimizer=sgd",
            "--lr=1000000",
            "--clip-norm=0",
            "--epochs=9",
            "--weight-decay=1000",
            "--schedule=constant");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).hasSize(1);
    assertThat(run.err().get(0))
        .startsWith("carousel: training diverged in epoch ")
        .endsWith(
            "; a smaller learning rate or a smaller clip norm may help; "
                + out.resolve("checkpoint.safetensors")
                + " stays as it was before: with other options start anew with --replace");
    assertThat(out.resolve("config.json")).doesNotExist();
    TrainRun again = train("classify", data, "--epochs=1", "--replace");
    assertThat(again.exitCode()).isZero();
  }
}
