package dev.carousel.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One of the 46 cases of Keras's own unit tests of its recurrent layers, whose weights are
 * constants. Keras carries the state over a masked step, which is what leaving the step out does,
 * and {@code go_backwards} is a sequence given backwards.
 */
public record KerasCase(Json json) {

  /** All of them; skips the test where the reference data are absent. */
  public static List<KerasCase> all() {
    return Json.read(SharedData.path("reference/numeric_refs/keras_rnn_cases.json"))
        .get("cases")
        .elements()
        .stream()
        .map(KerasCase::new)
        .toList();
  }

  public String name() {
    return json.get("source").text() + " " + asserted();
  }

  /** The layer: SimpleRNN, LSTM or GRU. */
  public String layer() {
    return json.get("layer").text();
  }

  public int units() {
    return (int) json.get("units").number();
  }

  public int inputSize() {
    return json.get("sequence").cube()[0][0].length;
  }

  /** How often the layer was called, each time from the states of the call before. */
  public int calls() {
    return (int) json.get("calls_since_reset").number();
  }

  public boolean flag(String name, boolean otherwise) {
    return json.get("config").flag(name, otherwise);
  }

  /** The constant that all weights of that kind are: kernel or recurrent. */
  public double weight(String kind) {
    return json.get("config").get(kind + "_initializer").number();
  }

  /** The constant that all biases are, zero where there are none. */
  public double bias() {
    return flag("use_bias", true) ? json.get("config").get("bias_initializer").number() : 0;
  }

  /** The steps of each sequence that count, in the order in which they are read. */
  public double[][][] sequences() {
    double[][][] all = json.get("sequence").cube();
    double[][][] kept = new double[all.length][][];
    for (int b = 0; b < all.length; b++) {
      List<double[]> steps = new ArrayList<>();
      for (int t = 0; t < all[b].length; t++) {
        if (counts(b, t)) {
          steps.add(all[b][t]);
        }
      }
      if (flag("go_backwards", false)) {
        Collections.reverse(steps);
      }
      kept[b] = steps.toArray(double[][]::new);
    }
    return kept;
  }

  public boolean hasInitialState() {
    return json.has("initial_state");
  }

  /** The initial h of each sequence, and for an LSTM the initial c. */
  public double[][][] initialState() {
    Json initial = json.get("initial_state");
    return layer().equals("LSTM") ? initial.cube() : new double[][][] {initial.matrix()};
  }

  /** Whether the outputs of all steps of one sequence are expected, not the last of each. */
  public boolean perStep() {
    return flag("return_sequences", false);
  }

  /** What is expected, as Keras calls it. */
  public String asserted() {
    return json.get("asserted").text();
  }

  /** The sequence whose outputs are expected. */
  public int assertedSequence() {
    return asserted().equals("output[0]") ? 0 : 1;
  }

  public double[][] expected() {
    return json.get("expected").matrix();
  }

  private boolean counts(int b, int t) {
    return !json.has("mask") || json.get("mask").elements().get(b).elements().get(t).flag();
  }

  /** At a masked step Keras repeats the output before it, or gives zeros. */
  public double[][] expanded(int b, double[][] outputs) {
    int steps = json.get("sequence").cube()[b].length;
    double[][] expanded = new double[steps][outputs[0].length];
    int next = 0;
    for (int t = 0; t < steps; t++) {
      if (counts(b, flag("go_backwards", false) ? steps - 1 - t : t)) {
        expanded[t] = outputs[next++];
      } else if (!flag("zero_output_for_mask", false) && next > 0) {
        expanded[t] = outputs[next - 1];
      }
    }
    return expanded;
  }
}
