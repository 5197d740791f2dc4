package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

/** For values that others printed with so many decimals. */
public final class AbsoluteError {
  private AbsoluteError() {}

  /** Asserts equal shapes, and no element further from the expected one. */
  public static void assertBelow(
      double limit, String name, double[][] expected, double[][] actual) {
    assertThat(actual).as(name).hasDimensions(expected.length, expected[0].length);
    for (int r = 0; r < expected.length; r++) {
      for (int j = 0; j < expected[r].length; j++) {
        assertThat(Math.abs(expected[r][j] - actual[r][j]))
            .as("%s[%d][%d]: expected %s, got %s", name, r, j, expected[r][j], actual[r][j])
            .isLessThan(limit);
      }
    }
  }
}
