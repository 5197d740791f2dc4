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
 * tests of the vector kernels train the same. A digest that changes is a new version of {@link
 * Checkpoint}.
 */
class SameBitsTest {
  /** Parameters after {@link SmallTrainings#train}. */
  private static final Map<String, String> DIGESTS =
      Map.ofEntries(
          Map.entry(
              "elman tanh", "1ccf608a91d83fedc90bc498d1be93fd0e0eee1aff34b9c893620d787013c13b"),
          Map.entry(
              "elman relu", "c9fa28e3d30e1ce63e33feda580cb0150679ce011d8385471831f987ac72f057"),
          Map.entry("lstm", "e18ca4e8e5616402ba31f49b2d16207e86385f5b65959b3be0bca30c8008a93d"),
          Map.entry(
              "lstm peepholes", "76c357ab1a3d4f655ea2a30b07372f3c28c032614c69784beda258898b0ffe6f"),
          Map.entry(
              "lstm coupled", "3613ebd262dd9f6e1e0c6d97c0020353f4cf03697066bf4723a6efd46029f099"),
          Map.entry(
              "lstm clip", "052521829f676a5f0d1f87d7620ae7c81b2353f3fc16941e66c71df8787ad36e"),
          Map.entry(
              "lstm hard sigmoid 2",
              "b02e7b868804334d771503e5bdb63f3be80b7007443f91dd320cea9832a0687c"),
          Map.entry(
              "lstm hard sigmoid 3",
              "dd0eaf2f0d0c94752f5cc56d063e0941b6839a36f24d9fa4e58b53eb92a45fdb"),
          Map.entry(
              "lstm all variants",
              "338a8d33069014f368b225972c88041f07321a240eb4fe849bd171da969bf4ef"),
          Map.entry(
              "gru after", "0e9dd5d91a382eb2eeaa238c87111a857fe2dd4ac7f86b2e4f222de6189662c0"),
          Map.entry(
              "gru before", "f951c796f332e7392420b2ccdfa37a4d3c39f0bc90ac6d4c0653e7eb99173a84"),
          Map.entry(
              "embedding, two layers, mean, sigmoid",
              "d65a71816da70db52f7c0e9c979048e1a75fe62524dde819707f2c2704cb2ba8"),
          Map.entry(
              "bidirectional, maximum, linear",
              "82ef50a26e58f8a6fdb02afe583794595abf5426b460a0c22eaa6f11fbd59f6e"),
          Map.entry(
              "bidirectional sum, last step, softmax",
              "7bca62a74d0f0e7da193c4828c45305a072fda09aca0c498b97e6c6ac96d4b9d"),
          Map.entry(
              "large input", "28e7be99ce3dcbdd2aae7b7937a692391ff0d17059b4f60867383796c27e9f48"));

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
    for (int threads : new int[] {1, 2, 3, 8}) {
      Model again = SmallTrainings.train(network, new ScalarKernel(), threads);
      assertThat(again.fingerprint()).as("%d threads", threads).isEqualTo(first.fingerprint());
      assertThat(losses(again)).as("%d threads", threads).isEqualTo(losses(first));
    }
    assertThat(first.fingerprint()).isEqualTo(DIGESTS.get(name));
  }

  @Test
  void gradientsInGroupsEndInTheirRecordedBitsOnAnyNumberOfThreads() {
    for (int threads : new int[] {1, 2, 3, 8}) {
      assertThat(SmallTrainings.trainInGroups(new ScalarKernel(), threads).fingerprint())
          .as("%d threads", threads)
          .isEqualTo("29c8bf3552ba24efb07d217687cfb5f78610da170bb0934d6fc9fb7c45e65868");
      assertThat(SmallTrainings.trainTokensInGroups(new ScalarKernel(), threads).fingerprint())
          .as("tokens, %d threads", threads)
          .isEqualTo("84d1eb52e396493ca466b8115fa97085e72d564ddf75805e86459d8b32d8f5a8");
    }
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
