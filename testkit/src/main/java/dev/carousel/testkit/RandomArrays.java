package dev.carousel.testkit;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Arrays of uniform random numbers from a seed: the same seed gives the same arrays everywhere.
 *
 * <p>Every number is a {@code float} in a {@code double}, so that single-precision code can be
 * given exactly the same.
 */
public final class RandomArrays {

  private final RandomGenerator random;

  /** Numbers from that seed. */
  public RandomArrays(long seed) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Uniform between -scale and scale. */
  public double value(double scale) {
    return (float) ((2 * random.nextDouble() - 1) * scale);
  }

  /** A vector of that length, uniform between -scale and scale. */
  public double[] vector(int length, double scale) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = value(scale);
    }
    return vector;
  }

  /** A matrix {@code [rows][columns]}, uniform between -scale and scale. */
  public double[][] matrix(int rows, int columns, double scale) {
    double[][] matrix = new double[rows][];
    for (int row = 0; row < rows; row++) {
      matrix[row] = vector(columns, scale);
    }
    return matrix;
  }

  /**
   * A ragged batch {@code [lengths.length][lengths[b]][features]}, uniform between -scale and
   * scale.
   */
  public double[][][] sequences(int[] lengths, int features, double scale) {
    double[][][] sequences = new double[lengths.length][][];
    for (int b = 0; b < lengths.length; b++) {
      sequences[b] = matrix(lengths[b], features, scale);
    }
    return sequences;
  }

  /**
   * A ragged batch of symbols {@code [lengths.length][lengths[b]]}, uniform from 0 to count - 1.
   */
  public int[][] symbols(int[] lengths, int count) {
    int[][] symbols = new int[lengths.length][];
    for (int b = 0; b < lengths.length; b++) {
      symbols[b] = new int[lengths[b]];
      for (int t = 0; t < lengths[b]; t++) {
        symbols[b][t] = random.nextInt(count);
      }
    }
    return symbols;
  }
}
