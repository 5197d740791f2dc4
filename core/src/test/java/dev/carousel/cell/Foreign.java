package dev.carousel.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.execution.NetworkFixture;
import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.testkit.Parameters;
import java.util.Arrays;

/** Weights in the layouts of other systems, as a network of one recurrent layer. */
final class Foreign {
  private Foreign() {}

  static SequenceRun run(Cell cell, Parameters... directions) {
    int inputSize = directions[0].matrix("weightIh").length;
    int hiddenSize = directions[0].matrix("weightHh").length;
    Network.Builder input = Network.input(inputSize);
    Network network =
        directions.length == 1
            ? input.recurrent(cell, hiddenSize).linear()
            : input.bidirectional(cell, hiddenSize).linear();
    NetworkFixture fixture = new NetworkFixture(network).with(0, "_l0", directions[0]);
    if (directions.length == 2) {
      fixture.with(0, "_l0_reverse", directions[1]);
    }
    return new SequenceRun(fixture.compile());
  }

  /**
   * Weights {@code [outputs][inputs]} with two biases, as PyTorch, cuDNN and ONNX have them.
   *
   * @param order block k here is block {@code order[k]} there
   */
  static Parameters twoBiases(
      Cell cell, double[][] w, double[][] u, double[] biasIh, double[] biasHh, int... order) {
    double[] first = blocks(biasIh, order);
    double[] second = blocks(biasHh, order);
    double[] bias = new double[first.length];
    for (int k = 0; k < bias.length; k++) {
      bias[k] = first[k] + second[k];
    }
    Parameters parameters =
        new Parameters()
            .with("weightIh", blocks(transposed(w), order))
            .with("weightHh", blocks(transposed(u), order))
            .with("bias", bias);
    if (cell instanceof Cell.Gru gru && gru.reset() == Cell.Gru.Reset.AFTER) {
      // The candidate's two biases are the ones that cannot be merged.
      int n = bias.length / 3 * 2;
      System.arraycopy(first, n, bias, n, bias.length - n);
      parameters.with("recurrentBias", Arrays.copyOfRange(second, n, second.length));
    }
    return parameters;
  }

  static double[][] transposed(double[][] matrix) {
    double[][] transposed = new double[matrix[0].length][matrix.length];
    for (int r = 0; r < matrix.length; r++) {
      for (int c = 0; c < matrix[r].length; c++) {
        transposed[c][r] = matrix[r][c];
      }
    }
    return transposed;
  }

  static double[] blocks(double[] vector, int... order) {
    int size = vector.length / order.length;
    double[] permuted = new double[vector.length];
    for (int k = 0; k < order.length; k++) {
      System.arraycopy(vector, order[k] * size, permuted, k * size, size);
    }
    return permuted;
  }

  private static double[][] blocks(double[][] matrix, int... order) {
    return Arrays.stream(matrix).map(row -> blocks(row, order)).toArray(double[][]::new);
  }

  /** Time-major to batch-major, or back. */
  static double[][][] swapped(double[][][] cube) {
    double[][][] swapped = new double[cube[0].length][cube.length][];
    for (int t = 0; t < cube.length; t++) {
      for (int b = 0; b < cube[t].length; b++) {
        swapped[b][t] = cube[t][b];
      }
    }
    return swapped;
  }

  /** One state of h, then c. */
  static double[][] states(double[][] h, double[][] c) {
    double[][] states = new double[h.length][];
    for (int r = 0; r < h.length; r++) {
      states[r] = Arrays.copyOf(h[r], h[r].length + c[r].length);
      System.arraycopy(c[r], 0, states[r], h[r].length, c[r].length);
    }
    return states;
  }

  static void assertClose(String name, double[][] expected, double[][] actual, double by) {
    assertThat(actual).as(name).hasDimensions(expected.length, expected[0].length);
    for (int r = 0; r < expected.length; r++) {
      for (int j = 0; j < expected[r].length; j++) {
        assertThat(Math.abs(expected[r][j] - actual[r][j]))
            .as("%s[%d][%d]: expected %s, got %s", name, r, j, expected[r][j], actual[r][j])
            .isLessThan(by);
      }
    }
  }
}
