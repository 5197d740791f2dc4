package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.network.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed again and again while it writes checkpoints, a training loses none and ends the same. */
class KillTest {
  private static final int KILLS = 10;

  @TempDir Path folder;

  @Test
  void aKilledTrainingEndsInTheBitsOfOneThatWasNot() throws IOException, InterruptedException {
    Path file = folder.resolve("checkpoint");
    RandomGenerator random = Seeds.of(1, Seeds.Purpose.SAMPLING);
    long reached = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(file, reached, Seeds.below(random, 120_000));
      try (TrainingRun run =
          CheckpointingProcess.trainer(file, Duration.ofDays(1))
              .start(CheckpointingProcess.data(), null)) {
        if (Files.exists(file)) {
          run.resume();
        }
        assertThat(run.stepsDone()).as("after kill %d", kill + 1).isGreaterThanOrEqualTo(reached);
        reached = run.stepsDone();
      }
    }
    Path undisturbed = folder.resolve("undisturbed");
    String expected;
    long steps;
    try (TrainingRun run =
        CheckpointingProcess.trainer(undisturbed, Duration.ofDays(1))
            .start(CheckpointingProcess.data(), null)) {
      run.run(() -> run.stepsDone() >= 3000);
      steps = run.stepsDone();
      expected = run.model().fingerprint();
    }
    assertThat(reached).as("updates before the last kill").isBetween((long) KILLS, steps - 1);
    try (TrainingRun run =
        CheckpointingProcess.trainer(file, Duration.ofDays(1))
            .start(CheckpointingProcess.data(), null)) {
      run.resume();
      run.run(() -> run.stepsDone() >= steps);
      assertThat(run.stepsDone()).isEqualTo(steps);
      assertThat(run.model().fingerprint()).isEqualTo(expected);
    }
  }

  /** Starts the process and kills it so many microseconds after it began to train. */
  private void killAfter(Path file, long reached, int micros)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CheckpointingProcess.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("training from update " + reached);
      Thread.sleep(micros / 1000, micros % 1000 * 1000);
    } finally {
      // SIGKILL where there are signals.
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as("exit code of a killed process").isNotZero();
  }
}
