package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One LSTM step of {@link ScalarKernel} against its equations in double precision.
 *
 * <p>The tolerances are error bounds: every operation rounds once, the sigmoid is off by less than
 * 2.5 ulp and the tangent by less than 2.7 (as {@link Functions} states), and errors of the
 * operands are carried on to first order. The factor {@link #SECOND_ORDER} covers their products.
 */
class ScalarLstmTest {
  /** The relative error of one rounding, half an ulp of 1. */
  private static final double ROUNDING = 0x1p-24;

  private static final double SIGMOID = 2 * 2.5 * ROUNDING;
  private static final double TANH = 2 * 2.7 * ROUNDING;
  private static final double SECOND_ORDER = 1.001;

  private final ScalarKernel kernel = new ScalarKernel();
  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20240613);

  private GuardedMatrix matrix(int rows, int columns, int at, double scale) {
    return new GuardedMatrix(rows, columns, at, 0, () -> scale * random.nextGaussian());
  }

  private GuardedMatrix activations(int rows, int hiddenSize, int at) {
    int[] next = {0};
    return new GuardedMatrix(
        rows,
        4 * hiddenSize,
        at,
        0,
        () -> {
          boolean candidate = next[0]++ / hiddenSize % 4 == 2;
          return candidate ? 2 * random.nextDouble() - 1 : random.nextDouble();
        });
  }

  private static double logistic(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  private static void assertClose(String name, float actual, double expected, double bound) {
    // The smallest normal number covers results that underflow.
    assertThat(Math.abs(actual - expected))
        .as("%s: expected %s, got %s", name, expected, actual)
        .isLessThanOrEqualTo(SECOND_ORDER * bound + Float.MIN_NORMAL);
  }

  @ParameterizedTest(name = "{0} rows, hiddenSize {1}, values around {2}")
  @CsvSource({"1, 1, 1", "3, 17, 1", "2, 128, 0.01", "5, 33, 8", "4, 31, 40", "0, 4, 1"})
  void forward(int rows, int hiddenSize, double scale) {
    GuardedMatrix z = matrix(rows, 4 * hiddenSize, 3, scale);
    GuardedMatrix cPrevious = matrix(rows, hiddenSize, 1, 2);
    GuardedMatrix c = matrix(rows, hiddenSize, 4, 1);
    GuardedMatrix tanhC = matrix(rows, hiddenSize, 0, 1);
    GuardedMatrix h = matrix(rows, hiddenSize, 7, 1);
    float[] before = z.values();
    float[] cPreviousBefore = cPrevious.values();

    kernel.lstmForward(
        rows,
        hiddenSize,
        z.data(),
        z.at(),
        cPrevious.data(),
        cPrevious.at(),
        c.data(),
        c.at(),
        tanhC.data(),
        tanhC.at(),
        h.data(),
        h.at());

    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < hiddenSize; j++) {
        int at = r * 4 * hiddenSize + j;
        double i = logistic(before[at]);
        double f = logistic(before[at + hiddenSize]);
        double g = StrictMath.tanh(before[at + 2 * hiddenSize]);
        double o = logistic(before[at + 3 * hiddenSize]);
        assertClose("i", z.get(r, j), i, SIGMOID * i);
        assertClose("f", z.get(r, hiddenSize + j), f, SIGMOID * f);
        assertClose("g", z.get(r, 2 * hiddenSize + j), g, TANH * Math.abs(g));
        assertClose("o", z.get(r, 3 * hiddenSize + j), o, SIGMOID * o);

        double kept = f * cPrevious.get(r, j);
        double cell = kept + i * g;
        double cellError =
            SIGMOID * Math.abs(kept)
                + (SIGMOID + TANH + ROUNDING) * Math.abs(i * g)
                + ROUNDING * Math.abs(cell);
        assertClose("c", c.get(r, j), cell, cellError);

        double t = StrictMath.tanh(cell);
        double tError = cellError + TANH * Math.abs(t);
        assertClose("tanh c", tanhC.get(r, j), t, tError);
        double hError = o * tError + (SIGMOID + ROUNDING) * Math.abs(o * t);
        assertClose("h", h.get(r, j), o * t, hError);
      }
    }
    assertThat(cPrevious.values()).isEqualTo(cPreviousBefore);
    z.assertGuarded("z");
    cPrevious.assertGuarded("cPrevious");
    c.assertGuarded("c");
    tanhC.assertGuarded("tanhC");
    h.assertGuarded("h");
  }

  @ParameterizedTest(name = "{0} rows, hiddenSize {1}")
  @CsvSource({"1, 1", "3, 17", "2, 128", "5, 33", "0, 4"})
  void backward(int rows, int hiddenSize) {
    GuardedMatrix cPrevious = matrix(rows, hiddenSize, 1, 2);
    GuardedMatrix tanhC =
        new GuardedMatrix(rows, hiddenSize, 2, 0, () -> 2 * random.nextDouble() - 1);
    GuardedMatrix dh = matrix(rows, hiddenSize, 3, 1);
    GuardedMatrix dc = matrix(rows, hiddenSize, 4, 1);
    GuardedMatrix z = activations(rows, hiddenSize, 5);
    GuardedMatrix dcPrevious = matrix(rows, hiddenSize, 6, 1);
    float[] gates = z.values();
    float[] dcBefore = dc.values();
    float[] dhBefore = dh.values();

    kernel.lstmBackward(
        rows,
        hiddenSize,
        cPrevious.data(),
        cPrevious.at(),
        tanhC.data(),
        tanhC.at(),
        dh.data(),
        dh.at(),
        dc.data(),
        dc.at(),
        z.data(),
        z.at(),
        dcPrevious.data(),
        dcPrevious.at());

    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < hiddenSize; j++) {
        int at = r * 4 * hiddenSize + j;
        double i = gates[at];
        double f = gates[at + hiddenSize];
        double g = gates[at + 2 * hiddenSize];
        double o = gates[at + 3 * hiddenSize];
        double t = tanhC.get(r, j);
        double dhj = dh.get(r, j);

        double through = dhj * o * (1 - t * t);
        double dcj = dcBefore[r * hiddenSize + j] + through;
        double dcError = 2 * ROUNDING * Math.abs(through) + ROUNDING * Math.abs(dcj);
        assertClose("dc", dc.get(r, j), dcj, dcError);

        double slopeI = g * i * (1 - i);
        double slopeF = cPrevious.get(r, j) * f * (1 - f);
        double slopeG = i * (1 - g * g);
        assertClose("dz_i", z.get(r, j), dcj * slopeI, carried(slopeI, dcj, dcError, 4));
        int block = hiddenSize;
        assertClose("dz_f", z.get(r, block + j), dcj * slopeF, carried(slopeF, dcj, dcError, 4));
        block += hiddenSize;
        assertClose("dz_g", z.get(r, block + j), dcj * slopeG, carried(slopeG, dcj, dcError, 3));
        block += hiddenSize;
        double slopeO = t * o * (1 - o);
        assertClose("dz_o", z.get(r, block + j), dhj * slopeO, carried(slopeO, dhj, 0, 4));

        double previous = dcj * f;
        double previousError = f * dcError + ROUNDING * Math.abs(previous);
        assertClose("dcPrevious", dcPrevious.get(r, j), previous, previousError);
      }
    }
    assertThat(dh.values()).isEqualTo(dhBefore);
    cPrevious.assertGuarded("cPrevious");
    tanhC.assertGuarded("tanhC");
    dh.assertGuarded("dh");
    dc.assertGuarded("dc");
    z.assertGuarded("z");
    dcPrevious.assertGuarded("dcPrevious");
  }

  /**
   * The error of {@code slope * factor} after so many roundings, the factor known with an error.
   */
  private static double carried(double slope, double factor, double factorError, int roundings) {
    return Math.abs(slope) * factorError + roundings * ROUNDING * Math.abs(slope * factor);
  }
}
