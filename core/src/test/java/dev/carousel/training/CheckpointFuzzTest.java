package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.ModelFormatException;
import dev.carousel.model.SafeTensors;
import dev.carousel.model.Seal;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes of a file, a resume goes on or says why not, and leaves the training alone.
 */
class CheckpointFuzzTest {
  private static final Network NETWORK = Network.input(1).elman(1).linear();
  private static final Sequences DATA = SmallProblems.fitting(NETWORK, 3, 1);

  private static TrainingRun start(Path file) {
    return Trainer.of(NETWORK)
        .kernel(new ScalarKernel())
        .truncation(Truncation.every(2))
        .batchSize(2)
        .epochs(3)
        .threads(1)
        .checkpoint(file, Duration.ofDays(1))
        .start(DATA, null);
  }

  /** Checkpoints of a training that is within an epoch, between two, and at its end. */
  static Stream<byte[]> checkpoints() throws IOException {
    List<byte[]> checkpoints = new ArrayList<>();
    Path file = Files.createTempFile("carousel", ".checkpoint");
    try {
      for (int stop : new int[] {1, 9, Integer.MAX_VALUE}) {
        try (TrainingRun run = start(file)) {
          run.run(() -> run.stepsDone() >= stop);
        }
        checkpoints.add(Files.readAllBytes(file));
      }
    } finally {
      Files.delete(file);
    }
    return checkpoints.stream();
  }

  @MethodSource("checkpoints")
  @FuzzTest
  void anyCheckpoint(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("carousel", ".checkpoint");
    try {
      Files.write(file, bytes);
      resume(file);
      // What the seal keeps away from the checks behind it.
      if (seal(file)) {
        resume(file);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void resume(Path file) throws IOException {
    try (TrainingRun run = start(file)) {
      String before = run.model().fingerprint();
      try {
        run.resume();
        assertThat(run.epochsDone()).isBetween(0, 3);
      } catch (ModelFormatException e) {
        assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        assertThat(run.model().fingerprint()).isEqualTo(before);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).startsWith("resume: ");
        assertThat(run.model().fingerprint()).isEqualTo(before);
      }
    }
  }

  private static boolean seal(Path file) throws IOException {
    SafeTensors.Contents contents;
    try {
      contents = SafeTensors.read(file);
    } catch (ModelFormatException e) {
      return false;
    }
    Map<String, String> metadata = new LinkedHashMap<>(contents.metadata());
    metadata.remove("sha256");
    SafeTensors.write(
        file,
        Seal.seal(metadata, contents.tensors().values()),
        new ArrayList<>(contents.tensors().values()));
    return true;
  }
}
