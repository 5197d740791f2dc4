package dev.carousel.testkit;

import java.util.Arrays;

/**
 * The three products of a linear map y = x W and of its backward pass, as loops over the
 * definition.
 */
final class LinearAlgebra {

  private LinearAlgebra() {}

  /** Adds x W to y, where W is {@code [x.length][y.length]}. */
  static void addProduct(double[] x, double[][] weight, double[] y) {
    for (int j = 0; j < y.length; j++) {
      double sum = 0;
      for (int i = 0; i < x.length; i++) {
        sum += x[i] * weight[i][j];
      }
      y[j] += sum;
    }
  }

  /** Adds dy W^T to dx. */
  static void addTransposedProduct(double[] dy, double[][] weight, double[] dx) {
    for (int i = 0; i < dx.length; i++) {
      double sum = 0;
      for (int j = 0; j < dy.length; j++) {
        sum += dy[j] * weight[i][j];
      }
      dx[i] += sum;
    }
  }

  /** Adds x^T dy to dWeight. */
  static void addOuterProduct(double[] x, double[] dy, double[][] dWeight) {
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < dy.length; j++) {
        dWeight[i][j] += x[i] * dy[j];
      }
    }
  }

  /** Adds x to y. */
  static void add(double[] x, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] += x[i];
    }
  }

  /** Columns {@code [from, to)} of a matrix, copied. */
  static double[][] columns(double[][] matrix, int from, int to) {
    double[][] columns = new double[matrix.length][];
    for (int row = 0; row < matrix.length; row++) {
      columns[row] = Arrays.copyOfRange(matrix[row], from, to);
    }
    return columns;
  }
}
