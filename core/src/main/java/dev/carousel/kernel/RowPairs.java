package dev.carousel.kernel;

/**
 * Which rows of two matrices belong together, in the order in which a sum over them is made:
 * stretches of rows that follow each other in both.
 */
public interface RowPairs {
  /** The number of stretches. */
  int stretches();

  /** The first row of a stretch in the left matrix. */
  int left(int stretch);

  /** The first row of a stretch in the right matrix. */
  int right(int stretch);

  /** The number of rows of a stretch; at least 1. */
  int count(int stretch);
}
