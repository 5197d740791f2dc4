package dev.carousel.testkit;

/** The function that opens and closes a gate: from 0, closed, to 1, open. */
public enum GateActivation {
  /** 1 / (1 + exp(-x)). */
  SIGMOID {
    @Override
    public double apply(double x) {
      return 1 / (1 + Math.exp(-x));
    }

    @Override
    public double derivative(double x) {
      double y = apply(x);
      return y * (1 - y);
    }
  },

  /**
   * clip(0.2 x + 0.5, 0, 1), the hard sigmoid of Keras 1 and 2; the derivative at -2.5 and 2.5 is
   * 0.
   */
  HARD_SIGMOID_02 {
    @Override
    public double apply(double x) {
      return Math.min(Math.max(0.2 * x + 0.5, 0), 1);
    }

    @Override
    public double derivative(double x) {
      return x > -2.5 && x < 2.5 ? 0.2 : 0;
    }
  },

  /**
   * relu6(x + 3) / 6 = clip(x / 6 + 0.5, 0, 1), the hard sigmoid of Keras 3; the derivative at -3
   * and 3 is 0.
   */
  HARD_SIGMOID_6 {
    @Override
    public double apply(double x) {
      return Math.min(Math.max(x + 3, 0), 6) / 6;
    }

    @Override
    public double derivative(double x) {
      return x > -3 && x < 3 ? 1.0 / 6 : 0;
    }
  };

  /** The function's value at x. */
  public abstract double apply(double x);

  /** The function's derivative at x (of the argument, not of the value). */
  public abstract double derivative(double x);
}
