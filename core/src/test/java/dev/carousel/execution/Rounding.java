package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.Parameters;
import dev.carousel.testkit.WorstError;

/**
 * How far single precision may be from the reference: {@code factor 2^-24 sqrt(terms)} of the
 * largest element of the array, at least of 1, terms being the length of the longest chain of sums
 * behind an element. Rounding errors of either sign add up like the square root of their number
 * (Higham and Mary, 2019); a wrong term is thousands of times larger.
 */
public final class Rounding {
  private static final double UNIT = 0x1p-24;

  // Twice the largest error measured over the tests, which is 1.04.
  private static final double FACTOR = 2;

  private final double unit;

  public Rounding(int terms) {
    unit = UNIT * Math.sqrt(terms);
  }

  public void compare(String name, double[][][] expected, double[][][] actual) {
    double largest = 0;
    for (double[][] matrix : expected) {
      largest = Math.max(largest, largest(matrix));
    }
    add(Comparison.withFloor(floor(largest)).compare(name, expected, actual).worst());
  }

  public void compare(String name, double[][] expected, double[][] actual) {
    add(Comparison.withFloor(floor(largest(expected))).compare(name, expected, actual).worst());
  }

  public void compare(String layer, Parameters expected, Parameters actual) {
    for (String name : expected.names()) {
      compare(layer + name, expected.matrix(name), actual.matrix(name));
    }
  }

  // Inputs, states and upstream gradients are of the size 1: what is smaller was made by
  // cancellation, and its error is as large as that of what cancelled.
  private static double floor(double largest) {
    return Math.max(largest, 1);
  }

  private static double largest(double[][] matrix) {
    double largest = 0;
    for (double[] row : matrix) {
      for (double value : row) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  private void add(WorstError error) {
    assertThat(error.relativeError()).as(error.toString()).isLessThan(FACTOR * unit);
  }
}
