package dev.carousel.benchmarks;

import dev.carousel.execution.Activations;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Scores of whole batches of sequences: choose a batch, copy it out of the data set, forward,
 * softmax; each thread with sequences of its own. For networks with scores once per sequence.
 */
final class CarouselInference implements Contender {
  private final Task task;
  private final Workers workers;
  private final Batch batch;
  private final NetworkPass pass;
  private final RowRange[] ranges;
  private final int[] order;
  private final Workers.Task rows;
  private int next;

  CarouselInference(Task task, Kernel kernel, int threads) {
    this.task = task;
    this.workers = new Workers(threads);
    CompiledNetwork compiled = new CompiledNetwork(task.parameters(), kernel);
    compiled.pack();
    this.batch = new Batch(task.data());
    this.pass = NetworkPass.forInference(compiled);
    this.ranges = new RowRange[threads];
    Arrays.setAll(ranges, worker -> new RowRange());
    this.order = IntStream.range(0, task.data().size()).toArray();
    this.rows =
        (worker, count) -> {
          RowRange range = ranges[worker];
          batch.fill(pass, range);
          pass.forward(range);
          Activations scores = pass.output();
          int first = scores.index(range.from());
          Scores.apply(
              kernel,
              task.network().head(),
              range.to() - range.from(),
              scores.width(),
              scores.values(),
              first);
        };
  }

  @Override
  public Map<String, float[]> answer() {
    scores(0);
    Activations scores = pass.output();
    int first = scores.index(0);
    float[] values =
        Arrays.copyOfRange(scores.values(), first, first + task.batchSize() * scores.width());
    return Map.of("scores", values);
  }

  private void scores(int at) {
    batch.select(order, at, task.batchSize());
    batch.window(pass, 0, batch.longest());
    for (int worker = 0; worker < ranges.length; worker++) {
      ranges[worker].set(pass.steps(), worker, ranges.length);
    }
    workers.run(rows);
  }

  @Override
  public void run() {
    scores(next);
    next = (next + task.batchSize()) % order.length;
  }

  @Override
  public void close() {
    workers.close();
  }
}
