package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The numbers in Keras's own unit tests: 46 cases of three cells with constant weights. */
class KerasCasesTest {

  @Test
  void thereAreFortySix() {
    assertThat(KerasCase.all()).hasSize(46);
  }

  @TestFactory
  List<DynamicTest> everyCase() {
    List<DynamicTest> tests = new ArrayList<>();
    for (KerasCase keras : KerasCase.all()) {
      tests.add(DynamicTest.dynamicTest(keras.name(), () -> check(keras)));
    }
    return tests;
  }

  private static void check(KerasCase keras) {
    double[][][] sequences = keras.sequences();
    CellReference cell = cell(keras);
    double[][] h = new double[sequences.length][cell.hiddenSize()];
    double[][] c = new double[sequences.length][cell.cellSize()];
    if (keras.hasInitialState()) {
      h = keras.initialState()[0];
      c = cell.cellSize() > 0 ? keras.initialState()[1] : c;
    }
    RecurrentRun run = cell.forward(sequences, h, c);
    for (int call = 1; call < keras.calls(); call++) {
      run = cell.forward(sequences, run.finalH(), run.finalC());
    }
    int b = keras.assertedSequence();
    double[][] actual = keras.perStep() ? keras.expanded(b, run.outputs()[b]) : run.finalH();
    AbsoluteError.assertBelow(2e-7, keras.asserted(), keras.expected(), actual);
  }

  private static CellReference cell(KerasCase keras) {
    int units = keras.units();
    int inputSize = keras.inputSize();
    double kernel = keras.weight("kernel");
    double recurrent = keras.weight("recurrent");
    double bias = keras.bias();
    switch (keras.layer()) {
      case "SimpleRNN":
        return new ElmanReference(
            Activation.TANH,
            Layout.filled(inputSize, units, kernel),
            Layout.filled(units, units, recurrent),
            Layout.filled(units, bias));
      case "LSTM":
        double[] lstmBias = Layout.filled(4 * units, bias);
        if (keras.flag("use_bias", true) && keras.flag("unit_forget_bias", true)) {
          System.arraycopy(Layout.filled(units, 1), 0, lstmBias, units, units);
        }
        return new LstmReference(
            LstmReference.Options.standard(),
            Layout.filled(inputSize, 4 * units, kernel),
            Layout.filled(units, 4 * units, recurrent),
            lstmBias);
      case "GRU":
        boolean after = keras.flag("reset_after", true);
        double[] gruBias = Layout.filled(3 * units, bias);
        if (after) {
          // The recurrent biases of r and z merge with the input's; that of n does not.
          System.arraycopy(Layout.filled(2 * units, 2 * bias), 0, gruBias, 0, 2 * units);
        }
        return new GruReference(
            after ? GruReference.Options.resetAfter() : GruReference.Options.resetBefore(),
            Layout.filled(inputSize, 3 * units, kernel),
            Layout.filled(units, 3 * units, recurrent),
            gruBias,
            Layout.filled(after ? units : 0, bias));
      default:
        throw new IllegalArgumentException(
            "layer: expected SimpleRNN, LSTM or GRU, got " + keras.layer());
    }
  }
}
