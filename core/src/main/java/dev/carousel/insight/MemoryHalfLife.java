package dev.carousel.insight;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * After how many steps half of what a unit remembers is gone, if its gate stays at its mean: {@code
 * ln 0.5 / ln f}, f being the mean over a data set of the gate that keeps the old state, f of an
 * LSTM ({@code c = f c(t-1) + ...}), z of a GRU ({@code h = z h(t-1) + ...}). A gate of 0.5 gives 1
 * step, 0.9 gives 6.6, 0.99 gives 69; one that is always 1 gives infinity.
 *
 * <p>A gate that moves forgets faster than this: what remains is the product of its values, and no
 * product exceeds that of as many means.
 *
 * @param layer the index of the layer in the network
 * @param label the layer's name, such as {@code LSTM}
 * @param gate the gate's name, f or z
 * @param steps the half-life of each unit, at least 0, perhaps infinite
 */
public record MemoryHalfLife(int layer, String label, String gate, List<Double> steps) {
  private static final double LN_HALF = -0.6931471805599453;

  public MemoryHalfLife {
    steps = List.copyOf(steps);
  }

  /**
   * Runs the data from zero states and measures every LSTM and GRU layer that runs in one
   * direction, from the first to the last.
   *
   * @throws IllegalArgumentException if there is no such layer, or the data does not fit the
   *     network
   */
  public static List<MemoryHalfLife> measure(Parameters parameters, Kernel kernel, Sequences data) {
    List<MemoryHalfLife> layers = new ArrayList<>();
    for (LayerActivity activity : LayerActivity.observe(parameters, kernel, data, 0, 1)) {
      String name = activity.spec.cell() instanceof Cell.Lstm ? "f" : "z";
      LayerActivity.Gate gate = Objects.requireNonNull(activity.gates.get(name));
      List<Double> steps = new ArrayList<>();
      for (double sum : gate.sum) {
        steps.add(of(sum / activity.steps));
      }
      layers.add(new MemoryHalfLife(activity.layer, activity.spec.label(), name, steps));
    }
    return layers;
  }

  /** The half-life of a memory that is multiplied by {@code gate}, in [0, 1], at every step. */
  static double of(double gate) {
    // 0 / -0 would be the sign of nothing: a gate that is open for good never halves.
    return gate >= 1 ? Double.POSITIVE_INFINITY : LN_HALF / StrictMath.log(gate);
  }

  /**
   * The half-life that a share {@code q} of the units do not exceed: 0 the shortest, 0.5 the
   * median, 1 the longest.
   *
   * @throws IllegalArgumentException unless q is in [0, 1]
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("quantile: expected a share in [0, 1], got " + q);
    }
    List<Double> sorted = steps.stream().sorted().toList();
    int rank = (int) Math.ceil(q * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }
}
