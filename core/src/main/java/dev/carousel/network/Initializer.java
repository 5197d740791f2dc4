package dev.carousel.network;

/** How the values of a parameter are drawn before training. */
public sealed interface Initializer {

  /** Uniform on [-bound, bound). */
  record Uniform(float bound) implements Initializer {
    /**
     * @throws IllegalArgumentException if the bound is not finite and above 0
     */
    public Uniform {
      if (!(bound > 0) || bound == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "uniform initializer: expected a finite bound above 0, got " + bound);
      }
    }
  }

  /**
   * Uniform on [-b, b), {@code b = sqrt(6 / (fanIn + fanOut))} over the whole matrix (Glorot and
   * Bengio, 2010).
   */
  record Glorot() implements Initializer {}

  /**
   * Each gate block is a random orthogonal matrix (Saxe, McClelland and Ganguli, 2014); a block
   * that is not square has orthonormal rows or columns, whichever are fewer.
   */
  record Orthogonal() implements Initializer {}

  /** Every value the same. */
  record Constant(float value) implements Initializer {
    /**
     * @throws IllegalArgumentException if the value is not finite
     */
    public Constant {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "constant initializer: expected a finite value, got " + value);
      }
    }
  }
}
