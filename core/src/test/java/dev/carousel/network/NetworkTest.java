package dev.carousel.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.carousel.network.ParameterLayout.Role;
import dev.carousel.network.ParameterLayout.Slice;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Counts, names, places and refusals of what describes a model. */
class NetworkTest {
  private static final Network ROWS = Network.input(28).lstm(128).lastStep().dense(10).softmax();

  @Test
  void parametersAreCountedAsOtherSystemsCountThem() {
    assertThat(count(new Cell.Lstm())).isEqualTo(80_384);
    assertThat(count(new Cell.Lstm().withPeepholes())).isEqualTo(80_768);
    assertThat(count(new Cell.Gru(Cell.Gru.Reset.BEFORE))).isEqualTo(60_288);
    // One bias vector of 384, and the candidate's recurrent bias of 128.
    assertThat(count(new Cell.Gru(Cell.Gru.Reset.AFTER))).isEqualTo(60_416);
    assertThat(count(new Cell.Elman(Activation.TANH))).isEqualTo((28 + 128) * 128 + 128);
    assertThat(count(new Cell.Lstm().withCoupledInputForget())).isEqualTo(60_288);
    assertThat(count(new Cell.Lstm().withCoupledInputForget().withPeepholes()))
        .isEqualTo(60_288 + 256);
    assertThat(Network.input(128).dense(10).softmax().parameterLayout().size()).isEqualTo(1_290);
    assertThat(ROWS.parameterLayout().size()).isEqualTo(81_674);
    assertThat(
            Network.input(28).bidirectional(new Cell.Lstm(), 128).linear().parameterLayout().size())
        .isEqualTo(2 * 80_384);
  }

  private static int count(Cell cell) {
    return Network.input(28).recurrent(cell, 128).linear().parameterLayout().size();
  }

  @Test
  void theSummaryIsATable() {
    assertThat(ROWS.summary())
        .isEqualTo(
            """
            layer                      output           parameters mult-adds/step  state bytes
            LSTM                       [steps, 128]         80,384         79,872        1,024
            Last step                  [128]                     0              0            0
            Dense                      [10]                  1,290          1,280            0
            total                                           81,674         81,152        1,024""");
    Summary both =
        Summary.of(
            Network.tokens(50)
                .embedding(8)
                .bidirectional(new Cell.Gru(Cell.Gru.Reset.BEFORE), 4)
                .meanOverTime()
                .dense(2, Activation.RELU)
                .sigmoid());
    assertThat(both.rows())
        .extracting(Summary.Row::layer)
        .containsExactly(
            "Embedding", "Bidirectional GRU (reset before)", "Mean over time", "Dense (relu)");
    assertThat(both.rows())
        .extracting(Summary.Row::parameters)
        .containsExactly(400L, 2L * (12 * (8 + 4) + 12), 0L, 18L);
    assertThat(both.stateBytes()).isZero();
  }

  @Test
  void slicesLieOneBehindTheOtherWithPyTorchsNames() {
    Network network =
        Network.tokens(7)
            .embedding(3)
            .layer(
                new Layer.Bidirectional(
                    new Cell.Lstm().withPeepholes(), 2, Layer.Bidirectional.Merge.ADD))
            .gru(4)
            .lastStep()
            .dense(5)
            .softmax();
    ParameterLayout layout = network.parameterLayout();

    assertThat(layout.slices())
        .extracting(Slice::name)
        .containsExactly(
            "layers.0.weight",
            "layers.1.weight_ih_l0",
            "layers.1.weight_hh_l0",
            "layers.1.bias_l0",
            "layers.1.weight_ci_l0",
            "layers.1.weight_cf_l0",
            "layers.1.weight_co_l0",
            "layers.1.weight_ih_l0_reverse",
            "layers.1.weight_hh_l0_reverse",
            "layers.1.bias_l0_reverse",
            "layers.1.weight_ci_l0_reverse",
            "layers.1.weight_cf_l0_reverse",
            "layers.1.weight_co_l0_reverse",
            "layers.2.weight_ih_l0",
            "layers.2.weight_hh_l0",
            "layers.2.bias_l0",
            "layers.2.bias_hn_l0",
            "layers.4.weight",
            "layers.4.bias");
    int offset = 0;
    for (Slice slice : layout.slices()) {
      assertThat(slice.offset()).isEqualTo(offset);
      offset += slice.size();
    }
    assertThat(layout.size()).isEqualTo(offset);
    Slice recurrent = layout.slice("layers.2.weight_hh_l0");
    assertThat(recurrent.rows()).isEqualTo(4);
    assertThat(recurrent.columns()).isEqualTo(12);
    assertThat(recurrent.blocks()).isEqualTo(3);
    assertThat(recurrent.role()).isEqualTo(Role.RECURRENT_WEIGHT);
    assertThat(recurrent.transposedInFiles()).isTrue();
    assertThat(layout.slice("layers.0.weight").transposedInFiles()).isFalse();
    assertThat(layout.slice("layers.1.weight_co_l0").isVector()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Network.input(1).dense(1).linear().parameterLayout().slice("w"))
        .withMessage("parameter: expected one of [layers.0.weight, layers.0.bias], got w");
  }

