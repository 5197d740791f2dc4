package dev.carousel.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.execution.CompiledNetwork;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import org.junit.jupiter.api.Test;

class StepperTest {
  private static int capacity(Network network, int most) {
    CompiledNetwork compiled =
        new CompiledNetwork(Parameters.initialize(network, 1), new ScalarKernel());
    return new Stepper(compiled, most).capacity();
  }

  @Test
  void fewSequencesAtOnce() {
    Network network = Network.input(3).lstm(4).dense(2).softmax();
    assertThat(capacity(network, 100)).isEqualTo(24);
    assertThat(capacity(network, 5)).isEqualTo(5);
  }

  @Test
  void allAtOnceOfLargeWeights() {
    assertThat(capacity(Network.input(3).lstm(256).dense(2).softmax(), 100)).isEqualTo(100);
  }

  /** Of a table only the tokens' rows are read. */
  @Test
  void aLargeTableIsNotLargeWeights() {
    Network network = Network.tokens(50_000).embedding(8).lstm(4).dense(2).softmax();
    assertThat(capacity(network, 100)).isEqualTo(24);
  }
}
