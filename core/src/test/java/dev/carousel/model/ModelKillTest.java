package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Killed before or within any operation of the file system, a save leaves the old or the new model,
 * and the next save leaves nothing of it.
 */
class ModelKillTest {
  private static final Model OLD = Models.text();
  private static final Model NEW = Models.features();
  private static final Model NEXT = next();

  private static final List<String> TEXT_FILES =
      List.of(
          "README.md",
          "config.json",
          "labels.json",
          "metrics.csv",
          "model.safetensors",
          "provenance.json",
          "vocabulary.json");
  private static final List<String> FEATURES_FILES =
      List.of("README.md", "config.json", "metrics.csv", "model.safetensors", "provenance.json");

  @TempDir Path directory;
  private Path target;

  private static Model next() {
    Network network = Network.input(3).elman(2).lastStep().dense(1).linear();
    return new Model(Models.counting(network), Encoding.custom(), Provenance.of("next"), List.of());
  }

  @BeforeEach
  void target() {
    target = directory.resolve("m");
  }

  @Test
  void aReplacedModel() throws IOException {
    int last = 0;
    for (int kill = 1; killed(kill, () -> OLD.save(target), NEW); kill++) {
      last = kill;
      assertOneOf(kill, OLD, NEW);
      assertNextSaveIsClean(FEATURES_FILES);
    }
    assertThat(load()).isEqualTo(NEW.fingerprint());
    assertThat(names(target)).isEqualTo(FEATURES_FILES);
    // Five files opened, written and forced, five moved, two of the old model deleted.
    assertThat(last).isGreaterThan(22);
  }

  @Test
  void aReplacedModelWithFewerFiles() throws IOException {
    for (int kill = 1; killed(kill, () -> NEW.save(target), OLD); kill++) {
      assertOneOf(kill, NEW, OLD);
      assertNextSaveIsClean(FEATURES_FILES);
    }
    assertThat(load()).isEqualTo(OLD.fingerprint());
    assertThat(names(target)).isEqualTo(TEXT_FILES);
  }

  @Test
  void theFirstModelOfADirectory() throws IOException {
    for (int kill = 1; killed(kill, () -> {}, NEW); kill++) {
      if (Files.exists(target)) {
        assertOneOf(kill, NEW);
      }
      assertNextSaveIsClean(FEATURES_FILES);
    }
    assertThat(load()).isEqualTo(NEW.fingerprint());
  }

  @Test
  void theFirstModelBesideACheckpoint() throws IOException {
    Action checkpoint =
        () -> {
          Files.createDirectory(target);
          Files.writeString(target.resolve("checkpoint"), "mine");
        };
    int without = 0;
    for (int kill = 1; killed(kill, checkpoint, NEW); kill++) {
      try {
        assertOneOf(kill, NEW);
      } catch (NoSuchFileException e) {
        without++;
        assertThat(without).as("once there is a model, there is one").isEqualTo(kill);
      }
      assertThat(target.resolve("checkpoint")).hasContent("mine");
      assertNextSaveIsClean(with("checkpoint", FEATURES_FILES));
    }
    assertThat(load()).isEqualTo(NEW.fingerprint());
  }

  /** The next save finishes what was committed; killed as well, it leaves a whole model too. */
  @Test
  void killedAgainWhileFinishing() throws IOException {
    int interrupted = 0;
    for (int first = 1; killed(first, () -> OLD.save(target), NEW); first++) {
      if (Files.notExists(target.resolve(ModelDirectory.REPLACEMENT))) {
        remove(); // Before or after anything there would be to finish.
        continue;
      }
      interrupted++;
      String before = load();
      boolean again = true;
      for (int second = 1; again; second++) {
        remove();
        assertThat(killed(first, () -> OLD.save(target), NEW)).isTrue();
        again = killed(second, () -> {}, NEXT);
        assertThat(load())
            .as("killed at %d, then at %d", first, second)
            .isIn(before, NEXT.fingerprint());
      }
      assertThat(load()).isEqualTo(NEXT.fingerprint());
      assertThat(names(target)).isEqualTo(FEATURES_FILES);
      remove();
    }
    // Two old files deleted, five moved, the empty directory deleted.
    assertThat(interrupted).isGreaterThan(7);
  }

