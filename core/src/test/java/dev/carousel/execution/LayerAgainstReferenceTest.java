package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Layer.Bidirectional;
import dev.carousel.network.Layer.Pool;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every other layer, and stacks of layers, in single precision against the reference. */
class LayerAgainstReferenceTest {
  private static final int[] LENGTHS = {7, 5, 5, 2, 1};

  static List<Bidirectional> bothDirections() {
    List<Bidirectional> layers = new ArrayList<>();
    Cell.Lstm variant = new Cell.Lstm().withPeepholes().withCellClip(CellVariants.CLIP);
    for (Bidirectional.Merge merge : Bidirectional.Merge.values()) {
      layers.add(new Bidirectional(new Cell.Elman(Activation.TANH), 3, merge));
      layers.add(new Bidirectional(new Cell.Lstm(), 33, merge));
      layers.add(new Bidirectional(variant, 5, merge));
      layers.add(new Bidirectional(new Cell.Gru(Cell.Gru.Reset.BEFORE), 16, merge));
      layers.add(new Bidirectional(new Cell.Gru(Cell.Gru.Reset.AFTER), 1, merge));
    }
    return layers;
  }

  @ParameterizedTest
  @MethodSource("bothDirections")
  void bidirectional(Bidirectional layer) {
    check(Network.input(4).layer(layer).linear(), 7 * 5 * 33);
  }

  @Test
  void embedding() {
    // More occurrences than tokens: gradients add up.
    check(Network.tokens(6).embedding(5).linear(), 20);
  }

  @ParameterizedTest
  @MethodSource("bothDirections")
  void bidirectionalBehindAnEmbedding(Bidirectional layer) {
    check(Network.tokens(4).embedding(3).layer(layer).linear(), 7 * 5 * 33);
  }

  static List<Cell> cells() {
    return CellVariants.all();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void recurrentBehindAnEmbedding(Cell cell) {
    check(Network.tokens(4).embedding(3).recurrent(cell, 9).linear(), 1000);
  }

  @ParameterizedTest
  @EnumSource
  void densePerStep(Activation activation) {
    check(Network.input(9).dense(70, activation).linear(), 80);
  }

  @ParameterizedTest
  @EnumSource
  void densePerSequence(Activation activation) {
    check(Network.input(9).lastStep().dense(70, activation).linear(), 80);
  }

  @ParameterizedTest
  @EnumSource
  void pools(Pool.Kind kind) {
    check(Network.input(9).layer(new Pool(kind)).linear(), 7);
  }

  static List<Network> stacks() {
    Cell.Lstm variant = new Cell.Lstm().withPeepholes().withCoupledInputForget();
    Cell hard = new Cell.Lstm().withGateActivation(GateActivation.HARD_SIGMOID_KERAS_3);
    return List.of(
        Network.input(5).lstm(9).lstm(8).lstm(7).linear(),
        Network.input(5).gru(9).elman(8).dense(4).softmax(),
        Network.tokens(9).embedding(6).lstm(17).lastStep().dense(5).softmax(),
        Network.tokens(9)
            .embedding(6)
            .recurrent(variant, 7)
            .dense(6, Activation.TANH)
            .recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 5)
            .meanOverTime()
            .dense(8, Activation.SIGMOID)
            .dense(2)
            .linear(),
        Network.input(5)
            .dense(6, Activation.TANH)
            .bidirectional(hard, 8)
            .bidirectional(new Cell.Gru(Cell.Gru.Reset.AFTER), 4)
            .maxOverTime()
            .dense(3)
            .sigmoid());
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void stacksOfLayers(Network network) {
    check(network, 1000);
  }

  private static void check(Network network, int terms) {
    RandomArrays random = new RandomArrays(11);
    ReferenceNetwork reference = new ReferenceNetwork(network, random);
    SequenceRun run = new SequenceRun(reference.fixture.compile());
    double[][][] x = Cases.inputs(network, LENGTHS, random);
    double[][][] expected = reference.forward(x);
    double[][][] dOutputs = Cases.outputGradients(network, LENGTHS, random);
    double[][][] dInputs = reference.backward(dOutputs);
    Rounding rounding = new Rounding(terms);

    run.on(x).forward();
    rounding.compare("outputs", expected, run.outputs());
    run.seed(dOutputs).backward();
    if (dInputs.length > 0) {
      rounding.compare("dx", dInputs, run.inputGradients());
    }
    float[] gradients = run.weightGradients();
    for (int i = 0; i < reference.layers.size(); i++) {
      int layer = i;
      reference
          .layers
          .get(i)
          .gradients
          .forEach(
              (suffix, wanted) ->
                  rounding.compare(
                      "layer " + layer + " d",
                      wanted,
                      reference.fixture.read(gradients, layer, suffix, wanted)));
    }
  }

  @Test
  void onlyARecurrentLayerHasATape() {
    CompiledNetwork network =
        NetworkFixture.random(Network.input(2).dense(3).linear(), 1, 1).compile();
    assertThatThrownBy(() -> NetworkPass.forTraining(network).tape(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 0: expected a recurrent layer, got Dense");
  }
}
