package dev.carousel.benchmarks;

import dev.carousel.execution.Activations;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Steps;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.training.Adam;
import dev.carousel.training.Clipping;
import dev.carousel.training.GradientStep;
import dev.carousel.training.ParameterUpdate;
import dev.carousel.training.Penalty;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Training steps of Carousel, in the order in which {@code TrainingRun} does them: choose a batch,
 * copy it out of the data set, forward and backward, norm of the gradients, Adam.
 */
final class CarouselTraining implements Contender {
  private static final Adam ADAM = Adam.withLearningRate(1e-3);

  private final Task task;
  private final Parameters parameters;
  private final Workers workers;
  private final Batch batch;
  private final GradientStep gradient;
  private final ParameterUpdate update;
  private final int[] order;
  private int next;

  CarouselTraining(Task task, Kernel kernel, int threads) {
    this.task = task;
    this.parameters = task.parameters().copy();
    this.workers = new Workers(threads);
    CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
    this.batch = new Batch(task.data());
    this.gradient = new GradientStep(compiled, workers, batch);
    this.update =
        new ParameterUpdate(
            kernel,
            workers,
            parameters,
            gradient.gradients(),
            ADAM,
            new Clipping.None(),
            Penalty.NONE);
    this.order = IntStream.range(0, task.data().size()).toArray();
  }

  @Override
  public Map<String, float[]> answer() {
    Map<String, float[]> answer = new LinkedHashMap<>();
    answer.put("loss", new float[] {(float) gradients(0)});
    answer.put("scores", scores());
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      answer.put("gradient of " + slice.name(), inFiles(slice, gradient.gradients()));
    }
    return answer;
  }

  /** In the order of time, however the workers' vectors lie. */
  private float[] scores() {
    Activations out = gradient.pass().output();
    Steps steps = gradient.pass().steps();
    float[] scores = new float[out.vectors(steps) * out.width()];
    int next = 0;
    for (int t = 0; t < (out.perStep() ? steps.timeSteps() : 1); t++) {
      for (int r = 0; r < steps.rows(t); r++) {
        int from = out.index(out.perStep() ? steps.vector(r, t) : r);
        System.arraycopy(out.values(), from, scores, next, out.width());
        next += out.width();
      }
    }
    return scores;
  }

  /** The values of a parameter as PyTorch lays them out. */
  static float[] inFiles(ParameterLayout.Slice slice, float[] values) {
    float[] copy = Arrays.copyOfRange(values, slice.offset(), slice.offset() + slice.size());
    if (!slice.transposedInFiles()) {
      return copy;
    }
    float[] transposed = new float[copy.length];
    for (int i = 0; i < slice.rows(); i++) {
      for (int j = 0; j < slice.columns(); j++) {
        transposed[j * slice.rows() + i] = copy[i * slice.columns() + j];
      }
    }
    return transposed;
  }

  private double gradients(int at) {
    batch.select(order, at, task.batchSize());
    gradient.open(batch, 0, batch.longest(), 0);
    return gradient.run();
  }

  @Override
  public void run() {
    double loss = gradients(next);
    double norm = update.measure();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new IllegalStateException("training: expected a finite loss, got " + loss);
    }
    update.step(norm, ADAM.learningRate());
    next = (next + task.batchSize()) % order.length;
  }

  @Override
  public void close() {
    workers.close();
  }
}
