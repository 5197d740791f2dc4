package dev.carousel.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The parameters of one layer in one direction, by PyTorch's names without those of layer and
 * direction ({@code weight_ih}), or those of some of its units.
 */
public final class LayerParameters {
  private final float[] values;
  private final Map<String, ParameterLayout.Slice> slices;

  private LayerParameters(float[] values, Map<String, ParameterLayout.Slice> slices) {
    this.values = values;
    this.slices = slices;
  }

  /**
   * Those of a layer, in the network's own array.
   *
   * @param layer its index
   * @param suffix what their names end with: {@code _l0}, {@code _l0_reverse} for the direction
   *     back, nothing in layers that are not recurrent
   */
  public static LayerParameters of(Parameters parameters, int layer, String suffix) {
    String prefix = "layers." + layer + ".";
    Map<String, ParameterLayout.Slice> slices = new HashMap<>();
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      String name = slice.name();
      if (name.startsWith(prefix) && name.endsWith(suffix)) {
        slices.put(name.substring(prefix.length(), name.length() - suffix.length()), slice);
      }
    }
    return new LayerParameters(parameters.values(), slices);
  }

  /**
   * A copy of what units {@code [from, to)} have: of every gate block those columns.
   *
   * @throws IndexOutOfBoundsException if the layer has not so many units
   */
  public LayerParameters units(int from, int to) {
    Objects.checkFromToIndex(from, to, Integer.MAX_VALUE);
    int size = 0;
    for (ParameterLayout.Slice slice : slices.values()) {
      size += slice.rows() * slice.blocks() * (to - from);
    }
    float[] some = new float[size];
    Map<String, ParameterLayout.Slice> theirs = new HashMap<>();
    int offset = 0;
    for (Map.Entry<String, ParameterLayout.Slice> entry : slices.entrySet()) {
      ParameterLayout.Slice slice = entry.getValue().units(from, to, offset);
      copy(entry.getValue(), from, slice, some);
      theirs.put(entry.getKey(), slice);
      offset += slice.size();
    }
    return new LayerParameters(some, theirs);
  }

  private void copy(
      ParameterLayout.Slice slice, int from, ParameterLayout.Slice theirs, float[] some) {
    int width = slice.width();
    int units = theirs.width();
    for (int row = 0; row < slice.rows(); row++) {
      int at = slice.offset() + row * slice.columns() + from;
      int to = theirs.offset() + row * theirs.columns();
      for (int block = 0; block < slice.blocks(); block++) {
        System.arraycopy(values, at + block * width, some, to + block * units, units);
      }
    }
  }

  /** The values that offsets of slices are of. */
  public float[] values() {
    return values;
  }

  /**
   * Where the parameter of that name lies.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public ParameterLayout.Slice get(String name) {
    ParameterLayout.Slice slice = slices.get(name);
    if (slice == null) {
      List<String> names = slices.keySet().stream().sorted().toList();
      throw new IllegalArgumentException("parameter: expected one of " + names + ", got " + name);
    }
    return slice;
  }
}
