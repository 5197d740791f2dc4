package dev.carousel.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.execution.CellVariants;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.ReferenceNetwork;
import dev.carousel.execution.Rounding;
import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell in single precision against the reference, over a ragged batch. */
class CellAgainstReferenceTest {
  private static final int[] LENGTHS = {7, 5, 5, 2, 1};

  static List<Cell> cells() {
    return CellVariants.all();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void oneUnit(Cell cell) {
    check(cell, 1, 1);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void threeUnits(Cell cell) {
    check(cell, 5, 3);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void sixteenUnits(Cell cell) {
    check(cell, 8, 16);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void thirtyThreeUnits(Cell cell) {
    check(cell, 20, 33);
  }

  /** Their product with the input is computed before the steps. */
  @ParameterizedTest
  @MethodSource("cells")
  void inputWeightsTooLargeToReadAtEveryStep(Cell cell) {
    check(cell, 4000, 17);
  }

  private static void check(Cell cell, int inputSize, int hiddenSize) {
    RandomArrays random = new RandomArrays(hiddenSize);
    Network network = Network.input(inputSize).recurrent(cell, hiddenSize).linear();
    ReferenceNetwork reference = new ReferenceNetwork(network, random);
    SequenceRun run = new SequenceRun(reference.fixture.compile());
    double[][][] x = random.sequences(LENGTHS, inputSize, 2);
    double[][][] dOutputs = random.sequences(LENGTHS, hiddenSize, 1);
    double[][] states = random.matrix(LENGTHS.length, network.stateLayout().size(), 1);
    double[][] dCells = random.matrix(LENGTHS.length, hiddenSize, 1);
    int gateColumns = cell.gates().size() * hiddenSize;
    Rounding rounding = new Rounding(LENGTHS[0] * (inputSize + hiddenSize + gateColumns) + 20);

    reference.recurrent().from(states);
    reference.recurrent().seedCells(dCells);
    double[][][] expected = reference.forward(x);
    double[][][] dInputs = reference.backward(dOutputs);

    run.on(x).from(states).forward();
    rounding.compare("outputs", expected, run.outputs());
    rounding.compare("final states", reference.recurrent().states(), run.states());
    if (hiddenSize >= 16) {
      assertOptionsAct(cell, run.pass(), hiddenSize);
    }
    run.seed(dOutputs);
    if (cell instanceof Cell.Lstm) {
      run.seedCells(0, dCells);
    }
    run.backward();
    rounding.compare("dx", dInputs, run.inputGradients());
    rounding.compare(
        "d initial states",
        reference.recurrent().initialStateGradients(),
        run.initialStateGradients(0, hiddenSize));
    reference
        .recurrent()
        .gradients
        .forEach(
            (suffix, gradients) ->
                rounding.compare(
                    "d",
                    gradients,
                    reference.fixture.read(run.weightGradients(), 0, suffix, gradients)));
  }

  /** A clip that clips nothing, or a hard gate that is never shut, would prove nothing. */
  private static void assertOptionsAct(Cell cell, NetworkPass pass, int hiddenSize) {
    if (!(cell instanceof Cell.Lstm lstm)) {
      return;
    }
    int total = pass.steps().total();
    if (lstm.cellClip() > 0) {
      int clipped = 0;
      for (int k = LENGTHS.length * hiddenSize; k < (LENGTHS.length + total) * hiddenSize; k++) {
        clipped += Math.abs(pass.tape(0).c()[k]) == lstm.cellClip() ? 1 : 0;
      }
      assertThat(clipped).as("clipped cells").isBetween(10, total * hiddenSize - 10);
    }
    if (lstm.gateActivation() != GateActivation.SIGMOID) {
      int shut = 0;
      int open = 0;
      for (int k = 0; k < total * 4 * hiddenSize; k++) {
        shut += pass.tape(0).z()[k] == 0f ? 1 : 0;
        open += pass.tape(0).z()[k] == 1f ? 1 : 0;
      }
      assertThat(Math.min(shut, open)).as("gates shut, gates open").isGreaterThan(5);
    }
  }
}
