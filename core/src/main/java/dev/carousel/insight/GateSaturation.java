package dev.carousel.insight;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * How often the gates of a layer are shut or open rather than in between: the share of activations
 * below {@value #LOW} and above {@value #HIGH} over a data set (Karpathy, Johnson and Li, 2016). A
 * forget gate that is always open counts; one that is always shut passes on what is new.
 *
 * @param layer the index of the layer in the network
 * @param label the layer's name, such as {@code LSTM}
 * @param steps how many steps, of all sequences, were looked at
 * @param gates i, f, o of an LSTM (f, o where i is coupled); r, z of a GRU
 */
public record GateSaturation(int layer, String label, long steps, List<Gate> gates) {
  /** An activation below this counts as shut. */
  public static final double LOW = 0.1;

  /** An activation above this counts as open. */
  public static final double HIGH = 0.9;

  /**
   * One gate.
   *
   * @param name of the gate
   * @param mean activation over steps and units
   * @param below share of the activations below {@value GateSaturation#LOW}, 0 to 1
   * @param above share of the activations above {@value GateSaturation#HIGH}, 0 to 1
   * @param units the same, unit by unit
   */
  public record Gate(String name, double mean, double below, double above, List<Unit> units) {
    public Gate {
      units = List.copyOf(units);
    }
  }

  /** One unit's gate over all steps: mean activation, share below and share above. */
  public record Unit(double mean, double below, double above) {}

  public GateSaturation {
    gates = List.copyOf(gates);
  }

  /**
   * Runs the data from zero states and measures every LSTM and GRU layer that runs in one
   * direction, from the first to the last.
   *
   * @throws IllegalArgumentException if there is no such layer, or the data does not fit the
   *     network
   */
  public static List<GateSaturation> measure(Parameters parameters, Kernel kernel, Sequences data) {
    return LayerActivity.observe(parameters, kernel, data, LOW, HIGH).stream()
        .map(GateSaturation::of)
        .toList();
  }

  private static GateSaturation of(LayerActivity activity) {
    List<Gate> gates = new ArrayList<>();
    activity.gates.forEach((name, gate) -> gates.add(of(name, gate, activity.steps)));
    return new GateSaturation(activity.layer, activity.spec.label(), activity.steps, gates);
  }

  private static Gate of(String name, LayerActivity.Gate gate, double steps) {
    List<Unit> units = new ArrayList<>();
    double mean = 0;
    double below = 0;
    double above = 0;
    for (int j = 0; j < gate.sum.length; j++) {
      units.add(new Unit(gate.sum[j] / steps, gate.below[j] / steps, gate.above[j] / steps));
      mean += gate.sum[j];
      below += gate.below[j];
      above += gate.above[j];
    }
    double count = steps * units.size();
    return new Gate(name, mean / count, below / count, above / count, units);
  }
}
