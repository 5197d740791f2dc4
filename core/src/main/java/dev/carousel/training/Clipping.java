package dev.carousel.training;

/** What happens to large gradients before an update. */
public sealed interface Clipping {
  /** Nothing. */
  record None() implements Clipping {}

  /** Each element is limited to [-limit, limit]. */
  record Value(float limit) implements Clipping {
    /**
     * @throws IllegalArgumentException if the limit is not finite and above 0
     */
    public Value {
      check("clip value", limit);
    }
  }

  /**
   * If the Euclidean norm of all gradients together exceeds {@code limit}, all are multiplied by
   * {@code limit / norm} (Pascanu, Mikolov and Bengio, 2013).
   */
  record GlobalNorm(float limit) implements Clipping {
    /**
     * @throws IllegalArgumentException if the limit is not finite and above 0
     */
    public GlobalNorm {
      check("clip norm", limit);
    }
  }

  private static void check(String name, float limit) {
    if (!(limit > 0) || limit == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(name + ": expected a finite number above 0, got " + limit);
    }
  }
}
