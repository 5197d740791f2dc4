package dev.carousel.network;

/** What arrives at one step. */
public sealed interface Input {

  /** A vector of {@code size} numbers. */
  record Features(int size) implements Input {
    /**
     * @throws IllegalArgumentException if there is not at least 1
     */
    public Features {
      if (size < 1) {
        throw new IllegalArgumentException("input: expected at least 1 feature, got " + size);
      }
    }
  }

  /** One of {@code count} symbols, numbered from 0; the first layer must be an embedding. */
  record Tokens(int count) implements Input {
    /**
     * @throws IllegalArgumentException if there is not at least 1
     */
    public Tokens {
      if (count < 1) {
        throw new IllegalArgumentException("input: expected at least 1 token, got " + count);
      }
    }
  }
}
