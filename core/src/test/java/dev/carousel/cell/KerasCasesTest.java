package dev.carousel.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.SharedData;
import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.testkit.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The numbers in Keras's own unit tests: 46 cases of three cells with constant weights. All can be
 * expressed: Keras carries the state over a masked step, which is what leaving the step out does,
 * and go_backwards is a sequence given backwards.
 */
class KerasCasesTest {
  @TestFactory
  List<DynamicTest> everyCase() {
    List<Json> cases =
        Json.read(SharedData.path("reference/numeric_refs/keras_rnn_cases.json"))
            .get("cases")
            .elements();
    assertThat(cases).hasSize(46);
    List<DynamicTest> tests = new ArrayList<>();
    for (Json keras : cases) {
      String name = keras.get("source").text() + " " + keras.get("asserted").text();
      tests.add(DynamicTest.dynamicTest(name, () -> check(keras)));
    }
    return tests;
  }

  private static void check(Json keras) {
    Json config = keras.get("config");
    int units = (int) keras.get("units").number();
    Cell cell = cell(keras.get("layer").text(), config);
    double[][][] sequences = keras.get("sequence").cube();
    SequenceRun run = Foreign.run(cell, parameters(cell, sequences[0][0].length, units, config));
    String asserted = keras.get("asserted").text();
    boolean perStep = config.flag("return_sequences", false);
    double[][] actual = new double[sequences.length][];
    for (int b = 0; b < sequences.length; b++) {
      List<double[]> kept = kept(keras, b, sequences[b]);
      double[][] state = initialState(keras, cell, b, units);
      // Alone, since masks make the sequences differ in length in any order.
      for (int call = 0; call < (int) keras.get("calls_since_reset").number(); call++) {
        run.on(new double[][][] {kept.toArray(double[][]::new)}).from(state).forward();
        state = run.states();
      }
      if (perStep && asserted.equals("output[" + b + "]")) {
        boolean zero = config.flag("zero_output_for_mask", false);
        actual = expanded(keras, b, run.outputs()[0], zero);
      } else if (!perStep) {
        actual[b] = Arrays.copyOf(state[0], units);
      }
    }
    Foreign.assertClose(asserted, keras.get("expected").matrix(), actual, 3e-7);
  }

  private static Cell cell(String layer, Json config) {
    return switch (layer) {
      case "SimpleRNN" -> new Cell.Elman(Activation.TANH);
      case "LSTM" -> new Cell.Lstm();
      case "GRU" ->
          new Cell.Gru(
              config.flag("reset_after", true) ? Cell.Gru.Reset.AFTER : Cell.Gru.Reset.BEFORE);
      default ->
          throw new IllegalArgumentException(
              "layer: expected SimpleRNN, LSTM or GRU, got " + layer);
    };
  }

  private static Parameters parameters(Cell cell, int inputSize, int units, Json config) {
    int width = cell.gates().size() * units;
    boolean biased = config.flag("use_bias", true);
    double initial = biased ? config.get("bias_initializer").number() : 0;
    double[] bias = filled(width, initial);
    Parameters parameters =
        new Parameters()
            .with("weightIh", filled(inputSize, width, config.get("kernel_initializer").number()))
            .with("weightHh", filled(units, width, config.get("recurrent_initializer").number()))
            .with("bias", bias);
    if (cell instanceof Cell.Lstm && biased && config.flag("unit_forget_bias", true)) {
      Arrays.fill(bias, units, 2 * units, 1);
    }
    if (cell instanceof Cell.Gru gru && gru.reset() == Cell.Gru.Reset.AFTER) {
      Arrays.fill(bias, 0, 2 * units, 2 * initial);
      parameters.with("recurrentBias", filled(units, initial));
    }
    return parameters;
  }

  private static double[] filled(int length, double value) {
    double[] vector = new double[length];
    Arrays.fill(vector, value);
    return vector;
  }

  private static double[][] filled(int rows, int columns, double value) {
    double[][] matrix = new double[rows][];
    Arrays.setAll(matrix, r -> filled(columns, value));
    return matrix;
  }

  private static double[][] initialState(Json keras, Cell cell, int b, int units) {
    if (!keras.has("initial_state")) {
      return new double[1][cell.stateParts().size() * units];
    }
    Json initial = keras.get("initial_state");
    if (cell.stateParts().size() == 1) {
      return new double[][] {initial.matrix()[b]};
    }
    double[][][] both = initial.cube();
    return Foreign.states(new double[][] {both[0][b]}, new double[][] {both[1][b]});
  }

  private static boolean counts(Json keras, int b, int t) {
    return !keras.has("mask") || keras.get("mask").elements().get(b).elements().get(t).flag();
  }

  private static List<double[]> kept(Json keras, int b, double[][] sequence) {
    List<double[]> kept = new ArrayList<>();
    for (int t = 0; t < sequence.length; t++) {
      if (counts(keras, b, t)) {
        kept.add(sequence[t]);
      }
    }
    if (keras.get("config").flag("go_backwards", false)) {
      Collections.reverse(kept);
    }
    return kept;
  }

  /** At a masked step Keras repeats the output before it, or gives zeros. */
  private static double[][] expanded(Json keras, int b, double[][] outputs, boolean zero) {
    int steps = keras.get("mask").elements().get(b).elements().size();
    double[][] expanded = new double[steps][outputs[0].length];
    int next = 0;
    for (int t = 0; t < steps; t++) {
      if (counts(keras, b, t)) {
        expanded[t] = outputs[next++];
      } else if (!zero && next > 0) {
        expanded[t] = outputs[next - 1];
      }
    }
    return expanded;
  }
}
