package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NetworkPassTest {
  private static CompiledNetwork lstm(int hiddenSize) {
    Network network = Network.input(3).lstm(hiddenSize).lastStep().dense(2).softmax();
    return new CompiledNetwork(Parameters.initialize(network, 1), new ScalarKernel());
  }

  private static int parts(NetworkPass pass, int rows, int workers) {
    int[] lengths = new int[rows];
    Arrays.fill(lengths, 2);
    pass.reserve(lengths, rows, workers);
    return pass.steps().parts();
  }

  @Test
  void inferenceIsInSmallPartsForSeveralWorkers() {
    NetworkPass pass = NetworkPass.forInference(lstm(4));
    assertThat(parts(pass, 64, 2)).isEqualTo(8);
    assertThat(parts(pass, 65, 2)).isEqualTo(10);
    assertThat(parts(pass, 3, 2)).isEqualTo(2);
    assertThat(parts(pass, 64, 1)).isEqualTo(1);
  }

  /** One long sequence among short ones: few rows at most steps. */
  @Test
  void partsAreSizedByTheRowsThatRun() {
    int[] lengths = new int[64];
    Arrays.fill(lengths, 1);
    lengths[0] = 1_000;
    NetworkPass pass = NetworkPass.forInference(lstm(4));
    pass.reserve(lengths, 64, 2);
    assertThat(pass.steps().parts()).isEqualTo(2);
  }

  @Test
  void trainingOfOneGroupAndLargeWeightsAreInOnePartForEachWorker() {
    assertThat(parts(NetworkPass.forTraining(lstm(4)), 64, 2)).isEqualTo(2);
    assertThat(parts(NetworkPass.forInference(lstm(256)), 64, 2)).isEqualTo(2);
  }

  @Test
  void groupsAreTheParts() {
    NetworkPass training = NetworkPass.forTraining(lstm(4));
    for (int workers : new int[] {1, 2, 4}) {
      assertThat(parts(training, 1000, workers)).as("%d workers", workers).isEqualTo(4);
      assertThat(training.partsAreGroups()).isTrue();
    }
    assertThat(parts(training, 1000, 3)).as("4 groups are not divided by 3").isEqualTo(3);
    assertThat(training.partsAreGroups()).isFalse();
    NetworkPass all = NetworkPass.withStateGradients(lstm(4));
    assertThat(parts(all, 1000, 2)).isEqualTo(2);
    assertThat(all.partsAreGroups()).isFalse();
  }
}