  @Test
  void theStateHoldsWhatIsRemembered() {
    StateLayout layout =
        Network.input(3).lstm(2).gru(4).dense(5).maxOverTime().dense(1).linear().stateLayout();

    assertThat(layout.slices())
        .containsExactly(
            new StateLayout.Slice("layers.0.h", 0, 0, 2),
            new StateLayout.Slice("layers.0.c", 0, 2, 2),
            new StateLayout.Slice("layers.1.h", 1, 4, 4),
            new StateLayout.Slice("layers.3.maximum", 3, 8, 5),
            new StateLayout.Slice("layers.3.steps", 3, 13, 1));
    assertThat(layout.size()).isEqualTo(14);
    assertThat(layout.offset(3)).isEqualTo(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout.offset(2))
        .withMessage("layer 2 keeps no state");
    assertThat(Network.input(3).elman(2).meanOverTime().linear().stateLayout().slices())
        .extracting(StateLayout.Slice::name)
        .containsExactly("layers.0.h", "layers.1.sum", "layers.1.sum_rest", "layers.1.steps");
    assertThat(ROWS.stateLayout().size()).isEqualTo(256);
  }

  @Test
  void aBidirectionalNetworkCannotBeStepped() {
    Network network = Network.input(3).gru(2).bidirectional(new Cell.Lstm(), 2).linear();
    assertThat(network.canStep()).isFalse();
    assertThat(ROWS.canStep()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(network::stateLayout)
        .withMessage(
            "layer 1 (Bidirectional LSTM) needs the whole sequence: a network with it cannot be"
                + " run one input at a time");
  }

  @Test
  void signalsSayWhatFlowsBetweenLayers() {
    Network network =
        Network.tokens(9)
            .embedding(4)
            .dropout(0.5)
            .bidirectional(new Cell.Elman(Activation.RELU), 3)
            .meanOverTime()
            .dense(2)
            .linear();
    assertThat(network.signals())
        .containsExactly(
            new Network.Signal(1, true),
            new Network.Signal(4, true),
            new Network.Signal(4, true),
            new Network.Signal(6, true),
            new Network.Signal(6, false),
            new Network.Signal(2, false));
    assertThat(network.outputSize()).isEqualTo(2);
    assertThat(network.perStep()).isFalse();
    assertThat(Network.input(2).lstm(3).sigmoid().perStep()).isTrue();
    for (Layer.Bidirectional.Merge merge : Layer.Bidirectional.Merge.values()) {
      Layer layer = new Layer.Bidirectional(new Cell.Lstm(), 3, merge);
      assertThat(Network.input(2).layer(layer).linear().outputSize())
          .isEqualTo(merge == Layer.Bidirectional.Merge.CONCATENATE ? 6 : 3);
    }
    assertThat(Network.input(2).dropout(0).lstm(1).linear().layers()).hasSize(1);
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    assertRefused(
        () -> new Network(new Input.Features(3), List.of(), Head.LINEAR),
        "network: expected at least one layer, got none");
    assertRefused(
        () -> Network.input(3).embedding(2).linear(),
        "layer 0 (Embedding): expected to be the first layer of a network on tokens");
    assertRefused(
        () -> Network.tokens(3).embedding(2).embedding(2).linear(),
        "layer 1 (Embedding): expected to be the first layer of a network on tokens");
    assertRefused(
        () -> Network.tokens(3).lstm(2).linear(),
        "layer 0 (LSTM): expected an embedding as the first layer, since the input is tokens");
    assertRefused(
        () -> Network.input(3).lstm(2).lastStep().gru(2).linear(),
        "layer 2 (GRU (reset after)): expected a vector at every step, got one per sequence (from"
            + " a layer before it)");
    assertRefused(
        () -> Network.input(3).lastStep().dense(2).maxOverTime().linear(),
        "layer 2 (Maximum over time): expected a vector at every step, got one per sequence (from"
            + " a layer before it)");
    assertRefused(
        () ->
            Network.input(3).lastStep().bidirectional(new Cell.Lstm().withPeepholes(), 1).linear(),
        "layer 1 (Bidirectional LSTM (variant)): expected a vector at every step, got one per"
            + " sequence (from a layer before it)");
  }

  @Test
  void sizesAndRatesOutOfRangeAreRefused() {
    assertRefused(() -> Network.input(0), "input: expected at least 1 feature, got 0");
    assertRefused(() -> Network.tokens(-1), "input: expected at least 1 token, got -1");
    assertRefused(
        () -> Network.input(1).lstm(0), "lstm layer: expected a hidden size of at least 1, got 0");
    assertRefused(
        () -> Network.input(1).dense(-2), "dense layer: expected a size of at least 1, got -2");
    assertRefused(
        () -> Network.tokens(1).embedding(0),
        "embedding layer: expected a size of at least 1, got 0");
    assertRefused(
        () -> Network.input(1).bidirectional(new Cell.Elman(Activation.TANH), 0),
        "elman layer: expected a hidden size of at least 1, got 0");
    assertRefused(() -> Network.input(1).dropout(1), "dropout: expected a rate in [0, 1), got 1.0");
    assertRefused(
        () -> new Layer.Dropout(Float.NaN), "dropout: expected a rate in [0, 1), got NaN");
    assertRefused(
        () -> new Cell.Elman(Activation.SIGMOID),
        "Elman cell: expected activation TANH or RELU, got SIGMOID");
    assertRefused(
        () -> new Cell.Lstm().withForgetBias(Double.NaN),
        "LSTM cell: expected a finite forget bias, got NaN");
    assertRefused(
        () -> new Cell.Lstm().withCellClip(-1),
        "LSTM cell: expected a cell clip of 0 (none) or a finite number above, got -1.0");
    assertRefused(
        () -> new BiasInitializer.Chrono(2),
        "chrono initializer: expected a longest dependency of at least 3 steps, got 2");
    assertRefused(
        () ->
            new Layer.Recurrent(new Cell.Elman(Activation.TANH), 1)
                .withBiases(new BiasInitializer.Chrono(9)),
        "elman layer: expected biases that start as usual, got chrono, which is for the gates of an"
            + " LSTM or GRU");
    assertRefused(
        () -> new Initializer.Uniform(0),
        "uniform initializer: expected a finite bound above 0, got 0.0");
    assertRefused(
        () -> new Initializer.Constant(Float.NaN),
        "constant initializer: expected a finite value, got NaN");
    assertRefused(
        () -> new Parameters(ROWS, new float[3]),
        "parameters: expected 81674 values (from the network's layers), got 3");
    Network huge = Network.input(1 << 20).dense(1 << 20).linear();
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(huge::parameterLayout)
        .withMessage("network: expected at most 2147483647 parameters, got more");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Network.input(1).lstm(Integer.MAX_VALUE).linear().parameterLayout())
        .withMessage("network: expected at most 2147483647 parameters, got more");
  }

