package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.Packing;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.RandomArrays;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with a state that was not loaded are left out, and it cannot be seen. */
class ZeroStateTest {
  private static final int[] LENGTHS = {4, 3, 1};

  static List<Cell> cells() {
    return CellVariants.all();
  }

  private static Network network(Cell cell) {
    return Network.input(5).recurrent(cell, 9).recurrent(cell, 3).linear();
  }

  /** Outputs, states, and the gradients of inputs and parameters. */
  private record Outcome(
      double[][][] outputs, double[][] states, double[][][] dInputs, float[] dParameters) {
    static Outcome of(NetworkFixture fixture, double[][][] x, boolean loadZeros) {
      Network network = fixture.parameters().network();
      SequenceRun run = new SequenceRun(fixture.compile()).on(x);
      if (loadZeros) {
        run.from(new double[x.length][network.stateLayout().size()]);
      }
      run.forward();
      double[][][] outputs = run.outputs();
      double[][] states = run.states();
      int[] lengths = Arrays.stream(x).mapToInt(sequence -> sequence.length).toArray();
      run.seed(Cases.outputGradients(network, lengths, new RandomArrays(8))).backward();
      return new Outcome(outputs, states, run.inputGradients(), run.weightGradients());
    }

    void assertSame(Outcome other) {
      Bits.assertSame("outputs", outputs, other.outputs);
      Bits.assertSame("states", states, other.states);
      Bits.assertSame("dInputs", dInputs, other.dInputs);
      Bits.assertSame("dParameters", dParameters, other.dParameters);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void zerosThatWereLoadedGiveTheSameBits(Cell cell) {
    Network network = network(cell);
    NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
    double[][][] x = Cases.inputs(network, LENGTHS, new RandomArrays(5));
    Outcome.of(fixture, x, false).assertSame(Outcome.of(fixture, x, true));
  }

  /** Every pre-activation is -0, to which a product with zeros adds +0 for positive weights. */
  @ParameterizedTest
  @MethodSource("cells")
  void theSignOfAZeroDoesNotShow(Cell cell) {
    Network network = network(cell);
    NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
    Parameters parameters = fixture.parameters();
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        switch (slice.role()) {
          case BIAS -> parameters.values()[i] = -0f;
          case WEIGHT -> parameters.values()[i] = -Math.abs(parameters.values()[i]);
          default -> parameters.values()[i] = Math.abs(parameters.values()[i]);
        }
      }
    }
    double[][][] x = {{{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}, {{0, 0, 0, 0, 0}}};
    Outcome.of(fixture, x, false).assertSame(Outcome.of(fixture, x, true));
  }

  /** Zero times infinity is NaN, and must be seen. */
  @ParameterizedTest
  @MethodSource("cells")
  void aWeightThatIsNotFiniteIsNotPassedOver(Cell cell) {
    for (float weight : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Network network = Network.input(5).recurrent(cell, 9).linear();
      NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
      Parameters parameters = fixture.parameters();
      ParameterLayout.Slice slice = parameters.layout().slice("layers.0.weight_hh_l0");
      parameters.values()[slice.offset() + slice.size() - 1] = weight;
      double[][][] x = Cases.inputs(network, new int[] {1}, new RandomArrays(5));
      double[][][] outputs = new SequenceRun(fixture.compile()).on(x).forward().outputs();
      assertThat(outputs[0][0]).contains(Double.NaN);
    }
  }

  @Test
  void weightsAreLookedAtWheneverTheyArePacked() {
    Network network = Network.input(5).lstm(9).linear();
    NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
    CompiledNetwork compiled = fixture.compile();
    double[][][] x = Cases.inputs(network, new int[] {1}, new RandomArrays(5));
    assertThat(new SequenceRun(compiled).on(x).forward().outputs()[0][0])
        .doesNotContain(Double.NaN);
    ParameterLayout.Slice slice = fixture.parameters().layout().slice("layers.0.weight_hh_l0");
    fixture.parameters().values()[slice.offset()] = Float.POSITIVE_INFINITY;
    compiled.pack(0, 1, Packing.FORWARD);
    assertThat(new SequenceRun(compiled).on(x).forward().outputs()[0][0]).contains(Double.NaN);
  }

  /** The buffers remember no zeros from the batch before. */
  @Test
  void aStateThatIsLoadedCountsAgain() {
    Network network = network(new Cell.Lstm());
    NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
    double[][][] x = Cases.inputs(network, LENGTHS, new RandomArrays(5));
    double[][] states = Cases.states(network, LENGTHS.length, new RandomArrays(6));
    SequenceRun run = new SequenceRun(fixture.compile());
    run.on(x).forward();
    double[][][] fromZero = run.outputs();
    run.on(x).from(states).forward();
    assertThat(run.outputs()).isNotEqualTo(fromZero);
    run.on(x).forward();
    Bits.assertSame("zero again", fromZero, run.outputs());
  }

  /** Whatever the batches before it were, smaller or larger, from zero or not. */
  @ParameterizedTest
  @MethodSource("cells")
  void everyBatchBeginsFromZero(Cell cell) {
    Network network = network(cell);
    CompiledNetwork compiled = NetworkFixture.random(network, 3, 0.6).compile();
    SequenceRun run = new SequenceRun(compiled);
    // The largest first: arrays that grow are zero by themselves.
    int[] sizes = {6, 1, 6, 2, 3, 6, 5, 1, 4, 6};
    for (int i = 0; i < sizes.length; i++) {
      int[] lengths = new int[sizes[i]];
      Arrays.fill(lengths, 3);
      double[][][] x = Cases.inputs(network, lengths, new RandomArrays(i));
      double[][][] d = Cases.outputGradients(network, lengths, new RandomArrays(i));
      SequenceRun fresh = new SequenceRun(compiled).on(x);
      Bits.assertSame("batch " + i, fresh.forward().outputs(), run.on(x).forward().outputs());
      assertBeginsFromZero(run.pass());
      Bits.assertSame(
          "weights, batch " + i,
          fresh.seed(d).backward().weightGradients(),
          run.seed(d).backward().weightGradients());
      if (i == 4 || i == 7) {
        double[][] states = Cases.states(network, sizes[i], new RandomArrays(i));
        assertThat(run.on(x).from(states).forward().outputs()).isNotEqualTo(fresh.outputs());
      }
    }
  }

  private static void assertBeginsFromZero(NetworkPass pass) {
    for (int layer = 0; layer < 2; layer++) {
      int values = pass.steps().batchSize() * (layer == 0 ? 9 : 3);
      for (float[] states : new float[][] {pass.tape(layer).h(), pass.tape(layer).c()}) {
        for (int i = 0; i < Math.min(values, states.length); i++) {
          assertThat(Float.floatToRawIntBits(states[i]))
              .as("layer %d, state %d", layer, i)
              .isZero();
        }
      }
    }
  }
}
