package dev.carousel.cell;

/** When the products of a batch with the input weights, {@code b + W_ih x}, are made. */
public enum InputProduct {
  /** In every step, together with the recurrent ones. */
  IN_STEP,
  /** For all steps before the first one, by {@link RecurrentCell#inputAhead}. */
  AHEAD,
  /**
   * Once for all steps of a batch, or of all batches, with the same input, by {@link
   * InputWeights#products}; {@link InputWeights#begin} brings them to each step. So it is with
   * their gradients on the way back.
   */
  SHARED
}