  @Test
  void theFingerprintTellsModelsApart() {
    Network network = Network.input(2).lstm(2).linear();
    Parameters parameters = Parameters.initialize(network, 1);
    String fingerprint = parameters.fingerprint();
    assertThat(fingerprint).matches("[0-9a-f]{64}").isEqualTo(parameters.copy().fingerprint());

    Parameters negativeZero = parameters.copy();
    int bias = network.parameterLayout().slice("layers.0.bias_l0").offset();
    assertThat(negativeZero.values()[bias]).isZero();
    negativeZero.values()[bias] = -0f;
    assertThat(negativeZero.fingerprint()).isNotEqualTo(fingerprint);

    for (Cell cell :
        List.of(
            new Cell.Lstm().withCellClip(1),
            new Cell.Lstm().withGateActivation(GateActivation.HARD_SIGMOID_KERAS_3))) {
      Network other = Network.input(2).recurrent(cell, 2).linear();
      assertThat(new Parameters(other, parameters.values()).fingerprint())
          .isNotEqualTo(fingerprint);
    }
    assertThat(
            new Parameters(Network.input(2).lstm(2).softmax(), parameters.values()).fingerprint())
        .isNotEqualTo(fingerprint);
    // What only matters before training does not: a state of the one fits the other.
    Network otherStart = Network.input(2).recurrent(new Cell.Lstm().withForgetBias(2), 2).linear();
    assertThat(new Parameters(otherStart, parameters.values()).fingerprint())
        .isEqualTo(fingerprint);
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }
}
