package dev.carousel.network;

/**
 * What the last layer's numbers mean: the function that turns them into scores, and the loss that
 * belongs to it.
 */
public enum Head {
  /** Probabilities of classes that exclude each other; softmax cross-entropy. */
  SOFTMAX,
  /** Independent probabilities; binary cross-entropy. */
  SIGMOID,
  /** The numbers themselves; squared error. */
  LINEAR
}
