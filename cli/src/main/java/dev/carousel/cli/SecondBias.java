package dev.carousel.cli;

import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * Why PyTorch counts more parameters for the same network: its recurrent layers add a second bias
 * vector to the first.
 *
 * @param parameters how many more
 * @param layers where, such as {@code layer 0 (LSTM): 4 x 128}
 * @param kerasAgrees whether TensorFlow and Keras count as Carousel does; Keras' GRU has two biases
 *     as well
 */
record SecondBias(long parameters, List<String> layers, boolean kerasAgrees) {

  static SecondBias of(Network network) {
    long parameters = 0;
    boolean kerasAgrees = true;
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      Cell cell = null;
      int hiddenSize = 0;
      int directions = 1;
      if (layer instanceof Layer.Recurrent one) {
        cell = one.cell();
        hiddenSize = one.hiddenSize();
      } else if (layer instanceof Layer.Bidirectional both) {
        cell = both.cell();
        hiddenSize = both.hiddenSize();
        directions = 2;
      }
      int gates = cell == null ? 0 : gates(cell);
      if (gates > 0) {
        parameters += (long) directions * gates * hiddenSize;
        kerasAgrees &= !(cell instanceof Cell.Gru);
        layers.add(
            "layer "
                + i
                + " ("
                + layer.label()
                + "): "
                + (directions == 2 ? "2 x " : "")
                + gates
                + " x "
                + hiddenSize);
      }
    }
    return new SecondBias(parameters, List.copyOf(layers), kerasAgrees);
  }

  /** The gates that have one bias here and two there; 0 for a cell that PyTorch does not have. */
  private static int gates(Cell cell) {
    if (cell instanceof Cell.Lstm lstm) {
      return lstm.isPlain() ? 4 : 0;
    }
    if (cell instanceof Cell.Gru gru) {
      // The candidate's second bias stands inside the reset gate's product and is kept here too.
      return gru.reset() == Cell.Gru.Reset.AFTER ? 2 : 0;
    }
    return 1;
  }

  /** The sentence, for a network of that many parameters here. */
  String sentence(long here) {
    return "PyTorch counts "
        + Figures.count(here + parameters)
        + ", "
        + Figures.count(parameters)
        + " more: a second bias vector that is only ever added to the first ("
        + String.join(", ", layers)
        + "). "
        + (kerasAgrees
            ? "TensorFlow and Keras count as Carousel does."
            : "Keras has it in its GRU too.");
  }
}
