package dev.carousel.network;

/** The function at the end of a dense layer or of an Elman cell. */
public enum Activation {
  /** {@code y = x}. */
  LINEAR,
  /** The hyperbolic tangent. */
  TANH,
  /** {@code y = max(x, 0)}. */
  RELU,
  /** {@code y = 1 / (1 + e^-x)}. */
  SIGMOID
}
