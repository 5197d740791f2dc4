package dev.carousel.testkit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named arrays in a fixed order: a cell's parameters, or their gradients in the same shapes. A
 * vector is a matrix of one row.
 *
 * <p>The arrays are held, not copied, so a change of an element is a change of the cell that was
 * built from it.
 */
public final class Parameters {

  private final Map<String, double[][]> arrays = new LinkedHashMap<>();

  /** No arrays yet. */
  public Parameters() {}

  /** Adds a matrix {@code [rows][columns]} under a name and returns this. */
  public Parameters with(String name, double[][] matrix) {
    if (arrays.putIfAbsent(name, matrix) != null) {
      throw new IllegalArgumentException(
          "parameter " + name + ": expected a new name, got it twice");
    }
    return this;
  }

  /** Adds a vector under a name and returns this. */
  public Parameters with(String name, double[] vector) {
    return with(name, new double[][] {vector});
  }

  /** The names in the order in which they were added. */
  public Set<String> names() {
    return Collections.unmodifiableSet(arrays.keySet());
  }

  /**
   * The matrix of that name, {@code [rows][columns]}; a vector has one row.
   *
   * @throws IllegalArgumentException if there is none
   */
  public double[][] matrix(String name) {
    double[][] matrix = arrays.get(name);
    if (matrix == null) {
      throw new IllegalArgumentException(
          "parameter: expected one of " + arrays.keySet() + ", got " + name);
    }
    return matrix;
  }

  /**
   * The vector of that name.
   *
   * @throws IllegalArgumentException if there is none, or if it is a matrix of more than one row
   */
  public double[] vector(String name) {
    double[][] matrix = matrix(name);
    Shapes.requireRows("parameter " + name, matrix.length, 1, "it is read as a vector");
    return matrix[0];
  }

  /** New arrays of the same names and shapes, all zero. */
  public Parameters zerosLike() {
    Parameters zeros = new Parameters();
    arrays.forEach(
        (name, matrix) -> {
          double[][] copy = new double[matrix.length][];
          for (int row = 0; row < matrix.length; row++) {
            copy[row] = new double[matrix[row].length];
          }
          zeros.with(name, copy);
        });
    return zeros;
  }

  /** The number of elements in all the arrays. */
  public int count() {
    int count = 0;
    for (double[][] matrix : arrays.values()) {
      for (double[] row : matrix) {
        count += row.length;
      }
    }
    return count;
  }

  /** All elements in one new array: the arrays in their order, each row by row. */
  public double[] flatten() {
    double[] flat = new double[count()];
    int at = 0;
    for (double[][] matrix : arrays.values()) {
      for (double[] row : matrix) {
        System.arraycopy(row, 0, flat, at, row.length);
        at += row.length;
      }
    }
    return flat;
  }

  /**
   * Writes the elements of a flat array, laid out as {@link #flatten()} does, into the arrays held
   * here.
   *
   * @throws IllegalArgumentException if the length is not {@link #count()}
   */
  public void assign(double[] flat) {
    Shapes.requireVector("flat parameters", flat, count(), "the sum over " + arrays.keySet());
    int at = 0;
    for (double[][] matrix : arrays.values()) {
      for (double[] row : matrix) {
        System.arraycopy(flat, at, row, 0, row.length);
        at += row.length;
      }
    }
  }
}
