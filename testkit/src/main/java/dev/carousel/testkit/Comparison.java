package dev.carousel.testkit;

/**
 * Collects the worst relative error between arrays that should be equal.
 *
 * <p>The error of an element is relative to the larger of both values, but at least to the floor:
 * elements much smaller than the floor are compared absolutely.
 */
public final class Comparison {

  private final double floor;
  private WorstError worst = WorstError.NONE;
  private int compared;

  private Comparison(double floor) {
    this.floor = floor;
  }

  /** A comparison with that floor, in the unit of the values. */
  public static Comparison withFloor(double floor) {
    return new Comparison(floor);
  }

  /** Compares vectors of the same length and returns this. */
  public Comparison compare(String name, double[] expected, double[] actual) {
    return compare(name, "", expected, actual);
  }

  /** Compares matrices of the same shape and returns this. */
  public Comparison compare(String name, double[][] expected, double[][] actual) {
    return compare(name, "", expected, actual);
  }

  /** Compares ragged batches of the same shape and returns this. */
  public Comparison compare(String name, double[][][] expected, double[][][] actual) {
    Shapes.requireRows(name, actual.length, expected.length, "the reference");
    for (int b = 0; b < expected.length; b++) {
      compare(name, "[" + b + "]", expected[b], actual[b]);
    }
    return this;
  }

  /** Compares all arrays of the same names and shapes and returns this. */
  public Comparison compare(Parameters expected, Parameters actual) {
    for (String name : expected.names()) {
      compare(name, expected.matrix(name), actual.matrix(name));
    }
    return this;
  }

  private Comparison compare(String name, String prefix, double[][] expected, double[][] actual) {
    Shapes.requireRows(name + prefix, actual.length, expected.length, "the reference");
    for (int row = 0; row < expected.length; row++) {
      compare(name, prefix + "[" + row + "]", expected[row], actual[row]);
    }
    return this;
  }

  private Comparison compare(String name, String prefix, double[] expected, double[] actual) {
    Shapes.requireVector(name + prefix, actual, expected.length, "the reference");
    for (int i = 0; i < expected.length; i++) {
      compare(name, prefix + "[" + i + "]", expected[i], actual[i]);
    }
    return this;
  }

  void compare(String name, String index, double expected, double actual) {
    compared++;
    worst = worst.orWorse(WorstError.between(name, index, expected, actual, floor));
  }

  /**
   * The worst error so far.
   *
   * @throws IllegalStateException if nothing was compared: a test that compares nothing must not
   *     pass
   */
  public WorstError worst() {
    if (compared == 0) {
      throw new IllegalStateException("comparison: expected at least 1 element, got 0");
    }
    return worst;
  }

  double floor() {
    return floor;
  }

  /** How many elements have been compared. */
  public int compared() {
    return compared;
  }
}
