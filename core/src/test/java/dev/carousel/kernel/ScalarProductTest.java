package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The products and sums of {@link ScalarKernel} against their definitions, written out here. */
class ScalarProductTest {
  /** Half an ulp of 1: the relative error of one rounding. */
  private static final double ROUNDING = 0x1p-24;

  private final ScalarKernel kernel = new ScalarKernel();
  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20240611);

  private GuardedMatrix matrix(int rows, int columns, int at, int gap) {
    return new GuardedMatrix(rows, columns, at, gap, random::nextGaussian);
  }

  private static PackedMatrix packed(Kernel kernel, GuardedMatrix b, int rows, int columns) {
    PackedMatrix packed = kernel.packed(rows, columns);
    packed.pack(0, packed.panels(), b.data(), b.at(), b.stride());
    return packed;
  }

  /** {@code c_ij + sum over p of a_ip b_pj}: one chain of fused steps, p ascending. */
  private static float chain(
      float start, int k, IndexToFloat left, IndexToFloat right, String exactly) {
    float sum = start;
    double exact = start;
    double magnitude = Math.abs(start);
    for (int p = 0; p < k; p++) {
      sum = Math.fma(left.at(p), right.at(p), sum);
      double term = (double) left.at(p) * right.at(p);
      exact += term;
      magnitude += Math.abs(term);
    }
    // Each of the k steps rounds a partial sum that is at most the sum of the magnitudes.
    double bound = 1.001 * k * ROUNDING * magnitude;
    assertThat(Math.abs(sum - exact)).as(exactly).isLessThanOrEqualTo(bound);
    return sum;
  }

  private interface IndexToFloat {
    float at(int p);
  }

  @ParameterizedTest(name = "m={0} k={1} n={2} gap={3}")
  @CsvSource({
    "1, 1, 1, 0",
    "1, 4, 64, 0",
    "2, 3, 63, 5",
    "3, 5, 65, 1",
    "8, 64, 128, 0",
    "7, 130, 129, 3",
    "33, 31, 17, 2",
    "130, 33, 600, 1",
    "1, 0, 3, 0",
    "0, 3, 5, 0"
  })
  void productIsOneChainAlongKFromTheValueAlreadyThere(int m, int k, int n, int gap) {
    GuardedMatrix a = matrix(m, k, 3, gap);
    GuardedMatrix b = matrix(k, n, 1, gap);
    GuardedMatrix c = matrix(m, n, 5, gap);
    float[] before = c.values();

    kernel.product(
        m, a.data(), a.at(), a.stride(), packed(kernel, b, k, n), c.data(), c.at(), c.stride());

    float[] expected = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int row = i;
        int column = j;
        expected[i * n + j] =
            chain(before[i * n + j], k, p -> a.get(row, p), p -> b.get(p, column), "c" + i + j);
      }
    }
    assertThat(c.values()).isEqualTo(expected);
    c.assertGuarded("c");
  }

  @ParameterizedTest(name = "m={0} columns={1} columns2={2} n={3}")
  @CsvSource({
    "1, 1, 1, 1",
    "3, 5, 9, 65",
    "8, 17, 4, 600",
    "35, 6, 140, 20",
    "2, 0, 3, 7",
    "2, 3, 0, 7"
  })
  void aJoinedProductIsThatOfTheFirstPartThenThatOfTheSecond(
      int m, int columns, int columns2, int n) {
    GuardedMatrix a = matrix(m, columns, 2, 0);
    GuardedMatrix a2 = matrix(m, columns2, 1, 0);
    GuardedMatrix b = matrix(columns + columns2, n, 0, 2);
    GuardedMatrix bias = matrix(1, n, 4, 0);
    GuardedMatrix c = matrix(m, n, 6, 3);
    GuardedMatrix two = matrix(m, n, 0, 0);
    PackedMatrix packed = packed(kernel, b, columns + columns2, n);

    kernel.joinedProductFromBias(
        m,
        bias.data(),
        bias.at(),
        columns,
        a.data(),
        a.at(),
        columns2,
        a2.data(),
        a2.at(),
        packed,
        c.data(),
        c.at(),
        c.stride());

    kernel.productFromBias(
        m,
        bias.data(),
        bias.at(),
        a.data(),
        a.at(),
        columns,
        packed.part(0, columns),
        two.data(),
        0,
        n);
    kernel.product(
        m, a2.data(), a2.at(), columns2, packed.part(columns, columns2), two.data(), 0, n);
    assertThat(c.values()).isEqualTo(two.values());
    c.assertGuarded("c");
  }

  @ParameterizedTest(name = "m={0} k={1} n={2}")
  @CsvSource({"1, 1, 1", "3, 5, 65", "8, 17, 64", "2, 0, 7"})
  void productFromBiasStartsEveryRowFromTheBias(int m, int k, int n) {
    GuardedMatrix a = matrix(m, k, 2, 1);
    GuardedMatrix b = matrix(k, n, 0, 2);
    GuardedMatrix bias = matrix(1, n, 4, 0);
    GuardedMatrix c = matrix(m, n, 6, 3);

    kernel.productFromBias(
        m,
        bias.data(),
        bias.at(),
        a.data(),
        a.at(),
        a.stride(),
        packed(kernel, b, k, n),
        c.data(),
        c.at(),
        c.stride());

    float[] expected = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int row = i;
        int column = j;
        expected[i * n + j] =
            chain(bias.get(0, j), k, p -> a.get(row, p), p -> b.get(p, column), "c" + i + j);
      }
    }
    assertThat(c.values()).isEqualTo(expected);
    c.assertGuarded("c");
  }

  @ParameterizedTest(name = "k={0} inputs={1} hidden={2} n={3} gap={4}")
  @CsvSource({
    "1, 1, 1, 1, 0",
    "4, 3, 2, 64, 0",
    "63, 2, 17, 9, 4",
    "65, 7, 0, 33, 1",
    "130, 0, 5, 129, 2",
    "256, 3, 4, 8, 0",
    "300, 1, 1, 1, 1",
    "33, 35, 20, 600, 1",
    "0, 2, 2, 3, 0"
  })
  void weightGradientsAreOneChainOverTheRowPairs(
      int k, int inputSize, int hiddenSize, int n, int gap) {
    RowPairs rows = new AlternatingRows(k);
    GuardedMatrix dz = matrix(2 * k, n, 7, gap);
    GuardedMatrix x = matrix(2 * k, inputSize, 2, 0);
    GuardedMatrix h = matrix(2 * k, hiddenSize, 3, 0);
    GuardedMatrix c = matrix(inputSize + hiddenSize + 1, n, 1, gap);
    float[] before = c.values();
    int dWhh = c.at() + inputSize * c.stride();

    kernel.weightGradients(
        rows,
        n,
        dz.data(),
        dz.at(),
        dz.stride(),
        inputSize,
        x.data(),
        x.at(),
        hiddenSize,
        h.data(),
        h.at(),
        c.data(),
        c.at(),
        dWhh,
        dWhh + hiddenSize * c.stride(),
        c.stride());

    int[] lefts = new int[k];
    int[] rights = new int[k];
    int pairs = 0;
    for (int s = 0; s < rows.stretches(); s++) {
      for (int r = 0; r < rows.count(s); r++, pairs++) {
        lefts[pairs] = rows.left(s) + r;
        rights[pairs] = rows.right(s) + r;
      }
    }
    assertThat(pairs).isEqualTo(k);
    float[] expected = new float[before.length];
    for (int i = 0; i <= inputSize + hiddenSize; i++) {
      int input = i;
      int hidden = i - inputSize;
      IndexToFloat left =
          i < inputSize
              ? p -> x.get(rights[p], input)
              : hidden < hiddenSize ? p -> h.get(lefts[p], hidden) : p -> 1f;
      for (int j = 0; j < n; j++) {
        int column = j;
        float start = before[i * n + j];
        expected[i * n + j] =
            chain(start, k, left, p -> dz.get(rights[p], column), "gradient" + i + j);
      }
    }
    assertThat(c.values()).isEqualTo(expected);
    c.assertGuarded("gradients");
  }

  @Test
  void anIndexOutsideAnArrayIsRefused() {
    PackedMatrix b = kernel.packed(4, 4);

    assertThatThrownBy(() -> kernel.product(2, new float[7], 0, 4, b, new float[8], 0, 4))
        .isInstanceOf(ArrayIndexOutOfBoundsException.class)
        .hasMessage("Index 7 out of bounds for length 7");
    assertThatThrownBy(() -> kernel.product(2, new float[8], 0, 4, b, new float[7], 0, 4))
        .isInstanceOf(ArrayIndexOutOfBoundsException.class)
        .hasMessageContaining("out of bounds for float[7]");
  }
}
