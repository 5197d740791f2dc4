package dev.carousel.network;

/** The function that turns a gate's pre-activation into a share between 0 and 1. */
public enum GateActivation {
  /** {@code 1 / (1 + e^-x)}. */
  SIGMOID,
  /** {@code clip(0.2 x + 0.5, 0, 1)}: Keras up to version 2. */
  HARD_SIGMOID_KERAS_2,
  /** {@code relu6(x + 3) / 6}: Keras 3 and PyTorch. */
  HARD_SIGMOID_KERAS_3
}
