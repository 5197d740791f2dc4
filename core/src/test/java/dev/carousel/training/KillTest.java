package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.network.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
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
    for (int kill = 1; kill <= KILLS; kill++) {
      long told = killAfter(file, reached, Seeds.below(random, 30_000));
      try (TrainingRun run =
          CheckpointingProcess.trainer(file, Duration.ofDays(1))
              .start(CheckpointingProcess.data(), null)) {
        run.resume();
        // What it told of last may not have been saved yet; what was before that is.
        assertThat(run.stepsDone()).as("after kill %d", kill).isGreaterThanOrEqualTo(told - 1);
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

  /**
   * Starts the process and kills it so many microseconds after its second update.
   *
   * @return the updates it told of last
   */
  private static long killAfter(Path file, long reached, int micros)
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
    long told = reached;
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo(Long.toString(reached));
      while (told < reached + 2) {
        told = Long.parseLong(out.readLine());
      }
      Thread.sleep(micros / 1000, micros % 1000 * 1000);
      // SIGKILL where there are signals; the process's own method would close what it has written.
      process.toHandle().destroyForcibly();
      String line = out.readLine();
      while (line != null && line.matches("\\d+")) {
        told = Math.max(told, Long.parseLong(line));
        line = out.readLine();
      }
    } finally {
      process.destroyForcibly();
    }
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    assertThat(process.waitFor())
        .as("exit code of a killed process")
        .isEqualTo(windows ? 1 : 128 + 9);
    return told;
  }
}
