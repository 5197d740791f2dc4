package dev.carousel.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network in numbers.
 *
 * @param rows one for each layer
 * @param parameters in all
 * @param multiplyAdds of one step through all layers
 * @param stateBytes of one sequence
 */
public record Summary(List<Row> rows, long parameters, long multiplyAdds, long stateBytes) {

  /**
   * One layer.
   *
   * @param layer its label
   * @param output such as {@code [steps, 128]}, or {@code [10]} once per sequence
   * @param parameters of this layer
   * @param multiplyAdds of the products of one step; biases and activations are not counted
   * @param stateBytes of one sequence; 0 for a bidirectional layer, which keeps nothing between
   *     calls
   */
  public record Row(
      String layer, String output, long parameters, long multiplyAdds, long stateBytes) {}

  /** Counts the layers of a network. */
  public static Summary of(Network network) {
    List<Row> rows = new ArrayList<>();
    List<Network.Signal> signals = network.signals();
    List<ParameterLayout.Slice> slices = network.parameterLayout().slices();
    List<StateLayout.Slice> state = network.canStep() ? network.stateLayout().slices() : List.of();
    for (int i = 0; i < network.layers().size(); i++) {
      Network.Signal out = signals.get(i + 1);
      long parameters = 0;
      long products = 0;
      for (ParameterLayout.Slice slice : slices) {
        if (slice.layer() == i) {
          parameters += slice.size();
          products += slice.transposedInFiles() ? slice.size() : 0;
        }
      }
      long bytes = 0;
      for (StateLayout.Slice slice : state) {
        bytes += slice.layer() == i ? (long) Float.BYTES * slice.size() : 0;
      }
      String shape = out.perStep() ? "[steps, " + out.size() + "]" : "[" + out.size() + "]";
      rows.add(new Row(network.layers().get(i).label(), shape, parameters, products, bytes));
    }
    return new Summary(
        List.copyOf(rows),
        rows.stream().mapToLong(Row::parameters).sum(),
        rows.stream().mapToLong(Row::multiplyAdds).sum(),
        rows.stream().mapToLong(Row::stateBytes).sum());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(line("layer", "output", "parameters", "mult-adds/step", "state bytes"));
    for (Row row : rows) {
      text.append(
          line(
              row.layer(),
              row.output(),
              group(row.parameters()),
              group(row.multiplyAdds()),
              group(row.stateBytes())));
    }
    text.append(line("total", "", group(parameters), group(multiplyAdds), group(stateBytes)));
    return text.toString().stripTrailing();
  }

  private static String line(String layer, String output, String a, String b, String c) {
    return String.format(Locale.ROOT, "%-26s %-14s %12s %14s %12s\n", layer, output, a, b, c);
  }

  private static String group(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
