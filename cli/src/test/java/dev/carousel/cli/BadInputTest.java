package dev.carousel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong with a file: one line that names it, exit code 1, nothing lost. */
class BadInputTest {
  @TempDir Path folder;

  /** The commands that read a model, each with all that it needs. */
  private List<String[]> commands(String model, Path data) {
    return List.of(
        new String[] {"predict", model, "abc"},
        new String[] {"evaluate", model, data.toString(), "--quiet"},
        new String[] {"inspect", model},
        new String[] {"generate", model},
        new String[] {"gradients", "--model", model, "--data", data.toString(), "--quiet"});
  }

  private static void assertRefused(CommandRun run, String start) {
    assertThat(run.err()).startsWith("carousel: " + start);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
  }

  private static Map<String, byte[]> contents(Path directory) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "model.safetensors",
        "vocabulary.json",
        "labels.json",
        "provenance.json",
        "metrics.csv"
      })
  void aModelWithAFileMissingCutOrTamperedWithIsRefused(String name) throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), folder);
    Path data = Files.writeString(folder.resolve("data.tsv"), "ham\tabc\nspam\tde\n");
    Path file = Path.of(model, name);
    byte[] whole = Files.readAllBytes(file);
    byte[] tampered = whole.clone();
    tampered[whole.length / 2] ^= 1;
    List<byte[]> damages = new ArrayList<>();
    damages.add(Arrays.copyOf(whole, whole.length - 1));
    damages.add(Arrays.copyOf(whole, whole.length / 2));
    damages.add(new byte[0]);
    damages.add(tampered);
    for (byte[] damage : damages) {
      // JSON may end in a line feed or not.
      if (name.equals("config.json") && damage.length == whole.length - 1) {
        continue;
      }
      Files.write(file, damage);
      Map<String, byte[]> before = contents(Path.of(model));
      for (String[] command : commands(model, data)) {
        assertRefused(CommandRun.of(command), file + ": expected ");
      }
      assertThat(contents(Path.of(model))).usingRecursiveComparison().isEqualTo(before);
    }
    Files.delete(file);
    for (String[] command : commands(model, data)) {
      assertRefused(CommandRun.of(command), file + ": expected ");
    }
  }

  @Test
  void aModelThatIsNotThereIsRefused() throws IOException {
    Path data = Files.writeString(folder.resolve("data.tsv"), "ham\tabc\n");
    Path none = folder.resolve("none");
    for (String[] command : commands(none.toString(), data)) {
      assertRefused(CommandRun.of(command), none + ": expected a model directory, got nothing");
    }
    for (String[] command : commands(data.toString(), data)) {
      assertRefused(CommandRun.of(command), data + ": expected a model directory, got a file");
    }
  }

  @Test
  void dataThatAreMissingEmptyOrBinaryAreRefused() throws IOException {
    String classifier = TinyModels.save(TinyModels.classifier(), folder);
    Path other = Files.createDirectory(folder.resolve("other"));
    String languageModel = TinyModels.save(TinyModels.languageModel(), other);
    Path third = Files.createDirectory(folder.resolve("third"));
    String images = TinyModels.save(TinyModels.images(5), third);
    Path missing = folder.resolve("missing");
    Path empty = Files.createFile(folder.resolve("empty-images-idx3"));
    Path binary = Files.write(folder.resolve("binary-images-idx3"), new byte[] {'a', '\t', 0, 1});
    Path labels = Files.write(folder.resolve("binary-labels-idx1"), Idx.labels(1));
    for (String model : List.of(classifier, languageModel)) {
      for (String[] command :
          List.of(
              new String[] {"evaluate", model, "", "--quiet"},
              new String[] {"gradients", "--model=" + model, "--data", "", "--quiet"})) {
        int at = Arrays.asList(command).indexOf("");
        command[at] = missing.toString();
        assertRefused(CommandRun.of(command), missing + ": expected a text file, got no such file");
        command[at] = empty.toString();
        assertRefused(CommandRun.of(command), empty + ": expected UTF-8 text, got an empty file");
        command[at] = binary.toString();
        assertRefused(
            CommandRun.of(command),
            binary + ": expected UTF-8 text, got a binary file (byte 0x00 at offset 2, line 1)");
      }
    }
    String header = ": expected a header of 16 bytes (IDX images), got 0";
    assertRefused(CommandRun.of("predict", images, empty.toString()), empty + header);
    assertRefused(
        CommandRun.of("predict", images, binary.toString()),
        binary + ": expected the magic number 0x00000803 (IDX images), got 0x61090001");
    Files.write(binary, Arrays.copyOf(Idx.images(1, 4, 5), 30));
    assertRefused(
        CommandRun.of("evaluate", images, binary.toString(), "--labels=" + labels, "--quiet"),
        binary + ": expected 20 bytes of images after the header (1 x 4 x 5), got 14");
    Files.delete(labels);
    assertRefused(
        CommandRun.of("evaluate", images, binary.toString(), "--quiet"),
        labels + ": expected an IDX file, got no such file");
  }

  /**
   * A file may not become longer than half of what a checkpoint needs: to the writer the same as a
   * disk that is full, and it takes no mount.
   */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "ulimit is a command of sh")
  void aDiskThatIsFullLosesNothing() throws Exception {
    Path data = TinyData.tsv(folder.resolve("fruit.tsv"));
    Path out = folder.resolve("model");
    String[] small = {"train", "classify", data.toString(), "--out=" + out, "--hidden=4"};
    assertThat(
            CommandRun.of(TrainRun.arguments(List.of(small), "--epochs=1", "--quiet")).exitCode())
        .isZero();
    String fingerprint = Model.load(out).fingerprint();
    Map<String, byte[]> before = contents(out);

    Path elsewhere = folder.resolve("elsewhere").resolve("model");
    for (String[] options :
        List.of(new String[] {"--replace"}, new String[] {"--out=" + elsewhere})) {
      List<String> command =
          new ArrayList<>(List.of("sh", "-c", "ulimit -f 1024; exec \"$@\"", "sh"));
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
      command.addAll(
          List.of(
              TrainRun.arguments(
                  List.of(small),
                  Stream.concat(Stream.of("--hidden=256", "--quiet"), Arrays.stream(options))
                      .toArray(String[]::new))));
      Path log = folder.resolve("log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      List<String> lines = Files.readAllLines(log, UTF_8);
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0))
          .startsWith("carousel: ")
          .contains("checkpoint.safetensors: could not be written: ");
      assertThat(contents(out)).usingRecursiveComparison().isEqualTo(before);
      assertThat(Model.load(out).fingerprint()).isEqualTo(fingerprint);
      assertThat(elsewhere.getParent()).doesNotExist();
    }
  }
}
