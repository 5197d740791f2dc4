package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
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

  /** What is kept of 256 long sequences would not fit. */
  @Test
  void longSequencesAreRunFewAtOnce() {
    Network network = Network.input(1).lstm(64).lastStep().dense(1).linear();
    CompiledNetwork compiled = NetworkFixture.random(network, 1, 1).compile();
    // 8 x (1 + 64 + 64 + 1) values a step: 64,527 steps are 2^26 values.
    assertThat(compiled.sequencesAtOnce(sequences(4_000, 300), 0, Integer.MAX_VALUE)).isEqualTo(16);
    assertThat(compiled.sequencesAtOnce(sequences(4_000, 300), 0, 256)).isEqualTo(252);
    assertThat(compiled.sequencesAtOnce(sequences(200, 300), 0, Integer.MAX_VALUE)).isEqualTo(256);
    assertThat(compiled.sequencesAtOnce(sequences(200, 300), 256, Integer.MAX_VALUE)).isEqualTo(44);
    assertThat(compiled.sequencesAtOnce(sequences(100_000, 2), 0, Integer.MAX_VALUE)).isEqualTo(1);
  }

  private static Sequences sequences(int steps, int count) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, steps);
    return Sequences.ofFeatures(new float[steps * count], lengths, 1, new Targets.None());
  }
}
