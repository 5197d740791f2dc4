package dev.carousel.testkit;

import java.util.Arrays;

/**
 * Carries arrays between the reference's shapes in {@code double} and flat arrays of {@code float}.
 */
public final class FloatArrays {

  private FloatArrays() {}

  /** Each element rounded to float. */
  public static float[] flat(double[] vector) {
    float[] flat = new float[vector.length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) vector[i];
    }
    return flat;
  }

  /** The rows one after another, each element rounded to float. */
  public static float[] flat(double[][] matrix) {
    int count = 0;
    for (double[] row : matrix) {
      count += row.length;
    }
    float[] flat = new float[count];
    int at = 0;
    for (double[] row : matrix) {
      for (double value : row) {
        flat[at++] = (float) value;
      }
    }
    return flat;
  }

  /** {@code length} elements from {@code offset}. */
  public static double[] vector(float[] flat, int offset, int length) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = flat[offset + i];
    }
    return vector;
  }

  /** A row-major matrix {@code [rows][columns]} from {@code offset}. */
  public static double[][] matrix(float[] flat, int offset, int rows, int columns) {
    double[][] matrix = new double[rows][];
    for (int row = 0; row < rows; row++) {
      matrix[row] = vector(flat, offset + row * columns, columns);
    }
    return matrix;
  }

  /**
   * A ragged batch as time-major {@code [T][batchSize][features]}, flat, T being the longest
   * sequence's steps; elements past a sequence's own length hold {@code padding}.
   */
  public static float[] timeMajor(double[][][] sequences, int features, float padding) {
    int batchSize = sequences.length;
    int timeSteps = 0;
    for (double[][] sequence : sequences) {
      timeSteps = Math.max(timeSteps, sequence.length);
    }
    float[] flat = new float[timeSteps * batchSize * features];
    Arrays.fill(flat, padding);
    for (int b = 0; b < batchSize; b++) {
      for (int t = 0; t < sequences[b].length; t++) {
        Shapes.requireVector(
            "sequences[" + b + "][" + t + "]", sequences[b][t], features, "features");
        for (int k = 0; k < features; k++) {
          flat[(t * batchSize + b) * features + k] = (float) sequences[b][t][k];
        }
      }
    }
    return flat;
  }

  /**
   * The ragged batch {@code [lengths.length][lengths[b]][features]} in a time-major flat array;
   * what is past the lengths is not read.
   */
  public static double[][][] sequences(float[] timeMajor, int[] lengths, int features) {
    int batchSize = lengths.length;
    double[][][] sequences = new double[batchSize][][];
    for (int b = 0; b < batchSize; b++) {
      sequences[b] = new double[lengths[b]][];
      for (int t = 0; t < lengths[b]; t++) {
        sequences[b][t] = vector(timeMajor, (t * batchSize + b) * features, features);
      }
    }
    return sequences;
  }
}
