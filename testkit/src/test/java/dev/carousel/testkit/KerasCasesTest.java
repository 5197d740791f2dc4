package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The numbers in Keras's own unit tests: 46 cases of three cells with constant weights. */
class KerasCasesTest {

  private static List<Json> cases() {
    return Json.read(SharedData.file("reference/numeric_refs/keras_rnn_cases.json"))
        .get("cases")
        .elements();
  }

  @Test
  void thereAreFortySix() {
    assertThat(cases()).hasSize(46);
  }

  @TestFactory
  List<DynamicTest> everyCase() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Json keras : cases()) {
      String name = keras.get("source").text() + " " + keras.get("asserted").text();
      tests.add(DynamicTest.dynamicTest(name, () -> check(keras)));
    }
    return tests;
  }

  private static void check(Json keras) {
    Json config = keras.get("config");
    double[][][] sequences = keras.get("sequence").cube();
    boolean[][] mask = mask(keras, sequences);
    if (config.flag("go_backwards", false)) {
      sequences = BidirectionalReference.reversed(sequences);
      mask = reversed(mask);
    }
    // Keras carries the state over a masked step, which is what leaving the step out does.
    double[][][] kept = kept(sequences, mask);
    CellReference cell =
        cell(
            keras.get("layer").text(),
            (int) keras.get("units").number(),
            sequences[0][0].length,
            config);
    double[][] h = new double[kept.length][cell.hiddenSize()];
    double[][] c = new double[kept.length][cell.cellSize()];
    if (keras.has("initial_state")) {
      boolean two = cell.cellSize() > 0;
      h = two ? keras.get("initial_state").cube()[0] : keras.get("initial_state").matrix();
      c = two ? keras.get("initial_state").cube()[1] : c;
    }
    RecurrentRun run = cell.forward(kept, h, c);
    for (int call = 1; call < (int) keras.get("calls_since_reset").number(); call++) {
      run = cell.forward(kept, run.finalH(), run.finalC());
    }
    double[][] expected = keras.get("expected").matrix();
    double[][] actual = run.finalH();
    if (config.flag("return_sequences", false)) {
      int b = keras.get("asserted").text().equals("output[0]") ? 0 : 1;
      actual =
          expanded(
              run.outputs()[b],
              mask[b],
              config.flag("zero_output_for_mask", false),
              cell.hiddenSize());
    }
    assertThat(actual).hasDimensions(expected.length, expected[0].length);
    for (int row = 0; row < expected.length; row++) {
      for (int j = 0; j < expected[row].length; j++) {
        assertThat(Math.abs(actual[row][j] - expected[row][j]))
            .as("[%d][%d] of %s", row, j, expected[row][j])
            .isLessThan(2e-7);
      }
    }
  }

  private static CellReference cell(String layer, int units, int inputSize, Json config) {
    double kernel = config.get("kernel_initializer").number();
    double recurrent = config.get("recurrent_initializer").number();
    double bias = config.flag("use_bias", true) ? config.get("bias_initializer").number() : 0;
    switch (layer) {
      case "SimpleRNN":
        return new ElmanReference(
            Activation.TANH,
            Layout.filled(inputSize, units, kernel),
            Layout.filled(units, units, recurrent),
            Layout.filled(units, bias));
      case "LSTM":
        double[] lstmBias = Layout.filled(4 * units, bias);
        if (config.flag("use_bias", true) && config.flag("unit_forget_bias", true)) {
          System.arraycopy(Layout.filled(units, 1), 0, lstmBias, units, units);
        }
        return new LstmReference(
            LstmReference.Options.standard(),
            Layout.filled(inputSize, 4 * units, kernel),
            Layout.filled(units, 4 * units, recurrent),
            lstmBias);
      case "GRU":
        boolean after = config.flag("reset_after", true);
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
        throw new IllegalArgumentException("layer: expected SimpleRNN, LSTM or GRU, got " + layer);
    }
  }

  private static boolean[][] mask(Json keras, double[][][] sequences) {
    boolean[][] mask = new boolean[sequences.length][];
    for (int b = 0; b < sequences.length; b++) {
      mask[b] = new boolean[sequences[b].length];
      for (int t = 0; t < mask[b].length; t++) {
        mask[b][t] =
            !keras.has("mask") || keras.get("mask").elements().get(b).elements().get(t).flag();
      }
    }
    return mask;
  }

  private static boolean[][] reversed(boolean[][] mask) {
    boolean[][] reversed = new boolean[mask.length][];
    for (int b = 0; b < mask.length; b++) {
      reversed[b] = new boolean[mask[b].length];
      for (int t = 0; t < mask[b].length; t++) {
        reversed[b][t] = mask[b][mask[b].length - 1 - t];
      }
    }
    return reversed;
  }

  private static double[][][] kept(double[][][] sequences, boolean[][] mask) {
    double[][][] kept = new double[sequences.length][][];
    for (int b = 0; b < sequences.length; b++) {
      List<double[]> steps = new ArrayList<>();
      for (int t = 0; t < sequences[b].length; t++) {
        if (mask[b][t]) {
          steps.add(sequences[b][t]);
        }
      }
      kept[b] = steps.toArray(new double[0][]);
    }
    return kept;
  }

  /** At a masked step Keras repeats the output before it, or gives zeros. */
  private static double[][] expanded(double[][] outputs, boolean[] mask, boolean zero, int size) {
    double[][] expanded = new double[mask.length][size];
    int next = 0;
    for (int t = 0; t < mask.length; t++) {
      if (mask[t]) {
        expanded[t] = outputs[next++];
      } else if (!zero && next > 0) {
        expanded[t] = outputs[next - 1];
      }
    }
    return expanded;
  }
}
