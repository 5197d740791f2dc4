package dev.carousel.testkit;

/** Checks of array lengths, each failing with the array's name and both numbers. */
final class Shapes {

  private Shapes() {}

  static void requireVector(String name, double[] vector, int length, String origin) {
    if (vector.length != length) {
      throw new IllegalArgumentException(
          name + ": expected " + length + " values (" + origin + "), got " + vector.length);
    }
  }

  static void requireRows(String name, int rows, int expected, String origin) {
    if (rows != expected) {
      throw new IllegalArgumentException(
          name + ": expected " + expected + " rows (" + origin + "), got " + rows);
    }
  }

  static void requireMatrix(String name, double[][] matrix, int rows, int columns, String origin) {
    requireRows(name, matrix.length, rows, origin);
    for (int row = 0; row < rows; row++) {
      requireVector(name + "[" + row + "]", matrix[row], columns, origin);
    }
  }

  /** Checks the weights of a cell whose hidden size is the number of rows of weightHh. */
  static void requireCellWeights(
      double[][] weightIh, double[][] weightHh, double[] bias, int gates) {
    int hiddenSize = weightHh.length;
    if (hiddenSize == 0 || weightIh.length == 0) {
      throw new IllegalArgumentException(
          "weights: expected at least 1 input and 1 hidden unit, got inputSize "
              + weightIh.length
              + " (rows of weightIh) and hiddenSize "
              + hiddenSize
              + " (rows of weightHh)");
    }
    String origin = gates + " gates x hiddenSize " + hiddenSize;
    requireMatrix("weightIh", weightIh, weightIh.length, gates * hiddenSize, origin);
    requireMatrix("weightHh", weightHh, hiddenSize, gates * hiddenSize, origin);
    requireVector("bias", bias, gates * hiddenSize, origin);
  }
}
