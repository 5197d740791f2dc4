package dev.carousel.testkit;

import java.util.function.DoubleSupplier;

/**
 * Compares gradients with central differences of the loss, element by element.
 *
 * <pre>
 *   L'(x) = (8 (L(x + s) - L(x - s)) - (L(x + 2s) - L(x - 2s))) / (12 s) + O(s^4)
 * </pre>
 *
 * <p>The fourth-order stencil has a truncation error of about s^4 and a rounding error of about
 * 1e-16 |L| / s; at the default step of 1e-3 max(1, |x|) both stay near 1e-12 for a smooth loss of
 * order one, far better than the second-order stencil at its own best step. Where the loss has
 * kinks (a rectifier, a clip, a maximum), take a {@link #withStep smaller step}, so that no
 * difference spans one.
 *
 * <p>Elements are changed in place while the loss is computed, and restored.
 */
public final class GradientCheck {

  private final DoubleSupplier loss;
  private final double step;
  private final Comparison comparison;

  private GradientCheck(DoubleSupplier loss, double step, double floor) {
    this.loss = loss;
    this.step = step;
    this.comparison = Comparison.withFloor(floor);
  }

  /**
   * A check of the gradients of a loss that reads the arrays to be given to {@code check}, with the
   * default step. Errors are relative to the gradient, but at least to 1e-3.
   */
  public static GradientCheck of(DoubleSupplier loss) {
    return new GradientCheck(loss, 1e-3, 1e-3);
  }

  /** A check with another step, relative to max(1, |x|); nothing has been compared in it. */
  public GradientCheck withStep(double relativeStep) {
    return new GradientCheck(loss, relativeStep, comparison.floor());
  }

  /** Checks the gradient of a vector and returns this. */
  public GradientCheck check(String name, double[] values, double[] gradient) {
    return check(name, "", values, gradient);
  }

  /** Checks the gradient of a matrix and returns this. */
  public GradientCheck check(String name, double[][] values, double[][] gradient) {
    return check(name, "", values, gradient);
  }

  /** Checks the gradient of a ragged batch and returns this. */
  public GradientCheck check(String name, double[][][] values, double[][][] gradient) {
    Shapes.requireRows("gradient of " + name, gradient.length, values.length, name);
    for (int b = 0; b < values.length; b++) {
      check(name, "[" + b + "]", values[b], gradient[b]);
    }
    return this;
  }

  /** Checks the gradients of all the arrays of a cell and returns this. */
  public GradientCheck check(Parameters parameters, Parameters gradients) {
    for (String name : parameters.names()) {
      check(name, parameters.matrix(name), gradients.matrix(name));
    }
    return this;
  }

  /**
   * The worst error so far: expected is the central difference, actual the gradient.
   *
   * @throws IllegalStateException if nothing was checked
   */
  public WorstError worst() {
    return comparison.worst();
  }

  private GradientCheck check(String name, String prefix, double[][] values, double[][] gradient) {
    Shapes.requireRows("gradient of " + name + prefix, gradient.length, values.length, name);
    for (int row = 0; row < values.length; row++) {
      check(name, prefix + "[" + row + "]", values[row], gradient[row]);
    }
    return this;
  }

  private GradientCheck check(String name, String prefix, double[] values, double[] gradient) {
    Shapes.requireVector("gradient of " + name + prefix, gradient, values.length, name);
    for (int i = 0; i < values.length; i++) {
      comparison.compare(name, prefix + "[" + i + "]", difference(values, i), gradient[i]);
    }
    return this;
  }

  private double difference(double[] values, int i) {
    double s = step * Math.max(1, Math.abs(values[i]));
    double near = lossAt(values, i, s) - lossAt(values, i, -s);
    double far = lossAt(values, i, 2 * s) - lossAt(values, i, -2 * s);
    return (8 * near - far) / (12 * s);
  }

  private double lossAt(double[] values, int i, double offset) {
    double value = values[i];
    try {
      values[i] = value + offset;
      return loss.getAsDouble();
    } finally {
      values[i] = value;
    }
  }
}
