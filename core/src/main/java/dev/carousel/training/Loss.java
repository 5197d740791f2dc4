package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Activations;
import dev.carousel.execution.Batch;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Steps;
import dev.carousel.kernel.Functions;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.RowPairs;
import dev.carousel.network.Head;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The loss that belongs to a head, on the output of a pass, and its gradient. In nats for the two
 * cross-entropies.
 *
 * <pre>
 * SOFTMAX   -ln p[y],  p = softmax(x)                                   dx = p - onehot(y)
 * SIGMOID   1/K sum over K outputs of -(y ln p + (1 - y) ln (1 - p))    dx = (p - y) / K
 * LINEAR    1/K sum over K outputs of (x - y)^2                         dx = 2 (x - y) / K
 * </pre>
 *
 * <p>Losses and gradients are <em>averaged</em>: over the outputs as above, and over the targets of
 * the batch (one per sequence, or one per step that is not masked, so that long sequences count
 * more), each with its weight. A window's mean is over the targets of that window.
 *
 * <p>The output is replaced by the scores.
 */
final class Loss {
  private final Kernel kernel;
  private final Head head;
  private final int size;
  private final boolean perStep;
  // The loss of every vector; summed in their order by one thread, so workers cannot change the
  // sum.
  private float[] losses = {};
  private float[] weights = {};
  private double totalWeight;
  // Which of the best scores the wanted class is, from 0; -1 where nothing is wanted.
  private int[] ranks = {};

  Loss(Kernel kernel, Head head, int size, boolean perStep) {
    this.kernel = kernel;
    this.head = head;
    this.size = size;
    this.perStep = perStep;
  }

  /**
   * Checks that targets fit a network.
   *
   * @throws IllegalArgumentException naming what the network gives and what the data wants
   */
  static void check(dev.carousel.network.Network network, Targets targets) {
    int outputs = network.outputSize();
    String given =
        network.head().name().toLowerCase(java.util.Locale.ROOT)
            + " scores "
            + (network.perStep() ? "at every step" : "once per sequence");
    boolean classes = targets instanceof Targets.Classes || targets instanceof Targets.StepClasses;
    boolean steps = targets instanceof Targets.StepClasses || targets instanceof Targets.StepValues;
    if (targets instanceof Targets.None
        || classes != (network.head() == Head.SOFTMAX)
        || steps != network.perStep()) {
      throw new IllegalArgumentException(
          "targets: expected "
              + (network.head() == Head.SOFTMAX ? "classes" : "values")
              + (network.perStep() ? " for every step" : " for every sequence")
              + " (the network gives "
              + given
              + "), got "
              + targets.getClass().getSimpleName());
    }
    int width =
        targets instanceof Targets.Classes c
            ? c.classCount()
            : targets instanceof Targets.StepClasses c
                ? c.classCount()
                : targets instanceof Targets.Values v
                    ? v.width()
                    : ((Targets.StepValues) targets).width();
    if (width != outputs) {
      throw new IllegalArgumentException(
          "targets: expected "
              + outputs
              + (classes ? " classes" : " values")
              + " (the network's output size), got "
              + width);
    }
    if (network.head() == Head.SIGMOID) {
      checkProbabilities(targets, width, given);
    }
  }

  /** Cross-entropy has no least value where a target is outside [0, 1]. */
  private static void checkProbabilities(Targets targets, int width, String given) {
    float[] row = new float[width];
    int rows =
        targets instanceof Targets.Values v ? v.rows() : ((Targets.StepValues) targets).rows();
    for (int i = 0; i < rows; i++) {
      if (targets instanceof Targets.Values v) {
        v.copy(i, row, 0);
      } else if (targets instanceof Targets.StepValues v && v.weight(i) > 0) {
        v.copy(i, row, 0);
      }
      for (float value : row) {
        if (!(value >= 0 && value <= 1)) {
          throw new IllegalArgumentException(
              "targets: expected numbers from 0 to 1 (the network gives "
                  + given
                  + "), got "
                  + value
                  + (targets instanceof Targets.Values ? " of sequence " : " of step ")
                  + i);
        }
      }
    }
  }

  /** Whether anything of the data counts: not all steps are masked. */
  static boolean hasTarget(Sequences data) {
    if (data.targets() instanceof Targets.StepClasses classes) {
      return IntStream.range(0, classes.rows()).anyMatch(i -> classes.of(i) != Targets.MASKED);
    }
    if (data.targets() instanceof Targets.StepValues values) {
      return IntStream.range(0, values.rows()).anyMatch(i -> values.weight(i) > 0);
    }
    return data.size() > 0;
  }

  /**
   * Reads the weights of the targets of a window; by one thread.
   *
   * @param countFrom steps of the window before this one do not count
   */
  void prepare(Batch batch, NetworkPass pass, int countFrom) {
    Steps steps = pass.steps();
    int vectors = pass.output().vectors(steps);
    if (losses.length < vectors) {
      losses = new float[vectors];
      weights = new float[vectors];
      ranks = new int[vectors];
    }
    double total = 0;
    if (perStep) {
      for (int t = 0; t < steps.timeSteps(); t++) {
        for (int r = 0; r < steps.rows(t); r++) {
          float weight = t < countFrom ? 0f : batch.targetWeight(r, t);
          weights[steps.vector(r, t)] = weight;
          total += weight;
        }
      }
    } else {
      for (int r = 0; r < steps.batchSize(); r++) {
        weights[r] = 1f;
      }
      total = steps.batchSize();
    }
    totalWeight = total;
  }

