package dev.carousel.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each part of a state lies in one {@code float[]}: {@code h} and {@code c} of every
 * recurrent layer, and what a mean or maximum over time has seen so far.
 */
public final class StateLayout {

  /** One part: {@code size} values from {@code offset}, named such as {@code layers.0.c}. */
  public record Slice(String name, int layer, int offset, int size) {}

  private final List<Slice> slices;
  private final int size;

  private StateLayout(List<Slice> slices, int size) {
    this.slices = List.copyOf(slices);
    this.size = size;
  }

  static StateLayout of(Network network) {
    List<Slice> slices = new ArrayList<>();
    int offset = 0;
    List<Network.Signal> signals = network.signals();
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      String name = "layers." + i + ".";
      if (layer instanceof Layer.Bidirectional) {
        throw new IllegalStateException(
            "layer "
                + i
                + " ("
                + layer.label()
                + ") needs the whole sequence: a network with it cannot be run one input at a time");
      }
      if (layer instanceof Layer.Recurrent recurrent) {
        for (String part : recurrent.cell().stateParts()) {
          slices.add(new Slice(name + part, i, offset, recurrent.hiddenSize()));
          offset += recurrent.hiddenSize();
        }
      } else if (layer instanceof Layer.Pool pool && pool.kind() != Layer.Pool.Kind.LAST) {
        int width = signals.get(i).size();
        if (pool.kind() == Layer.Pool.Kind.MEAN) {
          slices.add(new Slice(name + "sum", i, offset, width));
          slices.add(new Slice(name + "sum_rest", i, offset + width, width));
          slices.add(new Slice(name + "steps", i, offset + 2 * width, 2));
          offset += 2 * width + 2;
        } else {
          slices.add(new Slice(name + "maximum", i, offset, width));
          slices.add(new Slice(name + "steps", i, offset + width, 1));
          offset += width + 1;
        }
      }
    }
    return new StateLayout(slices, offset);
  }

  /** Which values are what, in order; unmodifiable. */
  public List<Slice> slices() {
    return slices;
  }

  /** Values of one state. */
  public int size() {
    return size;
  }

  /**
   * The offset of the first slice of a layer.
   *
   * @throws IllegalArgumentException if the layer keeps no state
   */
  public int offset(int layer) {
    return slices.stream()
        .filter(slice -> slice.layer() == layer)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("layer " + layer + " keeps no state"))
        .offset();
  }
}
