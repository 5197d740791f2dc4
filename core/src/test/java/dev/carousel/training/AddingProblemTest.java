package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.data.Tasks;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import org.junit.jupiter.api.Test;

/**
 * Learning: the sum of two numbers that were marked among 30. Predicting the mean has a mean
 * squared error of 1/6. The bits, and so the errors, are the same on every machine.
 */
class AddingProblemTest {
  private static final int LENGTH = 30;
  private static final int HIDDEN = 32;

  @Test
  void lstmAddsTwoNumbersAcrossThirtySteps() {
    assertThat(testError(new Cell.Lstm())).isLessThan(0.01);
  }

  @Test
  void gruAddsTwoNumbersAcrossThirtySteps() {
    assertThat(testError(new Cell.Gru(Cell.Gru.Reset.AFTER))).isLessThan(0.01);
  }

  /** The mean squared error on 500 new sequences after 1,800 updates. */
  private static double testError(Cell cell) {
    Network network = Network.input(2).recurrent(cell, HIDDEN).lastStep().dense(1).linear();
    Sequences train = Tasks.addingProblem(6000, LENGTH, 1);
    Sequences test = Tasks.addingProblem(500, LENGTH, 2);
    ScalarKernel kernel = new ScalarKernel();
    Model model =
        Trainer.of(network)
            .kernel(kernel)
            .threads(1)
            .optimizer(Adam.withLearningRate(0.01))
            .schedule(new Schedule.Cosine(0, 0.05))
            .clipGlobalNorm(1)
            .batchSize(20)
            .epochs(6)
            .seed(1)
            .fit(train);
    return Evaluator.evaluate(model.parameters(), kernel, test, 1).loss();
  }
}
