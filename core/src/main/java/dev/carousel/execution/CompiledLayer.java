package dev.carousel.execution;

import dev.carousel.cell.Packing;

/**
 * One layer bound to a kernel and to the packed form of its weights; shared by all passes, and by
 * threads.
 */
interface CompiledLayer {
  /** Brings a worker's share of the packed weights up to date with the parameters. */
  default void pack(int worker, int workers, Packing packing) {}

  /** Copies the packed weights to where they are read faster, while nobody packs them. */
  default void align() {}

  /** New buffers for this layer behind {@code in}. */
  LayerPass pass(Activations in);
}
