package dev.carousel.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Tasks;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout.Slice;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateInsightTest {
  private static final Kernel KERNEL = new ScalarKernel();
  private static final int HIDDEN = 4;
  private static final Sequences DATA = Tasks.addingProblem(20, 6, 1);

  /** A network of one cell whose gates depend on nothing but these biases, [gates][HIDDEN]. */
  private static Parameters biased(Cell cell, double[][] biases) {
    Network network = Network.input(2).recurrent(cell, HIDDEN).lastStep().dense(1).linear();
    Parameters parameters = Parameters.initialize(network, 1);
    Arrays.fill(parameters.values(), 0f);
    Slice bias = parameters.layout().slice("layers.0.bias_l0");
    for (int gate = 0; gate < biases.length; gate++) {
      for (int j = 0; j < HIDDEN; j++) {
        parameters.values()[bias.offset() + gate * HIDDEN + j] = (float) biases[gate][j];
      }
    }
    return parameters;
  }

  @Test
  void lstmGatesAreCountedByName() {
    // sigmoid(-3) = 0.047, sigmoid(3) = 0.953, sigmoid(0) = 1/2
    Parameters parameters =
        biased(
            new Cell.Lstm(),
            new double[][] {{-3, -3, -3, -3}, {3, 3, 3, 0}, {9, 9, 9, 9}, {0, 0, 3, -3}});

    List<GateSaturation> layers = GateSaturation.measure(parameters, KERNEL, DATA);

    assertThat(layers).hasSize(1);
    GateSaturation only = layers.get(0);
    assertThat(only.label()).isEqualTo("LSTM");
    assertThat(only.steps()).isEqualTo(120);
    assertThat(only.gates()).extracting(GateSaturation.Gate::name).containsExactly("i", "f", "o");
    assertShares(only.gates().get(0), 1, 0);
    assertShares(only.gates().get(1), 0, 0.75);
    assertShares(only.gates().get(2), 0.25, 0.25);
    assertThat(only.gates().get(0).mean()).isCloseTo(0.04742587, within(1e-6));
    assertThat(only.gates().get(2).mean()).isCloseTo(0.5, within(1e-6));
    assertThat(only.gates().get(2).units())
        .extracting(GateSaturation.Unit::above)
        .containsExactly(0.0, 0.0, 1.0, 0.0);
    assertThat(only.gates().get(2).units().get(3).below()).isEqualTo(1.0);
  }

  @Test
  void coupledLstmHasNoInputGateOfItsOwn() {
    Parameters parameters =
        biased(
            new Cell.Lstm().withCoupledInputForget(),
            new double[][] {{3, 3, 3, 3}, {9, 9, 9, 9}, {-3, -3, -3, -3}});
    GateSaturation only = GateSaturation.measure(parameters, KERNEL, DATA).get(0);
    assertThat(only.gates()).extracting(GateSaturation.Gate::name).containsExactly("f", "o");
    assertShares(only.gates().get(0), 0, 1);
    assertShares(only.gates().get(1), 1, 0);
  }

  @Test
  void gruGatesAreCountedByName() {
    for (Cell.Gru.Reset reset : Cell.Gru.Reset.values()) {
      Parameters parameters =
          biased(new Cell.Gru(reset), new double[][] {{3, 3, 0, 0}, {-3, 0, 0, 0}, {1, 1, 1, 1}});
      GateSaturation only = GateSaturation.measure(parameters, KERNEL, DATA).get(0);
      assertThat(only.gates()).extracting(GateSaturation.Gate::name).containsExactly("r", "z");
      assertShares(only.gates().get(0), 0, 0.5);
      assertShares(only.gates().get(1), 0.25, 0);
    }
  }

  @Test
  void halfLifeFollowsTheForgetGate() {
    // f = 1/2, 0.9, 0.99, 1 in float
    double[] forget = {0, Math.log(9), Math.log(99), 40};
    double[] zero = new double[HIDDEN];
    Parameters parameters = biased(new Cell.Lstm(), new double[][] {zero, forget, zero, zero});

    MemoryHalfLife only = MemoryHalfLife.measure(parameters, KERNEL, DATA).get(0);

    assertThat(only.gate()).isEqualTo("f");
    assertThat(only.steps().get(0)).isCloseTo(1, within(1e-5));
    assertThat(only.steps().get(1)).isCloseTo(6.578813, within(1e-4));
    assertThat(only.steps().get(2)).isCloseTo(68.96756, within(1e-2));
    assertThat(only.steps().get(3)).isInfinite();
    assertThat(only.quantile(0)).isEqualTo(only.steps().get(0));
    assertThat(only.quantile(0.25)).isEqualTo(only.steps().get(0));
    assertThat(only.quantile(0.5)).isEqualTo(only.steps().get(1));
    assertThat(only.quantile(1)).isInfinite();
    assertThatThrownBy(() -> only.quantile(1.5))
        .hasMessage("quantile: expected a share in [0, 1], got 1.5");
  }

  @Test
  void halfLifeOfAGruFollowsTheUpdateGate() {
    double[] zero = new double[HIDDEN];
    double[] update = {Math.log(9), 0, -Math.log(3), -120};
    Parameters parameters =
        biased(new Cell.Gru(Cell.Gru.Reset.AFTER), new double[][] {zero, update, zero});
    MemoryHalfLife only = MemoryHalfLife.measure(parameters, KERNEL, DATA).get(0);
    assertThat(only.gate()).isEqualTo("z");
    assertThat(only.steps().get(0)).isCloseTo(6.578813, within(1e-4));
    assertThat(only.steps().get(2)).isCloseTo(0.5, within(1e-5));
    assertThat(only.steps().get(3)).isBetween(0.0, 0.01);
    assertThat(MemoryHalfLife.of(0)).isZero();
  }

  @Test
  void refusesNetworksWithoutGates() {
    Network network = Network.input(2).elman(3).lastStep().dense(1).linear();
    Parameters parameters = Parameters.initialize(network, 1);
    assertThatThrownBy(() -> GateSaturation.measure(parameters, KERNEL, DATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "gates: expected an LSTM or GRU layer that runs in one direction, got"
                + " [Elman (tanh), Last step, Dense]");
  }

  private static void assertShares(GateSaturation.Gate gate, double below, double above) {
    assertThat(gate.below()).isEqualTo(below);
    assertThat(gate.above()).isEqualTo(above);
  }
}
