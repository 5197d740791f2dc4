package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
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

  /** The loss of the only batch is finite, what the update makes of the parameters is not. */
  @Test
  void parametersThatAreNotFiniteEndInNoCheckpointAndInNoModel() throws IOException {
    Network network = Network.input(5).dense(3).linear();
    Sequences data = SmallProblems.fitting(network, 4, 1);
    Path file = folder.resolve("checkpoint");
    for (int epochs = 1; epochs <= 2; epochs++) {
      Trainer trainer =
          Trainer.of(network)
              .kernel(new ScalarKernel())
              .optimizer(Sgd.withLearningRate(3e38))
              .penalty(new Penalty(0, 20))
              .threads(1)
              .epochs(epochs)
              .earlyStopping(1)
              .checkpoint(file, Duration.ZERO);
      try (TrainingRun run = trainer.start(data, data)) {
        assertThatThrownBy(() -> run.run(() -> false))
            .isInstanceOf(DivergedException.class)
            .hasMessageMatching(
                "training diverged in epoch 1, step 1: loss [0-9.]+, gradient norm [0-9.]+,"
                    + " parameter norm Infinity; .*");
      }
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void parametersOfAnotherNetworkAreRefused() {
    Network network = Network.input(5).dense(3).linear();
    Network other = Network.input(3).dense(5).linear();
    assertThatThrownBy(() -> Trainer.of(network).startFrom(Parameters.initialize(other, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "start: expected parameters [layers.0.weight 5x3, layers.0.bias 1x3] (the network's),"
                + " got [layers.0.weight 3x5, layers.0.bias 1x5]");
  }

  /** Another start is another training: what the bits come from. */
  @Test
  void theParametersItStartsFromAreAmongTheSettings() {
    Network network = Network.input(5).dense(3).linear();
    Parameters start = Parameters.initialize(network, 9);
    Trainer trainer = Trainer.of(network);
    assertThat(trainer.settings()).doesNotContainKey("start");
    assertThat(trainer.startFrom(start).settings()).containsEntry("start", start.fingerprint());
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
