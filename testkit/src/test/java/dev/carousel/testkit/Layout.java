package dev.carousel.testkit;

import java.util.Arrays;

/** Rearranges the arrays of other systems into Carousel's. */
public final class Layout {

  private Layout() {}

  public static double[][] transposed(double[][] matrix) {
    double[][] transposed = new double[matrix[0].length][matrix.length];
    for (int row = 0; row < matrix.length; row++) {
      for (int column = 0; column < matrix[row].length; column++) {
        transposed[column][row] = matrix[row][column];
      }
    }
    return transposed;
  }

  /**
   * Blocks of equal size in another order: block k of the result is block {@code order[k]} of the
   * vector.
   */
  public static double[] blocks(double[] vector, int... order) {
    int size = vector.length / order.length;
    double[] permuted = new double[vector.length];
    for (int block = 0; block < order.length; block++) {
      System.arraycopy(vector, order[block] * size, permuted, block * size, size);
    }
    return permuted;
  }

  public static double[][] blocks(double[][] matrix, int... order) {
    double[][] permuted = new double[matrix.length][];
    for (int row = 0; row < matrix.length; row++) {
      permuted[row] = blocks(matrix[row], order);
    }
    return permuted;
  }

  public static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    LinearAlgebra.add(b, sum);
    return sum;
  }

  public static double[] filled(int length, double value) {
    double[] vector = new double[length];
    Arrays.fill(vector, value);
    return vector;
  }

  public static double[][] filled(int rows, int columns, double value) {
    double[][] matrix = new double[rows][];
    for (int row = 0; row < rows; row++) {
      matrix[row] = filled(columns, value);
    }
    return matrix;
  }

  /** Swaps the first two axes: time-major to batch-major. */
  public static double[][][] swapped(double[][][] cube) {
    double[][][] swapped = new double[cube[0].length][cube.length][];
    for (int t = 0; t < cube.length; t++) {
      for (int b = 0; b < cube[t].length; b++) {
        swapped[b][t] = cube[t][b];
      }
    }
    return swapped;
  }
}
