package dev.carousel.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * Reverse-mode differentiation of scalars: every operation is recorded with the derivative for each
 * operand, and {@link #backward} walks the record from the end. It knows nothing of cells, so its
 * gradients are independent of those written by hand.
 */
final class ScalarTape {

  /** A value on the tape. */
  final class Var {
    private final Var[] operands;
    private final double[] derivatives;
    final double value;
    double gradient;

    private Var(double value, Var[] operands, double[] derivatives) {
      this.value = value;
      this.operands = operands;
      this.derivatives = derivatives;
      recorded.add(this);
    }

    Var plus(Var other) {
      return new Var(value + other.value, new Var[] {this, other}, new double[] {1, 1});
    }

    Var minus(Var other) {
      return new Var(value - other.value, new Var[] {this, other}, new double[] {1, -1});
    }

    Var times(Var other) {
      return new Var(
          value * other.value, new Var[] {this, other}, new double[] {other.value, value});
    }

    Var dividedBy(Var other) {
      return new Var(
          value / other.value,
          new Var[] {this, other},
          new double[] {1 / other.value, -value / (other.value * other.value)});
    }

    Var times(double factor) {
      return unary(value * factor, factor);
    }

    Var plus(double constant) {
      return unary(value + constant, 1);
    }

    Var exp() {
      return unary(Math.exp(value), Math.exp(value));
    }

    Var log() {
      return unary(Math.log(value), 1 / value);
    }

    /** As (e^2x - 1) / (e^2x + 1), not by the derivative of tanh. */
    Var tanh() {
      Var e = times(2).exp();
      return e.plus(-1).dividedBy(e.plus(1));
    }

    Var sigmoid() {
      return constant(1).dividedBy(times(-1).exp().plus(1));
    }

    /** The nearest value in [low, high]; outside, the derivative is zero. */
    Var clip(double low, double high) {
      boolean inside = value > low && value < high;
      return unary(Math.max(low, Math.min(high, value)), inside ? 1 : 0);
    }

    private Var unary(double result, double derivative) {
      return new Var(result, new Var[] {this}, new double[] {derivative});
    }
  }

  private final List<Var> recorded = new ArrayList<>();

  Var constant(double value) {
    return new Var(value, new Var[0], new double[0]);
  }

  Var[] variables(double[] values) {
    Var[] variables = new Var[values.length];
    for (int i = 0; i < values.length; i++) {
      variables[i] = constant(values[i]);
    }
    return variables;
  }

  Var[][] variables(double[][] values) {
    Var[][] variables = new Var[values.length][];
    for (int i = 0; i < values.length; i++) {
      variables[i] = variables(values[i]);
    }
    return variables;
  }

  Var[][][] variables(double[][][] values) {
    Var[][][] variables = new Var[values.length][][];
    for (int i = 0; i < values.length; i++) {
      variables[i] = variables(values[i]);
    }
    return variables;
  }

  /** Computes d loss / d v for every recorded v. */
  void backward(Var loss) {
    loss.gradient = 1;
    for (int i = recorded.size() - 1; i >= 0; i--) {
      Var var = recorded.get(i);
      for (int k = 0; k < var.operands.length; k++) {
        var.operands[k].gradient += var.gradient * var.derivatives[k];
      }
    }
  }

  static double[] gradients(Var[] variables) {
    double[] gradients = new double[variables.length];
    for (int i = 0; i < variables.length; i++) {
      gradients[i] = variables[i].gradient;
    }
    return gradients;
  }

  static double[][] gradients(Var[][] variables) {
    double[][] gradients = new double[variables.length][];
    for (int i = 0; i < variables.length; i++) {
      gradients[i] = gradients(variables[i]);
    }
    return gradients;
  }

  static double[][][] gradients(Var[][][] variables) {
    double[][][] gradients = new double[variables.length][][];
    for (int i = 0; i < variables.length; i++) {
      gradients[i] = gradients(variables[i]);
    }
    return gradients;
  }
}