  /** The sum of the weights of the window's targets; 0 if all are masked. */
  double totalWeight() {
    return totalWeight;
  }

  /**
   * The scores, the losses and, where the pass has gradients, those of the output, for a part of
   * the rows: of every vector, 0 where the target is masked.
   */
  void run(Batch batch, NetworkPass pass, RowRange range) {
    Steps steps = pass.steps();
    if (!perStep) {
      for (int r = range.from(); r < range.to(); r++) {
        vector(batch, pass, r, r, 0);
      }
      return;
    }
    for (int t = 0; t < steps.timeSteps(); t++) {
      int rows = range.count(steps, t);
      for (int r = range.from(); r < range.from() + rows; r++) {
        vector(batch, pass, steps.vector(r, t), r, t);
      }
    }
  }

  private void vector(Batch batch, NetworkPass pass, int vector, int r, int t) {
    Activations out = pass.output();
    int at = out.index(vector);
    float weight = weights[vector];
    float scale = totalWeight == 0 ? 0f : (float) (weight / totalWeight);
    if (head == Head.SOFTMAX) {
      int wanted = weight == 0f ? Targets.MASKED : batch.targetClass(r, t);
      softmax(pass, vector, at, wanted, scale);
      return;
    }
    float[] y = out.values();
    float[] gradients = out.gradients();
    if (weight == 0f) {
      losses[vector] = 0f;
      Scores.apply(kernel, head, 1, size, y, at);
      clearGradients(pass, at);
      return;
    }
    float[] targets = TARGETS.get();
    if (targets.length < size) {
      targets = new float[size];
      TARGETS.set(targets);
    }
    batch.targetValues(r, t, targets, 0);
    double sum = 0;
    if (head == Head.SIGMOID) {
      for (int j = 0; j < size; j++) {
        float x = y[at + j];
        // max(x, 0) - x y + ln(1 + e^-|x|) does not overflow.
        double softplus = Functions.log(1.0 + Functions.exp(-Math.abs(x)));
        sum += (x > 0 ? x : 0 * x) - (double) x * targets[j] + softplus;
      }
      Scores.apply(kernel, head, 1, size, y, at);
    } else {
      for (int j = 0; j < size; j++) {
        double difference = (double) y[at + j] - targets[j];
        sum += difference * difference;
      }
    }
    losses[vector] = (float) (sum / size);
    if (pass.hasGradients()) {
      float factor = (head == Head.SIGMOID ? 1f : 2f) * scale / size;
      for (int j = 0; j < size; j++) {
        gradients[at + j] = (y[at + j] - targets[j]) * factor;
      }
    }
  }

  private static final ThreadLocal<float[]> TARGETS = ThreadLocal.withInitial(() -> new float[0]);

  private void softmax(NetworkPass pass, int vector, int at, int wanted, float scale) {
    float[] y = pass.output().values();
    float largest = kernel.maximum(size, y, at);
    boolean masked = wanted == Targets.MASKED;
    float logit = masked ? largest : y[at + wanted];
    ranks[vector] = masked ? -1 : rank(y, at, wanted);
    float sum = kernel.expSum(size, largest, y, at);
    float normal = 1f / sum;
    losses[vector] = masked ? 0f : (float) (Functions.log(sum) + ((double) largest - logit));
    if (masked || !pass.hasGradients()) {
      for (int j = at; j < at + size; j++) {
        y[j] *= normal;
      }
      clearGradients(pass, at);
      return;
    }
    float[] dy = pass.output().gradients();
    for (int j = at; j < at + size; j++) {
      float p = y[j] * normal;
      y[j] = p;
      dy[j] = p * scale;
    }
    dy[at + wanted] = (y[at + wanted] - 1f) * scale;
  }

  private void clearGradients(NetworkPass pass, int at) {
    if (pass.hasGradients()) {
      Arrays.fill(pass.output().gradients(), at, at + size, 0f);
    }
  }

  /**
   * How many scores come before the wanted one: larger ones, equal ones of a lower class (of
   * positive infinity all), and what is no number.
   */
  private int rank(float[] y, int at, int wanted) {
    float mine = y[at + wanted];
    int after = wanted + 1;
    int below =
        kernel.below(wanted, mine, y, at)
            + kernel.below(size - after, Math.nextUp(mine), y, at + after);
    return size - 1 - below;
  }

  /** The weighted sum of the losses of the window, in the order of {@link Activations#order}. */
  double sum(NetworkPass pass) {
    double sum = 0;
    RowPairs order = pass.output().order(pass.steps());
    for (int s = 0; s < order.stretches(); s++) {
      int start = order.right(s);
      for (int v = start; v < start + order.count(s); v++) {
        sum += (double) losses[v] * weights[v];
      }
    }
    return sum;
  }

  /** How many targets of the window count. */
  long counted(NetworkPass pass) {
    long counted = 0;
    int vectors = pass.output().vectors(pass.steps());
    for (int v = 0; v < vectors; v++) {
      counted += weights[v] > 0 ? 1 : 0;
    }
    return counted;
  }

  /** How many targets of the window are among the {@code k} best scores; only for SOFTMAX. */
  long hits(NetworkPass pass, int k) {
    long hits = 0;
    int vectors = pass.output().vectors(pass.steps());
    for (int v = 0; v < vectors; v++) {
      hits += ranks[v] >= 0 && ranks[v] < k && weights[v] > 0 ? 1 : 0;
    }
    return hits;
  }
}
