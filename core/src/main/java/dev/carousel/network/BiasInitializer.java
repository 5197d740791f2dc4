package dev.carousel.network;

/** How the biases of a recurrent layer start. */
public sealed interface BiasInitializer {

  /** All 0, but for an LSTM's forget gate, which starts at {@link Cell.Lstm#forgetBias}. */
  record Standard() implements BiasInitializer {}

  /**
   * Memories of every length from 1 to {@code longest} steps from the start (Tallec and Ollivier,
   * "Can recurrent neural networks warp time?", ICLR 2018): the gate that keeps the old state (f of
   * an LSTM, z of a GRU) starts at {@code ln u}, u uniform on [1, longest - 1), drawn for each unit
   * by itself; the input gate of an LSTM, where it has weights of its own, at {@code -ln u}; the
   * others at 0. {@link Cell.Lstm#forgetBias} is not used.
   *
   * @param longest the longest dependency expected, in steps, at least 3
   */
  record Chrono(int longest) implements BiasInitializer {
    /**
     * @throws IllegalArgumentException if the longest dependency is below 3 steps
     */
    public Chrono {
      if (longest < 3) {
        throw new IllegalArgumentException(
            "chrono initializer: expected a longest dependency of at least 3 steps, got "
                + longest);
      }
    }
  }
}
