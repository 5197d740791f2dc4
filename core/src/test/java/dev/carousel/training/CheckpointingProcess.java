package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A process that trains and writes a checkpoint after every update, until it is killed. */
public final class CheckpointingProcess {
  static final Network NETWORK = Network.input(5).lstm(8).dropout(0.2).dense(3).softmax();

  private CheckpointingProcess() {}

  static Sequences data() {
    return SmallProblems.fitting(NETWORK, 20, 1);
  }

  static Trainer trainer(Path checkpoint, Duration interval) {
    return Trainer.of(NETWORK)
        .kernel(new ScalarKernel())
        .optimizer(Adam.withLearningRate(0.01))
        .truncation(new Truncation(5, 2))
        .batchSize(4)
        .epochs(400)
        .threads(1)
        .seed(3)
        .checkpoint(checkpoint, interval);
  }

  /**
   * Trains, from the checkpoint if there is one; says the number of updates before it begins and
   * after each of them, just before it is saved; after the last of an epoch twice.
   *
   * @param arguments the checkpoint file
   */
  public static void main(String[] arguments) throws IOException {
    Path checkpoint = Path.of(arguments[0]);
    try (TrainingRun run = trainer(checkpoint, Duration.ZERO).start(data(), null)) {
      if (Files.exists(checkpoint)) {
        run.resume();
      }
      System.out.println(run.stepsDone());
      run.run(
          () -> {
            System.out.println(run.stepsDone());
            return false;
          });
    }
  }
}
