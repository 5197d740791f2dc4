package dev.carousel.insight;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the gates of one layer did over a data set, unit by unit. */
final class LayerActivity {
  private static final int ROWS = 16;
  // What the gates let through; it lies in [-1, 1].
  private static final List<String> CANDIDATES = List.of("g", "n");

  final int layer;
  final Layer.Recurrent spec;
  final Map<String, Gate> gates = new LinkedHashMap<>();
  private final int zStride;
  long steps;

  /** One gate's activations. */
  static final class Gate {
    final int block;
    final double[] sum;
    final long[] below;
    final long[] above;

    Gate(int block, int hiddenSize) {
      this.block = block;
      this.sum = new double[hiddenSize];
      this.below = new long[hiddenSize];
      this.above = new long[hiddenSize];
    }
  }

  private LayerActivity(int layer, Layer.Recurrent spec) {
    this.layer = layer;
    this.spec = spec;
    List<String> blocks =
        spec.cell() instanceof Cell.Lstm ? List.of("i", "f", "g", "o") : spec.cell().gates();
    this.zStride = blocks.size() * spec.hiddenSize();
    for (String gate : spec.cell().gates()) {
      if (!CANDIDATES.contains(gate)) {
        gates.put(gate, new Gate(blocks.indexOf(gate), spec.hiddenSize()));
      }
    }
  }

  /**
   * Runs the data and observes every gated layer that runs in one direction.
   *
   * @throws IllegalArgumentException if there is none, or the data does not fit the network
   */
  static List<LayerActivity> observe(
      Parameters parameters, Kernel kernel, Sequences data, double low, double high) {
    Network network = parameters.network();
    List<LayerActivity> layers = new ArrayList<>();
    for (int i = 0; i < network.layers().size(); i++) {
      if (network.layers().get(i) instanceof Layer.Recurrent recurrent
          && !(recurrent.cell() instanceof Cell.Elman)) {
        layers.add(new LayerActivity(i, recurrent));
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "gates: expected an LSTM or GRU layer that runs in one direction, got "
              + network.layers().stream().map(Layer::label).toList());
    }
    if (data.size() == 0) {
      throw new IllegalArgumentException("data: expected at least one sequence, got none");
    }
    InputCheck.check(network, data);
    CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
    compiled.pack();
    NetworkPass pass = NetworkPass.forInference(compiled);
    Batch batch = new Batch(data);
    int[] all = new int[data.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    for (int at = 0; at < all.length; at += ROWS) {
      batch.select(all, at, Math.min(ROWS, all.length - at));
      batch.window(pass, 0, batch.longest(), 1);
      RowRange rows = RowRange.all(pass.steps());
      batch.fill(pass, rows);
      pass.forward(rows);
      for (LayerActivity layer : layers) {
        layer.add(pass.tape(layer.layer).z(), pass.steps().total(), low, high);
      }
    }
    return layers;
  }

  private void add(float[] z, int vectors, double low, double high) {
    steps += vectors;
    for (Gate gate : gates.values()) {
      for (int v = 0; v < vectors; v++) {
        int at = v * zStride + gate.block * spec.hiddenSize();
        for (int j = 0; j < spec.hiddenSize(); j++) {
          float activation = z[at + j];
          gate.sum[j] += activation;
          gate.below[j] += activation < low ? 1 : 0;
          gate.above[j] += activation > high ? 1 : 0;
        }
      }
    }
  }
}
