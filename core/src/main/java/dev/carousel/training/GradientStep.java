package dev.carousel.training;

import dev.carousel.cell.Packing;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowParts;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Shares;
import dev.carousel.execution.Workers;
import dev.carousel.network.Network;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Loss and gradients of all parameters on one window of one batch, by back-propagation through
 * time.
 *
 * <p>Where the gradients in a state have vanished, all of them below 2^-100 in magnitude, they are
 * taken for zero; a layer read at its last step goes no further back where nothing is left of any
 * sequence of a part. {@link #withStateGradients} follows them all.
 *
 * <p>In a steady state nothing is allocated, but for a copy of weights that the collector has moved
 * to where they are read slowly. Not thread-safe: one caller, who brings the workers.
 */
public final class GradientStep {
  private final CompiledNetwork network;
  private final Workers workers;
  private final NetworkPass pass;
  private final Loss loss;
  private final float[] gradients;
  private final RowParts parts;
  private final Workers.Task preparing = this::prepare;
  private final Consumer<RowRange> part = this::part;
  private final Workers.Task rows = this::rows;
  private final Workers.Task summing = this::sum;
  private final Workers.Task finishing = this::finish;
  private final Workers.Task adding = this::add;
  private final Shares shares;
  // A sum for each group of sequences; the first becomes the sum of all.
  private float[][] sums;
  private int groups;
  // Into how many shares the columns of one group's sum are divided.
  private int columnShares;
  private Batch batch;

  /**
   * @param first the batch object that the first window comes from; others may follow
   * @throws IllegalArgumentException if its targets are not what the network's head wants
   */
  public GradientStep(CompiledNetwork compiled, Workers workers, Batch first) {
    this(compiled, workers, first, NetworkPass.forTraining(compiled));
  }

  /**
   * The same, whose {@link #pass} has the gradients of all states after {@link #run}.
   *
   * @throws IllegalArgumentException if the batch's targets are not what the network's head wants
   */
  public static GradientStep withStateGradients(
      CompiledNetwork compiled, Workers workers, Batch first) {
    return new GradientStep(compiled, workers, first, NetworkPass.withStateGradients(compiled));
  }

  private GradientStep(CompiledNetwork compiled, Workers workers, Batch first, NetworkPass pass) {
    this.network = compiled;
    this.workers = workers;
    this.batch = first;
    Network spec = compiled.network();
    Loss.check(spec, first.source().targets());
    this.pass = pass;
    this.loss = new Loss(compiled.kernel(), spec.head(), spec.outputSize(), spec.perStep());
    this.gradients = new float[compiled.parameters().values().length];
    this.sums = new float[][] {gradients};
    this.parts = new RowParts(workers.count());
    this.shares = new Shares(workers.count());
  }

  /**
   * Checks that a data set can be given to a network.
   *
   * @throws IllegalArgumentException if its inputs or targets do not fit, naming what the network
   *     expects and what the data has
   */
  public static void check(Network network, Sequences data) {
    InputCheck.check(network, data);
    Loss.check(network, data.targets());
  }

  /**
   * Opens a window; the states before it are zero until {@link #pass} is told otherwise.
   *
   * @param from the batch
   * @param firstStep from 0
   * @param steps at most so many
   * @param countFrom steps of the window before this one carry gradients but no loss
   */
  public void open(Batch from, int firstStep, int steps, int countFrom) {
    batch = from;
    batch.window(pass, firstStep, steps, workers.count());
    loss.prepare(batch, pass, countFrom);
    groups = pass.steps().groups();
    columnShares = workers.count() / greatestCommonDivisor(workers.count(), groups);
    while (sums.length < groups) {
      sums = Arrays.copyOf(sums, sums.length + 1);
      sums[sums.length - 1] = new float[gradients.length];
    }
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  /**
   * Runs forward and backward over the open window. Returns the mean loss over its targets; 0 if
   * all are masked.
   */
  public double run() {
    network.align();
    workers.run(preparing);
    parts.set(pass.steps());
    workers.run(rows);
    if (!pass.partsAreGroups()) {
      shares.set(groups * columnShares, workers.count());
      workers.run(summing);
      if (pass.hasGradientsOfSums()) {
        workers.run(finishing);
      }
    }
    if (groups > 1) {
      workers.run(adding);
    }
    return loss.totalWeight() == 0 ? 0 : loss.sum(pass) / loss.totalWeight();
  }

  private void prepare(int worker, int count) {
    network.pack(worker, count, Packing.BACKWARD);
    int from = firstOf(worker, count);
    int to = firstOf(worker + 1, count);
    for (int g = 0; g < groups; g++) {
      Arrays.fill(sums[g], from, to, 0f);
    }
  }

  /** Where a worker's range of the gradients begins. */
  private int firstOf(int worker, int count) {
    return (int) ((long) gradients.length * worker / count);
  }

  private void rows(int worker, int count) {
    parts.each(worker, part);
  }

  private void part(RowRange range) {
    batch.fill(pass, range);
    pass.forward(range);
    pass.clearGradients(range);
    loss.run(batch, pass, range);
    if (pass.partsAreGroups()) {
      pass.backwardAndSum(range, sums[range.part()]);
    } else {
      pass.backward(range);
    }
  }

  /** The gradients of weights, group by group and share by share. */
  private void sum(int worker, int count) {
    for (int share = shares.take(worker); share >= 0; share = shares.take(worker)) {
      int group = share / columnShares;
      pass.weightGradients(sums[group], group, share % columnShares, columnShares);
    }
  }

  /** The gradients that need the whole sums of a group. */
  private void finish(int worker, int count) {
    for (int g = 0; g < groups; g++) {
      pass.finishWeightGradients(sums[g], g, worker, count);
    }
  }

  private void add(int worker, int count) {
    int to = firstOf(worker + 1, count);
    for (int g = 1; g < groups; g++) {
      float[] sum = sums[g];
      for (int i = firstOf(worker, count); i < to; i++) {
        gradients[i] += sum[i];
      }
    }
  }

  /** The sum of the weights of the window's targets. */
  public double totalWeight() {
    return loss.totalWeight();
  }

  /** The buffers of the window: states in and out, and after {@link #run} the scores. */
  public NetworkPass pass() {
    return pass;
  }

  /** The gradients of the mean loss, in the layout of the parameters, after {@link #run}. */
  public float[] gradients() {
    return gradients;
  }
}
