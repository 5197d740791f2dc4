package dev.carousel.cell;

import dev.carousel.execution.NetworkFixture;
import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.testkit.Layout;
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
    double[] first = Layout.blocks(biasIh, order);
    double[] second = Layout.blocks(biasHh, order);
    double[] bias = Layout.sum(first, second);
    Parameters parameters =
        new Parameters()
            .with("weightIh", Layout.blocks(Layout.transposed(w), order))
            .with("weightHh", Layout.blocks(Layout.transposed(u), order))
            .with("bias", bias);
    if (cell instanceof Cell.Gru gru && gru.reset() == Cell.Gru.Reset.AFTER) {
      // The candidate's two biases are the ones that cannot be merged.
      int n = bias.length / 3 * 2;
      System.arraycopy(first, n, bias, n, bias.length - n);
      parameters.with("recurrentBias", Arrays.copyOfRange(second, n, second.length));
    }
    return parameters;
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
}
