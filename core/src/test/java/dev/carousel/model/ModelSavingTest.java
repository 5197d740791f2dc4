package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What saving does to a directory that is already there. */
class ModelSavingTest {
  @TempDir Path directory;
  private Path target;

  @BeforeEach
  void target() {
    target = directory.resolve("m");
  }

  @Test
  void aModelIsReplacedOnlyOnRequest() throws IOException {
    Models.text().save(target);

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> Models.features().save(target))
        .withMessage(
            target + ": already holds a model; save elsewhere or ask for it to be replaced");
    assertThat(Model.load(target).fingerprint()).isEqualTo(Models.text().fingerprint());

    Models.features().save(target, true);
    assertThat(Model.load(target).fingerprint()).isEqualTo(Models.features().fingerprint());
    assertThat(names())
        .containsExactly(
            "README.md", "config.json", "metrics.csv", "model.safetensors", "provenance.json");
  }

  @Test
  void checkpointsAndOtherFilesStay() throws IOException {
    Files.createDirectory(target);
    Path checkpoint = target.resolve("checkpoint.safetensors");
    SafeTensors.write(checkpoint, Map.of(), List.of(Tensor.of("step", 5)));
    Files.writeString(target.resolve("notes.txt"), "mine");

    Models.text().save(target);
    Models.features().save(target, true);

    assertThat(SafeTensors.read(checkpoint).longs("step", 1)).containsExactly(5);
    assertThat(target.resolve("notes.txt")).hasContent("mine");
    assertThat(Model.load(target).fingerprint()).isEqualTo(Models.features().fingerprint());
  }

  @Test
  void filesOfSomethingElseAreNotOverwritten() throws IOException {
    Files.createDirectory(target);
    Files.writeString(target.resolve("README.md"), "my project");
    assertRefused(
        "expected a directory without README.md or with a model, got a README.md of something else");
    assertThat(target.resolve("README.md")).hasContent("my project");

    Files.delete(target.resolve("README.md"));
    Files.writeString(target.resolve("config.json"), "{\"model_type\": \"bert\"}");
    Files.writeString(target.resolve("model.safetensors"), "theirs");
    assertRefused(
        "expected a directory without config.json or with a model,"
            + " got a config.json of something else");

    Files.delete(target.resolve("config.json"));
    Files.delete(target.resolve("model.safetensors"));
    Files.createDirectory(target.resolve("labels.json"));
    assertRefused("expected no directory named labels.json, got one");
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    Files.writeString(target, "a file");

    assertRefused("expected a directory or nothing of that name, got a file");

    assertThat(target).hasContent("a file");
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> Models.text().save(target.resolve("below")))
        .withMessageContaining(target.toString());
  }

  @Test
  void aFailureLeavesTheOldModelAndNothingElse() throws IOException {
    Models.text().save(target);
    List<String> before = names();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new ModelSaving(target, true).save(this::fullDisk))
        .withMessageContaining("labels.json: could not be written: No space left on device");
    assertThat(names()).isEqualTo(before);
    assertThat(Model.load(target).fingerprint()).isEqualTo(Models.text().fingerprint());

    Path fresh = directory.resolve("fresh");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new ModelSaving(fresh, false).save(this::fullDisk));
    assertThat(directory).isDirectoryNotContaining("glob:**fresh*");
  }

  private void fullDisk(Path staging) throws IOException {
    Files.writeString(staging.resolve("model.safetensors"), "new");
    Path labels = staging.resolve("labels.json");
    AtomicFile.writeDirectly(
        labels,
        labels,
        channel -> {
          throw new IOException("No space left on device");
        });
  }

  @Test
  void filesOfTwoModelsAreRefusedAndCanBeReplaced() throws IOException {
    Models.text().save(target);
    Models.features().save(directory.resolve("new"));
    Files.move(
        directory.resolve("new/model.safetensors"),
        target.resolve("model.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThatExceptionOfType(ModelFormatException.class).isThrownBy(() -> Model.load(target));
    Models.features().save(target, true);
    assertThat(Model.load(target).fingerprint()).isEqualTo(Models.features().fingerprint());
  }

  @Test
  void weightsWithoutAConfigurationAreOfSomethingElse() throws IOException {
    Files.createDirectory(target);
    Files.writeString(target.resolve("model.safetensors"), "theirs");

    assertRefused(
        "expected a directory without model.safetensors or with a model,"
            + " got a model.safetensors of something else");

    assertThat(target.resolve("model.safetensors")).hasContent("theirs");
  }

  @Test
  void ofTwoSavesAtOnceOneWins() throws Exception {
    for (int round = 0; round < 20; round++) {
      target = directory.resolve("m" + round);
      List<Throwable> failures = together(() -> save(false), () -> save(false));
      assertThat(failures).hasSize(1);
      assertThat(failures.get(0))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("already holds a model");
      assertThat(Model.load(target).fingerprint()).isEqualTo(Models.text().fingerprint());
    }
  }

  @Test
  void twoReplacementsAtOnceDoNotMix() throws Exception {
    for (int round = 0; round < 20; round++) {
      List<Throwable> failures =
          together(
              () -> save(true),
              () -> {
                Models.features().save(target, true);
                return null;
              });
      assertThat(failures).isEmpty();
      assertThat(Model.load(target).fingerprint())
          .isIn(Models.text().fingerprint(), Models.features().fingerprint());
    }
    assertThat(names()).noneMatch(name -> name.endsWith(".tmp"));
  }

  private Void save(boolean replace) throws IOException {
    Models.text().save(target, replace);
    return null;
  }

  private static List<Throwable> together(Callable<Void> one, Callable<Void> other)
      throws InterruptedException {
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Throwable> failures = new java.util.ArrayList<>();
      List<Callable<Void>> tasks = List.of(after(start, one), after(start, other));
      for (Future<Void> result : threads.invokeAll(tasks)) {
        try {
          result.get();
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        }
      }
      return failures;
    } finally {
      threads.shutdown();
    }
  }

  private static Callable<Void> after(CyclicBarrier start, Callable<Void> task) {
    return () -> {
      start.await();
      return task.call();
    };
  }

  private void assertRefused(String reason) {
    for (boolean replace : new boolean[] {false, true}) {
      assertThatExceptionOfType(FileAlreadyExistsException.class)
          .isThrownBy(() -> Models.text().save(target, replace))
          .withMessage(target + ": " + reason);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
