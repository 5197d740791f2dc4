package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * A row-major matrix inside a larger array. Everything before, between and behind its rows is a
 * guard value, so an access outside the rows shows: a write because the guard is gone, a read
 * because the guard is too large to be overlooked in a result.
 */
public final class GuardedMatrix {
  private static final float GUARD = -7.77e33f;

  private final int rows;
  private final int columns;
  private final int at;
  private final int stride;
  private final float[] data;

  /** Rows {@code columns + gap} apart, the first at {@code at}; filled row after row. */
  public GuardedMatrix(int rows, int columns, int at, int gap, DoubleSupplier values) {
    this.rows = rows;
    this.columns = columns;
    this.at = at;
    this.stride = columns + gap;
    this.data = new float[at + rows * stride + 19];
    Arrays.fill(data, GUARD);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        data[index(r, c)] = (float) values.getAsDouble();
      }
    }
  }

  /** The whole array, guards included. */
  public float[] data() {
    return data;
  }

  public int at() {
    return at;
  }

  public int stride() {
    return stride;
  }

  public float get(int row, int column) {
    return data[index(row, column)];
  }

  /** The elements without the guards, row after row. */
  public float[] values() {
    float[] values = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(data, index(r, 0), values, r * columns, columns);
    }
    return values;
  }

  /** Asserts that nothing outside the rows was written. */
  public void assertGuarded(String name) {
    float[] outside = data.clone();
    for (int r = 0; r < rows; r++) {
      Arrays.fill(outside, index(r, 0), index(r, 0) + columns, GUARD);
    }
    float[] untouched = new float[data.length];
    Arrays.fill(untouched, GUARD);
    assertThat(outside).as("around %s", name).isEqualTo(untouched);
  }

  private int index(int row, int column) {
    return at + row * stride + column;
  }
}
