package dev.carousel.insight;

import dev.carousel.cell.CellTape;
import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.Steps;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.training.GradientStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How much the loss at the end of a sequence still depends on what a layer remembered k steps
 * earlier: the mean over the sequences of {@code |dL/dh(T - k)|}, Euclidean, divided by that of
 * {@code |dL/dh(T)|}; for an LSTM also of {@code |dL/dc(T - k)|}. Where it falls to nothing, no
 * training can teach the network to use an input so far back (Hochreiter, 1991; Bengio, Simard and
 * Frasconi, 1994; Pascanu, Mikolov and Bengio, 2013).
 *
 * <p>L is the network's own loss of one sequence; of a network with scores at every step, the loss
 * of the last step alone. The derivative in h(t) keeps c(t) fixed; that in c(t) includes the way
 * through h(t). With a mean or maximum over time behind the layer, every step reaches the loss
 * directly too, and the curve shows both ways together.
 *
 * @param layer the index of the layer in the network
 * @param label the layer's name, such as {@code LSTM}
 * @param sequences how many sequences were long enough and counted
 * @param hidden the curve of h
 * @param cell the curve of c; empty for cells without
 */
public record GradientByLag(
    int layer, String label, int sequences, Curve hidden, Optional<Curve> cell) {
  private static final int ROWS = 16;

  /**
   * One curve.
   *
   * @param atLagZero the mean norm at the last step, what the others are divided by
   * @param relative element k belongs to k steps before the last; element 0 is 1. All are zero if
   *     {@code atLagZero} is
   */
  public record Curve(double atLagZero, List<Double> relative) {
    public Curve {
      relative = List.copyOf(relative);
    }

    /** The largest lag. */
    public int maxLag() {
      return relative.size() - 1;
    }

    /** The smallest lag at which the relative norm is below {@code share}; empty if it never is. */
    public OptionalInt firstBelow(double share) {
      for (int k = 0; k < relative.size(); k++) {
        if (relative.get(k) < share) {
          return OptionalInt.of(k);
        }
      }
      return OptionalInt.empty();
    }
  }

  /**
   * Measures every recurrent layer that runs in one direction, from the first to the last.
   *
   * @param data with targets; sequences of at most {@code maxLag} steps are left out. They are run
   *     from zero states, in full
   * @param maxLag at least 0
   * @throws IllegalArgumentException if no layer is recurrent in one direction, no sequence is long
   *     enough, or a target to differentiate is missing or does not fit
   */
  public static List<GradientByLag> measure(
      Parameters parameters, Kernel kernel, Sequences data, int maxLag) {
    Network network = parameters.network();
    // More is refused below, and would take memory here.
    int lags = Math.min(maxLag, data.longest());
    List<Sums> layers = new ArrayList<>();
    for (int i = 0; i < network.layers().size(); i++) {
      if (network.layers().get(i) instanceof Layer.Recurrent recurrent) {
        layers.add(new Sums(i, recurrent, lags));
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "gradient by lag: expected a layer that is recurrent in one direction, got "
              + network.layers().stream().map(Layer::label).toList());
    }
    GradientStep.check(network, data);
    Sequences lastOnly = data.withTargets(atLastStep(data));
    int[] chosen = longEnough(data, maxLag);
    try (Workers workers = new Workers(1)) {
      CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
      Batch batch = new Batch(lastOnly);
      GradientStep gradient = GradientStep.withStateGradients(compiled, workers, batch);
      for (int at = 0; at < chosen.length; at += ROWS) {
        batch.select(chosen, at, Math.min(ROWS, chosen.length - at));
        gradient.open(batch, 0, batch.longest(), 0);
        gradient.run();
        for (Sums layer : layers) {
          layer.add(gradient.pass(), gradient.totalWeight());
        }
      }
    }
    return layers.stream().map(layer -> layer.result(chosen.length)).toList();
  }

  private static int[] longEnough(Sequences data, int maxLag) {
    if (maxLag < 0) {
      throw new IllegalArgumentException("largest lag: expected at least 0, got " + maxLag);
    }
    int[] chosen = new int[data.size()];
    int count = 0;
    for (int i = 0; i < chosen.length; i++) {
      if (data.length(i) > maxLag) {
        chosen[count++] = i;
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "largest lag: expected less than the longest sequence's "
              + data.longest()
              + " steps, got "
              + maxLag);
    }
    return Arrays.copyOf(chosen, count);
  }

  /** Targets at every step, all masked but the last one of each sequence; others as they are. */
  private static Targets atLastStep(Sequences data) {
    if (data.targets() instanceof Targets.StepClasses classes) {
      int[] masked = new int[data.totalSteps()];
      Arrays.fill(masked, Targets.MASKED);
      for (int i = 0; i < data.size(); i++) {
        int last = lastStep(data, i);
        masked[last] = classes.of(last);
        if (masked[last] == Targets.MASKED) {
          throw new IllegalArgumentException(maskedMessage(i));
        }
      }
      return new Targets.StepClasses(masked, classes.classCount());
    }
    if (data.targets() instanceof Targets.StepValues values) {
      float[] mask = new float[data.totalSteps()];
      for (int i = 0; i < data.size(); i++) {
        int last = lastStep(data, i);
        mask[last] = 1f;
        if (values.weight(last) == 0f) {
          throw new IllegalArgumentException(maskedMessage(i));
        }
      }
      return new Targets.StepValues(values.perStep(), values.width(), mask);
    }
    return data.targets();
  }

  private static int lastStep(Sequences data, int sequence) {
    return data.start(sequence) + data.length(sequence) - 1;
  }

  private static String maskedMessage(int sequence) {
    return "targets: expected one at the last step of sequence " + sequence + ", got a masked step";
  }

  /** The sums of the norms of one layer, by lag. */
  private static final class Sums {
    private final int layer;
    private final Layer.Recurrent spec;
    private final double[] hidden;
    private final double[] cell;

    Sums(int layer, Layer.Recurrent spec, int maxLag) {
      this.layer = layer;
      this.spec = spec;
      this.hidden = new double[Math.max(0, maxLag) + 1];
      this.cell = new double[spec.cell().stateParts().contains("c") ? hidden.length : 0];
    }

    /**
     * @param scale the step's loss is the mean over so many sequences
     */
    void add(NetworkPass pass, double scale) {
      Steps steps = pass.steps();
      CellTape tape = pass.tape(layer);
      int h = spec.hiddenSize();
      for (int r = 0; r < steps.batchSize(); r++) {
        for (int k = 0; k < hidden.length; k++) {
          int at = steps.stateRow(r, steps.length(r) - k) * h;
          hidden[k] += scale * norm(tape.dh(), at, h);
          if (cell.length > 0) {
            cell[k] += scale * norm(tape.dc(), at, h);
          }
        }
      }
    }

    private static double norm(float[] values, int at, int size) {
      double square = 0;
      for (int j = at; j < at + size; j++) {
        square += (double) values[j] * values[j];
      }
      return Math.sqrt(square);
    }

    GradientByLag result(int sequences) {
      Optional<Curve> ofCell =
          cell.length == 0 ? Optional.empty() : Optional.of(curve(cell, sequences));
      return new GradientByLag(layer, spec.label(), sequences, curve(hidden, sequences), ofCell);
    }

    private static Curve curve(double[] sums, int sequences) {
      List<Double> relative = new ArrayList<>();
      for (double sum : sums) {
        relative.add(sums[0] == 0 ? 0 : sum / sums[0]);
      }
      return new Curve(sums[0] / sequences, relative);
    }
  }
}