  @Test
  void aFailureLeavesAModelAndNothingOfTheSave() throws IOException {
    boolean failed = true;
    for (int operation = 1; failed; operation++) {
      OLD.save(target);
      failed = false;
      try {
        NEW.save(FaultyFileSystem.failingAt(target, operation).path(target), true);
      } catch (IOException e) {
        failed = true;
        assertThat(e).hasMessageContaining("operation " + operation + " failed");
      }
      assertOneOf(operation, OLD, NEW);
      assertThat(names(target)).noneMatch(name -> name.endsWith(".tmp"));
      assertNextSaveIsClean(FEATURES_FILES);
    }
  }

  @Test
  void aModelThatIsNotFinishedIsNotReplacedUnasked() throws IOException {
    int refused = 0;
    for (int kill = 1; killed(kill, () -> Files.createDirectory(target), NEW); kill++) {
      if (Files.exists(target.resolve(ModelDirectory.REPLACEMENT))) {
        assertThatExceptionOfType(FileAlreadyExistsException.class)
            .isThrownBy(() -> NEXT.save(target))
            .withMessageContaining("already holds a model");
        assertThat(load()).isEqualTo(NEW.fingerprint());
        refused++;
      }
      remove();
    }
    assertThat(refused).isGreaterThan(5);
  }

  @Test
  void whoeverReadsMeanwhileGetsAModel() throws Exception {
    OLD.save(target);
    AtomicBoolean done = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 60; i++) {
                  (i % 2 == 0 ? NEW : OLD).save(target, true);
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              } finally {
                done.set(true);
              }
            });
    writer.start();
    TreeSet<String> found = new TreeSet<>();
    while (!done.get()) {
      found.add(load());
    }
    writer.join();
    assertThat(found).containsExactlyInAnyOrder(OLD.fingerprint(), NEW.fingerprint());
    assertThat(load()).isEqualTo(OLD.fingerprint());
  }

  @Test
  void aCheckpoint() throws IOException {
    Path file = directory.resolve("checkpoint.safetensors");
    boolean killed = true;
    for (int kill = 1; killed; kill++) {
      SafeTensors.write(file, Map.of("which", "old"), List.of(Tensor.of("t", new float[5])));
      killed = false;
      try {
        SafeTensors.write(
            FaultyFileSystem.killedAt(file, kill).path(file),
            Map.of("which", "new"),
            List.of(Tensor.of("t", new float[7])));
      } catch (FaultyFileSystem.Killed e) {
        killed = true;
      }
      String which = SafeTensors.read(file).metadata().get("which");
      assertThat(which).isIn("old", "new");
      assertThat(killed || which.equals("new")).as("written or killed").isTrue();
      SafeTensors.write(file, Map.of("which", "next"), List.of());
      assertThat(SafeTensors.read(file).metadata()).containsEntry("which", "next");
      assertThat(names(directory)).containsExactly("checkpoint.safetensors");
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Prepares, saves, and says whether the save was killed at that operation. */
  private boolean killed(int operation, Action prepare, Model model) throws IOException {
    prepare.run();
    try {
      model.save(FaultyFileSystem.killedAt(target, operation).path(target), true);
      return false;
    } catch (FaultyFileSystem.Killed e) {
      return true;
    }
  }

  private void assertOneOf(int operation, Model... models) throws IOException {
    List<String> fingerprints = Stream.of(models).map(Model::fingerprint).toList();
    assertThat(load()).as("stopped at operation %d", operation).isIn(fingerprints);
  }

  /** Reads through a file system in which the first change would be the end. */
  private String load() throws IOException {
    return Model.load(FaultyFileSystem.killedAt(target, 1).path(target)).fingerprint();
  }

  /** Saves once more, and takes it all away. */
  private void assertNextSaveIsClean(List<String> files) throws IOException {
    NEXT.save(target, true);
    assertThat(load()).isEqualTo(NEXT.fingerprint());
    assertThat(names(target)).isEqualTo(files);
    assertThat(names(directory)).containsExactly("m");
    remove();
  }

  private void remove() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(directory)) {
          Files.delete(file);
        }
      }
    }
  }

  private static List<String> with(String name, List<String> names) {
    return Stream.concat(Stream.of(name), names.stream()).sorted().toList();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
