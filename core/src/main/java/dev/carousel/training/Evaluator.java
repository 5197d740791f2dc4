package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowParts;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Head;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;

/**
 * Runs a network over a data set and measures it. Every sequence is run from its first step to its
 * last from a zero state. Of a network with scores at every step, long ones are run in windows, the
 * state carried on, so memory does not grow with their length.
 */
public final class Evaluator {
  private static final int WINDOW = 256;

  private final CompiledNetwork network;
  private final Workers workers;
  private final NetworkPass pass;
  private final Loss loss;
  private final RowParts parts;
  private final boolean windows;
  private final int stateSize;

  /** An evaluator of a network whose weights are packed. */
  public Evaluator(CompiledNetwork network, Workers workers) {
    Network spec = network.network();
    this.network = network;
    this.workers = workers;
    this.pass = NetworkPass.forInference(network);
    this.loss = new Loss(network.kernel(), spec.head(), spec.outputSize(), spec.perStep());
    this.windows = spec.canStep() && spec.perStep();
    this.stateSize = windows ? spec.stateLayout().size() : 0;
    this.parts = new RowParts(workers.count());
  }

  /** Evaluates parameters on a data set with {@code threads} threads. */
  public static Evaluation evaluate(
      Parameters parameters, Kernel kernel, Sequences data, int threads) {
    try (Workers workers = new Workers(threads)) {
      CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
      compiled.pack();
      return new Evaluator(compiled, workers).evaluate(data);
    }
  }

  /**
   * Measures.
   *
   * @throws IllegalArgumentException if the data's inputs or targets do not fit the network, or
   *     there are none
   */
  public Evaluation evaluate(Sequences data) {
    InputCheck.check(network.network(), data);
    Loss.check(network.network(), data.targets());
    int[] all = new int[data.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    Batch batch = new Batch(data);
    double sum = 0;
    double weight = 0;
    long examples = 0;
    long right = 0;
    long five = 0;
    boolean classes = network.network().head() == Head.SOFTMAX;
    float[] states = {};
    int count = 0;
    for (int at = 0; at < all.length; at += count) {
      count = network.sequencesAtOnce(data, at, windows ? WINDOW : Integer.MAX_VALUE);
      batch.select(all, at, count);
      if (states.length < count * stateSize) {
        states = new float[count * stateSize];
      }
      int window = windows ? WINDOW : batch.longest();
      for (int from = 0; from < batch.longest(); from += window) {
        batch.window(pass, from, window, workers.count());
        int rows = pass.steps().batchSize();
        for (int r = 0; from > 0 && r < rows; r++) {
          pass.loadState(r, states, r * stateSize);
        }
        loss.prepare(batch, pass, 0);
        parts.set(pass.steps());
        pass.alignWeights(pass.steps().total());
        workers.run(
            (worker, team) ->
                parts.each(
                    worker,
                    range -> {
                      batch.fill(pass, range);
                      pass.forward(range);
                      loss.run(batch, pass, range);
                    }));
        for (int r = 0; windows && r < rows; r++) {
          pass.storeState(r, pass.steps().length(r), states, r * stateSize);
        }
        sum += loss.sum(pass);
        weight += loss.totalWeight();
        examples += loss.counted(pass);
        right += classes ? loss.hits(pass, 1) : 0;
        five += classes ? loss.hits(pass, 5) : 0;
      }
    }
    if (examples == 0) {
      throw new IllegalArgumentException(
          "evaluation: expected at least one target, got none (all steps are masked)");
    }
    return new Evaluation(
        examples,
        sum / weight,
        classes ? (double) right / examples : Double.NaN,
        classes ? (double) five / examples : Double.NaN);
  }
}
