package dev.carousel.testkit;

/** The function that makes an Elman cell's state from its pre-activation. */
public enum Activation {
  /** tanh(x). */
  TANH {
    @Override
    public double apply(double x) {
      return Math.tanh(x);
    }

    @Override
    public double derivative(double x) {
      double y = Math.tanh(x);
      return 1 - y * y;
    }
  },

  /** max(x, 0); the derivative at 0 is 0. */
  RELU {
    @Override
    public double apply(double x) {
      return Math.max(x, 0);
    }

    @Override
    public double derivative(double x) {
      return x > 0 ? 1 : 0;
    }
  };

  /** The function's value at x. */
  public abstract double apply(double x);

  /** The function's derivative at x (of the argument, not of the value). */
  public abstract double derivative(double x);
}
