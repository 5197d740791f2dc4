package dev.carousel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training that is stopped, told to end or killed ends in the same bits as one that is not. */
class TrainResumeTest {
  @TempDir Path folder;
  private Path data;
  private Path text;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    data = TinyData.tsv(folder.resolve("fruit.tsv"));
    text = TinyData.text(folder.resolve("cat.txt"), 20_000);
    out = folder.resolve("model");
  }

  private String[] classify(Path directory, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "classify", data.toString()));
    arguments.addAll(List.of("--hidden=8", "--epochs=3", "--batch=8", "--dropout=0.2"));
    arguments.addAll(List.of("--threads=1", "--out=" + directory));
    return TrainRun.arguments(arguments, more);
  }

  private String[] text(Path directory, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "text", text.toString()));
    arguments.addAll(List.of("--hidden=48", "--epochs=6", "--batch=4", "--threads=1"));
    arguments.addAll(List.of("--window=16", "--stride=8", "--out=" + directory));
    return TrainRun.arguments(arguments, more);
  }

  private String undisturbed(String[] arguments, Path directory) throws IOException {
    assertThat(TrainRun.of(arguments).exitCode()).isZero();
    return Model.load(directory).fingerprint();
  }

  private static BooleanSupplier afterAsking(int times) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() >= times;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 3", "6, 6", "9, 8"})
  void stoppedAndResumedIsTheSameAsUndisturbed(int times, int updates) throws IOException {
    Path other = folder.resolve("undisturbed");
    String expected = undisturbed(classify(other), other);

    TrainRun stopped = TrainRun.of(afterAsking(times), classify(out, "--quiet"));
    assertThat(stopped.exitCode()).isEqualTo(130);
    assertThat(stopped.out()).isEmpty();
    assertThat(stopped.err())
        .containsExactly(
            "carousel: interrupted after "
                + updates
                + " updates; resume with: carousel "
                + String.join(" ", classify(out, "--quiet"))
                + " --resume");
    assertThat(out.resolve("config.json")).doesNotExist();

    TrainRun resumed = TrainRun.of(classify(out, "--resume", "--threads=2"));
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.err()).contains("resumed after " + updates + " updates");
    assertThat(Model.load(out).fingerprint()).isEqualTo(expected);
    assertThat(out.resolve("checkpoint.safetensors")).doesNotExist();
  }

  @Test
  void anInterruptedTrainingIsNotOverwrittenAndNotResumedOtherwise() throws IOException {
    TrainRun.of(afterAsking(3), classify(out));
    byte[] checkpoint = Files.readAllBytes(out.resolve("checkpoint.safetensors"));

    TrainRun again = TrainRun.of(classify(out));
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err())
        .containsExactly(
            "carousel: "
                + out
                + " already holds an interrupted training: go on with an interrupted training with"
                + " --resume, start anew with --replace, or choose another directory with --out");

    TrainRun other = TrainRun.of(classify(out, "--resume", "--batch=4", "--quiet"));
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err())
        .containsExactly(
            "carousel: resume: expected batch size 8 (from "
                + out.resolve("checkpoint.safetensors")
                + "), got 4");

    Files.writeString(data, Files.readString(data).replace("plum", "prune"));
    TrainRun renamed = TrainRun.of(classify(out, "--resume", "--quiet"));
    assertThat(renamed.err()).hasSize(1);
    assertThat(renamed.err().get(0)).startsWith("carousel: resume: expected symbols and labels ");
    assertThat(Files.readAllBytes(out.resolve("checkpoint.safetensors"))).isEqualTo(checkpoint);
    assertThat(TrainRun.of(classify(out, "--replace")).exitCode()).isZero();
    assertThat(out.resolve("checkpoint.safetensors")).doesNotExist();
  }

  @Test
  void theOldModelStaysUntilItsReplacementIsTrained() throws IOException {
    String old = undisturbed(classify(out), out);
    assertThat(TrainRun.of(afterAsking(2), classify(out, "--seed=2", "--replace")).exitCode())
        .isEqualTo(130);
    assertThat(Model.load(out).fingerprint()).isEqualTo(old);

    TrainRun resumed = TrainRun.of(classify(out, "--seed=2", "--resume"));
    assertThat(resumed.exitCode()).isZero();
    assertThat(Model.load(out).fingerprint()).isNotEqualTo(old);
  }

  private Process start(String[] arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectOutput(log("out")).redirectError(log("err")).start();
    try {
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      while (!Files.readString(log("err").toPath()).contains("epoch 1/") && process.isAlive()) {
        assertThat(System.nanoTime()).isLessThan(giveUp);
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return process;
  }

  private java.io.File log(String name) {
    return folder.resolve(name + ".log").toFile();
  }

  @Test
  void killedAndResumedIsTheSameAsUndisturbed() throws Exception {
    Process process = start(text(out));
    process.destroyForcibly();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(out.resolve("config.json")).doesNotExist();

    assertThat(TrainRun.of(text(out, "--resume")).exitCode()).isZero();
    Path other = folder.resolve("undisturbed");
    assertThat(Model.load(out).fingerprint()).isEqualTo(undisturbed(text(other), other));
  }

  @Test
  void toldToEndItSavesAndSaysHowToGoOn() throws Exception {
    Process process = start(text(out));
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    List<String> err = Files.readAllLines(log("err").toPath(), UTF_8);
    assertThat(err.get(err.size() - 1))
        .matches(
            "carousel: interrupted after \\d+ updates; resume with: carousel train text .* --resume");
    assertThat(log("out")).isEmpty();
    assertThat(out.resolve("checkpoint.safetensors")).exists();
    assertThat(out.resolve(DirectoryLock.NAME)).doesNotExist();
    assertThat(TrainRun.of(text(out, "--resume")).exitCode()).isZero();
  }

  @Test
  void whileOneTrainsNoOtherDoesInItsDirectory() throws Exception {
    Process process = start(text(out));
    try {
      for (String how : List.of("--resume", "--replace")) {
        TrainRun second = TrainRun.of(classify(out, how, "--quiet"));
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.err())
            .containsExactly(
                "carousel: --out: expected no other training in "
                    + out
                    + ", got one (process "
                    + process.pid()
                    + ")");
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(TrainRun.of(classify(out, "--replace")).exitCode()).isZero();
    assertThat(out.resolve(DirectoryLock.NAME)).doesNotExist();
  }
}
