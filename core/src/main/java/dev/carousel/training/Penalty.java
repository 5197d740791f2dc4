package dev.carousel.training;

/**
 * A penalty on the size of weights that is part of the loss: {@code l1 sum |w| + l2 / 2 sum w^2},
 * over weights, recurrent weights, embeddings and peepholes, not over biases. Its gradient is
 * {@code l1 sign(w) + l2 w}. (Decay that bypasses the gradient is {@link Adam#withWeightDecay}.)
 */
public record Penalty(float l1, float l2) {
  /** No penalty. */
  public static final Penalty NONE = new Penalty(0f, 0f);

  /**
   * @throws IllegalArgumentException if either is negative or not finite
   */
  public Penalty {
    if (!(l1 >= 0 && l2 >= 0) || l1 + l2 == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "penalty: expected finite numbers of at least 0, got l1=" + l1 + ", l2=" + l2);
    }
  }

  boolean isNone() {
    return l1 == 0 && l2 == 0;
  }
}
