package dev.carousel.inference;

import dev.carousel.execution.CompiledNetwork;

/**
 * A compiled network as one session or scorer has it: its own, which it keeps where the kernel
 * reads it fastest, or one that others read too. Not thread-safe.
 */
final class Weights {
  // Vectors between two looks at where the weights are: a look takes as long as one or two of them.
  private static final int LOOK = 1 << 10;

  private final CompiledNetwork network;
  private final boolean own;
  private int left;

  /**
   * @param own whether nobody else has this network
   */
  Weights(CompiledNetwork network, boolean own) {
    this.network = network;
    this.own = own;
  }

  CompiledNetwork network() {
    return network;
  }

  /** Before some vectors are multiplied, while no member of a team is at work. */
  void prepare(int vectors) {
    left -= vectors;
    if (left <= 0 && own) {
      left = LOOK;
      network.align();
    }
  }
}
