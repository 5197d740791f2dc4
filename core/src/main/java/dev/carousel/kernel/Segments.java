package dev.carousel.kernel;

/**
 * Stretches of rows of a matrix, in ascending order and apart: what one worker has of the rows of
 * all steps. A product over all of them reads its right operand once instead of once a stretch.
 */
public interface Segments {
  /** The number of stretches. */
  int segments();

  /** The first row of a stretch. */
  int start(int segment);

  /** The number of rows of a stretch; at least 1. */
  int count(int segment);
}
