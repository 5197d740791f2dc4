package dev.carousel.cell;

/**
 * Where the rows of one backward step lie: in each array of a {@link CellTape} the first of {@code
 * count} neighbouring ones. Mutable, so that going back allocates nothing.
 */
public final class StepRows {
  /** How many rows. */
  public int count;

  /** In z and extra. */
  public int packed;

  /** In h and c, of the states before the step. */
  public int previous;

  /** In dh, of the states after the step. */
  public int dh;

  /** In dh, of the states before it. */
  public int dhPrevious;

  /** In dc, of the states after the step. */
  public int dc;

  /** In dc, of the states before it; may be {@link #dc}. */
  public int dcPrevious;

  /** All zero until they are set. */
  public StepRows() {}
}
