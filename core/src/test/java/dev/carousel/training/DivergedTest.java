package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training whose loss grows beyond all numbers. */
class DivergedTest {
  @TempDir Path folder;

  @Test
  void itStopsAndLeavesTheCheckpoint() throws IOException {
    Network network = Network.input(5).dense(3).linear();
    Sequences data = SmallProblems.fitting(network, 12, 1);
    Path file = folder.resolve("checkpoint");
    byte[][] last = new byte[1][];
    long[] steps = new long[1];
    Trainer trainer =
        Trainer.of(network)
            .kernel(new ScalarKernel())
            .optimizer(Sgd.withLearningRate(1e6))
            .batchSize(2)
            .epochs(50)
            .threads(2)
            .checkpoint(file, Duration.ZERO);
    try (TrainingRun run = trainer.start(data, null)) {
      assertThatThrownBy(
              () ->
                  run.run(
                      () -> {
                        steps[0] = run.stepsDone();
                        last[0] = Files.exists(file) ? read(file) : new byte[0];
                        return false;
                      }))
          .isInstanceOf(DivergedException.class)
          .hasMessageMatching(
              "training diverged in epoch "
                  + (steps[0] / 6 + 1)
                  + ", step "
                  + (steps[0] + 1)
                  + ": loss (\\S+), gradient norm (NaN|Infinity), parameter norm \\S+; a smaller"
                  + " learning rate or a smaller clip norm may help");
    }
    assertThat(steps[0]).isGreaterThan(1);
    try (TrainingRun again = trainer.start(data, null)) {
      again.resume();
      assertThat(again.stepsDone()).isEqualTo(steps[0]);
      for (float value : again.model().parameters().values()) {
        assertThat(value).isFinite();
      }
      byte[] before = read(file);
      assertThatThrownBy(() -> again.run(() -> false))
          .isInstanceOf(DivergedException.class)
          .hasMessageContaining("step " + (steps[0] + 1) + ":");
      assertThat(read(file)).isEqualTo(before);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
