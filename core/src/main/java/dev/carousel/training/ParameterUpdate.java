package dev.carousel.training;

import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.Arrays;

/**
 * From gradients to new parameters: penalty, clipping, optimizer; each worker on its own range of
 * the arrays.
 *
 * <p>The norm is a sum over fixed stretches of {@value #STRETCH} gradients, added up in their order
 * by one thread, so the number of workers cannot change it.
 *
 * <p>Each step is {@link #measure} and then {@link #step}, as in {@link TrainingRun}. In a steady
 * state nothing is allocated. Not thread-safe: one caller, who brings the workers.
 */
public final class ParameterUpdate {
  private static final int STRETCH = 4096;

  private final Kernel kernel;
  private final Workers workers;
  private final float[] parameters;
  private final float[] gradients;
  // 1 where penalty and decay apply, else 0.
  private final float[] decays;
  private final float[] squares;
  private final Optimizer optimizer;
  private final Clipping clipping;
  private final Penalty penalty;
  private final Workers.Task preparing = this::prepare;
  private final Workers.Task updating = this::update;
  final Moments moments;
  private float rate;
  private float scale;

  /**
   * @param parameters what is updated
   * @param gradients in the layout of the parameters, as {@link GradientStep#gradients} has them;
   *     penalty and clipping by value change them
   */
  public ParameterUpdate(
      Kernel kernel,
      Workers workers,
      Parameters parameters,
      float[] gradients,
      Optimizer optimizer,
      Clipping clipping,
      Penalty penalty) {
    this.kernel = kernel;
    this.workers = workers;
    this.parameters = parameters.values();
    this.gradients = gradients;
    this.optimizer = optimizer;
    this.clipping = clipping;
    this.penalty = penalty;
    this.decays = new float[gradients.length];
    this.squares = new float[(gradients.length + STRETCH - 1) / STRETCH];
    this.moments = new Moments(optimizer.momentCount(), gradients.length);
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      if (slice.role() != ParameterLayout.Role.BIAS) {
        Arrays.fill(decays, slice.offset(), slice.offset() + slice.size(), 1f);
      }
    }
  }

  /** The value of the penalty on the parameters as they are. */
  double penaltyValue() {
    if (penalty.isNone()) {
      return 0;
    }
    double absolute = 0;
    double square = 0;
    for (int i = 0; i < parameters.length; i++) {
      double w = parameters[i] * decays[i];
      absolute += Math.abs(w);
      square += w * w;
    }
    return penalty.l1() * absolute + 0.5 * penalty.l2() * square;
  }

  /** Adds the penalty's gradient and measures: the norm of the gradient, before clipping. */
  public double measure() {
    workers.run(preparing);
    double sum = 0;
    for (float square : squares) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  /** The Euclidean norm of the parameters. */
  double parameterNorm() {
    double sum = 0;
    for (float w : parameters) {
      sum += (double) w * w;
    }
    return Math.sqrt(sum);
  }

  /**
   * Takes one step; {@link #measure} comes first.
   *
   * @param norm what it returned
   * @param learningRate of this step, above 0
   */
  public void step(double norm, double learningRate) {
    scale = 1f;
    if (clipping instanceof Clipping.GlobalNorm limit && norm > limit.limit()) {
      scale = (float) (limit.limit() / norm);
    }
    rate = (float) learningRate;
    moments.step++;
    if (optimizer instanceof Adam adam) {
      moments.beta1Power *= adam.beta1();
      moments.beta2Power *= adam.beta2();
    }
    workers.run(updating);
  }

  private void prepare(int worker, int count) {
    for (int s = squares.length * worker / count; s < squares.length * (worker + 1) / count; s++) {
      int from = s * STRETCH;
      int to = Math.min(gradients.length, from + STRETCH);
      if (!penalty.isNone()) {
        addPenalty(from, to);
      }
      squares[s] = kernel.sumOfSquares(to - from, gradients, from);
      if (clipping instanceof Clipping.Value limit) {
        clip(from, to, limit.limit());
      }
    }
  }

  private void addPenalty(int from, int to) {
    float l1 = penalty.l1();
    float l2 = penalty.l2();
    for (int i = from; i < to; i++) {
      float w = parameters[i] * decays[i];
      gradients[i] += Math.fma(l2, w, l1 * Math.signum(w));
    }
  }

  private void clip(int from, int to, float limit) {
    for (int i = from; i < to; i++) {
      float g = gradients[i];
      gradients[i] = g > limit ? limit : g < -limit ? -limit : g;
    }
  }

  private void update(int worker, int count) {
    int from = squares.length * worker / count * STRETCH;
    int to = Math.min(gradients.length, squares.length * (worker + 1) / count * STRETCH);
    optimizer.update(parameters, gradients, decays, moments, from, to, rate, scale);
  }
}
