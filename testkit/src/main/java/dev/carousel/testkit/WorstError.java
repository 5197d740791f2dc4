package dev.carousel.testkit;

import java.util.Locale;

/**
 * The element at which two computations of the same thing differ most.
 *
 * @param name of the array
 * @param index of the element, such as {@code [2][0]}
 * @param expected by the reference
 * @param actual by what is judged
 * @param relativeError |expected - actual| / max(|expected|, |actual|, floor); NaN counts as
 *     infinite
 */
public record WorstError(
    String name, String index, double expected, double actual, double relativeError) {

  /** Where nothing has been compared yet. */
  static final WorstError NONE = new WorstError("nothing", "", 0, 0, 0);

  static WorstError between(
      String name, String index, double expected, double actual, double floor) {
    double scale = Math.max(Math.max(Math.abs(expected), Math.abs(actual)), floor);
    double error = expected == actual ? 0 : Math.abs(expected - actual) / scale;
    return new WorstError(
        name, index, expected, actual, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
  }

  WorstError orWorse(WorstError other) {
    return other.relativeError > relativeError ? other : this;
  }

  /** One line: {@code weightIh[2][0]: expected 1.5, got 1.2, relative error 2.0e-01}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s%s: expected %s, got %s, relative error %.1e",
        name,
        index,
        expected,
        actual,
        relativeError);
  }
}
