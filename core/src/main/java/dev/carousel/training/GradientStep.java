package dev.carousel.training;

import dev.carousel.cell.Packing;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowParts;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Workers;
import dev.carousel.network.Network;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Loss and gradients of all parameters on one window of one batch, by back-propagation through
 * time.
 *
 * <p>In a steady state nothing is allocated. Not thread-safe: one caller, who brings the workers.
 */
public final class GradientStep {
  private final CompiledNetwork network;
  private final Workers workers;
  private final NetworkPass pass;
  private final Loss loss;
  private final float[] gradients;
  private final RowParts parts;
  private final Workers.Task packing = this::pack;
  private final Consumer<RowRange> part = this::part;
  private final Workers.Task rows = this::rows;
  private final Workers.Task columns = this::columns;
  private Batch batch;

  /**
   * @param first the batch object that the first window comes from; others may follow
   * @throws IllegalArgumentException if its targets are not what the network's head wants
   */
  public GradientStep(CompiledNetwork compiled, Workers workers, Batch first) {
    this.network = compiled;
    this.workers = workers;
    this.batch = first;
    Network spec = compiled.network();
    Loss.check(spec, first.source().targets());
    this.pass = NetworkPass.forTraining(compiled);
    this.loss = new Loss(compiled.kernel(), spec.head(), spec.outputSize(), spec.perStep());
    this.gradients = new float[compiled.parameters().values().length];
    this.parts = new RowParts(workers.count());
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
   * @param from the first step
   * @param steps at most so many
   * @param countFrom steps of the window before this one carry gradients but no loss
   */
  public void open(Batch from, int firstStep, int steps, int countFrom) {
    batch = from;
    batch.window(pass, firstStep, steps, workers.count());
    loss.prepare(batch, pass, countFrom);
  }

  /**
   * Runs forward and backward over the open window. Returns the mean loss over its targets; 0 if
   * all are masked.
   */
  public double run() {
    workers.run(packing);
    parts.set(pass.steps());
    workers.run(rows);
    workers.run(columns);
    return loss.totalWeight() == 0 ? 0 : loss.sum(pass) / loss.totalWeight();
  }

  private void pack(int worker, int count) {
    network.pack(worker, count, Packing.BACKWARD);
    int size = gradients.length;
    int from = (int) ((long) size * worker / count);
    Arrays.fill(gradients, from, (int) ((long) size * (worker + 1) / count), 0f);
  }

  private void rows(int worker, int count) {
    parts.each(worker, part);
  }

  private void part(RowRange range) {
    batch.fill(pass, range);
    pass.forward(range);
    pass.clearGradients(range);
    loss.run(batch, pass, range);
    pass.backward(range);
  }

  private void columns(int worker, int count) {
    pass.weightGradients(gradients, worker, count);
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
