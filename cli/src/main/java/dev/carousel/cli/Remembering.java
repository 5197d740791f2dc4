package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.insight.GateSaturation;
import dev.carousel.insight.GradientByLag;
import dev.carousel.insight.MemoryHalfLife;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a recurrent layer remembers at one moment: how far back the gradient of the last loss
 * reaches, and what its gates do.
 *
 * @param layer what people call it
 * @param moment {@code at first} or {@code trained}; empty for a model as it was saved
 * @param error on held-out data; NaN where none was measured
 * @param sequences how many the gradient was measured on
 * @param curves by the part of the state, h and for an LSTM c
 * @param gates of an LSTM or GRU, else none
 */
record Remembering(
    String layer,
    String moment,
    double error,
    int sequences,
    Map<String, GradientByLag.Curve> curves,
    List<Gate> gates) {

  /**
   * One gate.
   *
   * @param halfLife of the memory that the gate keeps; empty for a gate that keeps none
   */
  record Gate(GateSaturation.Gate figures, Optional<MemoryHalfLife> halfLife) {}

  /** A part of the state with the layer it belongs to, where the layer has more than one. */
  String name(String part) {
    return curves.size() == 1 ? layer : layer + " " + part;
  }

  /** A name with the moment behind it. */
  String at(String name) {
    return moment.isEmpty() ? name : name + ", " + moment;
  }

  /**
   * Measures every layer that is recurrent in one direction.
   *
   * @param name of the network; empty names each layer by its place and kind
   * @throws IllegalArgumentException if there is no such layer, or the data does not fit
   */
  static List<Remembering> measure(
      String name,
      String moment,
      double error,
      Parameters parameters,
      Kernel kernel,
      Sequences data,
      int maxLag) {
    List<GradientByLag> lags = GradientByLag.measure(parameters, kernel, data, maxLag);
    boolean gated = parameters.network().layers().stream().anyMatch(Remembering::hasGates);
    List<GateSaturation> saturations =
        gated ? GateSaturation.measure(parameters, kernel, data) : List.of();
    List<MemoryHalfLife> halfLives =
        gated ? MemoryHalfLife.measure(parameters, kernel, data) : List.of();
    List<Remembering> layers = new ArrayList<>();
    for (GradientByLag lag : lags) {
      Map<String, GradientByLag.Curve> curves = new LinkedHashMap<>();
      curves.put("h", lag.hidden());
      lag.cell().ifPresent(cell -> curves.put("c", cell));
      String called = name.isEmpty() ? "layer " + lag.layer() + " " + lag.label() : name;
      List<Gate> gates = new ArrayList<>();
      for (int i = 0; i < saturations.size(); i++) {
        if (saturations.get(i).layer() == lag.layer()) {
          MemoryHalfLife halfLife = halfLives.get(i);
          for (GateSaturation.Gate gate : saturations.get(i).gates()) {
            boolean keeps = gate.name().equals(halfLife.gate());
            gates.add(new Gate(gate, keeps ? Optional.of(halfLife) : Optional.empty()));
          }
        }
      }
      layers.add(new Remembering(called, moment, error, lag.sequences(), curves, gates));
    }
    return layers;
  }

  private static boolean hasGates(Layer layer) {
    return layer instanceof Layer.Recurrent recurrent && !(recurrent.cell() instanceof Cell.Elman);
  }
}
