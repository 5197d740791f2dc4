package dev.carousel.kernel;

/**
 * Of twice as many rows: three of the first half, three of the second, and so on; the other way
 * round on the left.
 */
public record AlternatingRows(int rows) implements RowPairs {
  @Override
  public int stretches() {
    return (rows + 2) / 3;
  }

  @Override
  public int left(int stretch) {
    return right(stretch) < rows ? right(stretch) + rows : right(stretch) - rows;
  }

  @Override
  public int right(int stretch) {
    return 3 * stretch + (stretch % 2 == 0 ? 0 : rows);
  }

  @Override
  public int count(int stretch) {
    return Math.min(3, rows - 3 * stretch);
  }
}
