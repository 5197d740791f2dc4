package dev.carousel.cell;

/**
 * For which passes weights are brought into the kernel's layout; each includes the ones before it.
 */
public enum Packing {
  /** Forward. */
  FORWARD,
  /** Back through the steps. */
  BACKWARD,
  /** Back to the inputs too. */
  BACKWARD_TO_INPUTS
}
