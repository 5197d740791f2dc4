package dev.carousel.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.testkit.AbsoluteError;
import dev.carousel.testkit.KerasCase;
import dev.carousel.testkit.Layout;
import dev.carousel.testkit.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The numbers in Keras's own unit tests: 46 cases of three cells with constant weights. All can be
 * expressed.
 */
class KerasCasesTest {
  @TestFactory
  List<DynamicTest> everyCase() {
    List<DynamicTest> tests = new ArrayList<>();
    for (KerasCase keras : KerasCase.all()) {
      tests.add(DynamicTest.dynamicTest(keras.name(), () -> check(keras)));
    }
    assertThat(tests).hasSize(46);
    return tests;
  }

  private static void check(KerasCase keras) {
    Cell cell = cell(keras);
    SequenceRun run = Foreign.run(cell, parameters(cell, keras));
    double[][][] sequences = keras.sequences();
    double[][] actual = new double[sequences.length][];
    for (int b = 0; b < sequences.length; b++) {
      double[][] state = initialState(keras, cell, b);
      // Alone, since masks make the sequences differ in length in any order.
      for (int call = 0; call < keras.calls(); call++) {
        run.on(new double[][][] {sequences[b]}).from(state).forward();
        state = run.states();
      }
      if (!keras.perStep()) {
        actual[b] = Arrays.copyOf(state[0], keras.units());
      } else if (b == keras.assertedSequence()) {
        actual = keras.expanded(b, run.outputs()[0]);
        break;
      }
    }
    AbsoluteError.assertBelow(3e-7, keras.asserted(), keras.expected(), actual);
  }

  private static Cell cell(KerasCase keras) {
    return switch (keras.layer()) {
      case "SimpleRNN" -> new Cell.Elman(Activation.TANH);
      case "LSTM" -> new Cell.Lstm();
      case "GRU" ->
          new Cell.Gru(
              keras.flag("reset_after", true) ? Cell.Gru.Reset.AFTER : Cell.Gru.Reset.BEFORE);
      default ->
          throw new IllegalArgumentException(
              "layer: expected SimpleRNN, LSTM or GRU, got " + keras.layer());
    };
  }

  private static Parameters parameters(Cell cell, KerasCase keras) {
    int units = keras.units();
    int width = cell.gates().size() * units;
    double[] bias = Layout.filled(width, keras.bias());
    Parameters parameters =
        new Parameters()
            .with("weightIh", Layout.filled(keras.inputSize(), width, keras.weight("kernel")))
            .with("weightHh", Layout.filled(units, width, keras.weight("recurrent")))
            .with("bias", bias);
    if (cell instanceof Cell.Lstm
        && keras.flag("use_bias", true)
        && keras.flag("unit_forget_bias", true)) {
      Arrays.fill(bias, units, 2 * units, 1);
    }
    if (cell instanceof Cell.Gru gru && gru.reset() == Cell.Gru.Reset.AFTER) {
      Arrays.fill(bias, 0, 2 * units, 2 * keras.bias());
      parameters.with("recurrentBias", Layout.filled(units, keras.bias()));
    }
    return parameters;
  }

  private static double[][] initialState(KerasCase keras, Cell cell, int b) {
    if (!keras.hasInitialState()) {
      return new double[1][cell.stateParts().size() * keras.units()];
    }
    double[][][] initial = keras.initialState();
    return initial.length == 1
        ? new double[][] {initial[0][b]}
        : Foreign.states(new double[][] {initial[0][b]}, new double[][] {initial[1][b]});
  }
}
