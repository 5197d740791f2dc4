package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.WorstError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows over sequences of unequal length, against the same training in double precision. */
class TruncationTest {
  private static final Network NETWORK = Network.input(5).lstm(4).dense(3).softmax();
  private static final int[] LENGTHS = {4, 9, 6, 1, 7};

  private static Trainer trainer(Network network) {
    return Trainer.of(network)
        .kernel(new ScalarKernel())
        .optimizer(Sgd.withLearningRate(0.5))
        .batchSize(3)
        .shuffle(false)
        .epochs(2)
        .threads(1)
        .seed(8);
  }

  private static Sequences data() {
    return SmallProblems.fitting(NETWORK, LENGTHS, 6);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 3", "4, 1", "5, 2", "7, 3", "9, 9", "20, 4"})
  void parametersAndLossesFollowTheReference(int window, int stride) {
    Model model = trainer(NETWORK).truncation(new Truncation(window, stride)).fit(data());
    WindowedReference reference =
        new WindowedReference(Parameters.initialize(NETWORK, 8), data(), window, stride);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(model.metrics().get(epoch).trainLoss())
          .as("loss of epoch %d", epoch + 1)
          .isCloseTo(reference.epoch(3, 0.5), within(1e-6));
    }
    WorstError worst =
        Comparison.withFloor(1)
            .compare(
                "parameters",
                reference.parameters(),
                OptimizerTest.doubles(model.parameters().values()))
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(2e-6);
  }

  @Test
  void aWindowAsLongAsTheSequencesIsFullBackPropagation() {
    Network network = Network.input(5).gru(4).dropout(0.3).elman(3).dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, LENGTHS, 6);
    String full = trainer(network).fit(data).fingerprint();
    for (int window : new int[] {9, 10, 1000}) {
      assertThat(trainer(network).truncation(Truncation.every(window)).fit(data).fingerprint())
          .as("window of %d", window)
          .isEqualTo(full);
    }
    assertThat(trainer(network).truncation(Truncation.every(8)).fit(data).fingerprint())
        .isNotEqualTo(full);
  }

  /** At a rate too small to change a weight, an epoch's loss is that of the whole sequences. */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 3", "4, 1", "5, 2", "7, 3", "9, 9"})
  void everyTargetCountsOnce(int window, int stride) {
    Model model =
        trainer(NETWORK)
            .optimizer(Sgd.withLearningRate(1e-30))
            .truncation(new Truncation(window, stride))
            .epochs(1)
            .fit(data());
    Parameters start = Parameters.initialize(NETWORK, 8);
    for (int i = 0; i < start.values().length; i++) {
      assertThat(model.parameters().values()[i]).isCloseTo(start.values()[i], within(1e-29f));
    }
    assertThat(model.metrics().get(0).trainLoss())
        .isCloseTo(Evaluator.evaluate(start, new ScalarKernel(), data(), 1).loss(), within(1e-9));
  }

  @Test
  void theWeightOfAWindowIsThatOfItsOwnTargets() {
    Sequences data = data();
    dev.carousel.execution.Batch batch = new dev.carousel.execution.Batch(data);
    batch.select(new int[] {0, 1, 2, 3, 4}, 0, 5);
    int counted = 0;
    for (int target : ((Targets.StepClasses) data.targets()).perStep()) {
      counted += target == Targets.MASKED ? 0 : 1;
    }
    try (dev.carousel.execution.Workers workers = new dev.carousel.execution.Workers(1)) {
      GradientStep step =
          new GradientStep(
              new dev.carousel.execution.CompiledNetwork(
                  Parameters.initialize(NETWORK, 8), new ScalarKernel()),
              workers,
              batch);
      double sum = 0;
      for (int from = 0; from < 9; from += 2) {
        int begin = Math.max(0, from - 3);
        step.open(batch, begin, from + 2 - begin, from - begin);
        sum += step.totalWeight();
      }
      assertThat(sum).isEqualTo(counted);
    }
  }

  @Test
  void whatCannotBeTruncatedIsRefused() {
    assertThatThrownBy(() -> new Truncation(2, 3))
        .hasMessage("truncation: expected 1 <= stride <= window, got stride 3, window 2");
    assertThatThrownBy(() -> Truncation.every(0))
        .hasMessage("truncation: expected 1 <= stride <= window, got stride 0, window 0");
    Network pooled = Network.input(5).lstm(4).lastStep().dense(3).softmax();
    assertThatThrownBy(
            () ->
                trainer(pooled)
                    .truncation(Truncation.every(3))
                    .fit(SmallProblems.fitting(pooled, LENGTHS, 6)))
        .hasMessage(
            "truncation: expected a network with scores at every step, got one with scores once per"
                + " sequence");
    Network both = Network.input(5).bidirectional(new Cell.Lstm(), 4).dense(3).softmax();
    assertThatThrownBy(
            () ->
                trainer(both)
                    .truncation(Truncation.every(3))
                    .fit(SmallProblems.fitting(both, LENGTHS, 6)))
        .hasMessageStartingWith("layer 0 (Bidirectional LSTM) needs the whole sequence");
  }
}
