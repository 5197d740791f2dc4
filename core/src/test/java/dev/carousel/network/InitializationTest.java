package dev.carousel.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.network.ParameterLayout.Slice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializationTest {

  @Test
  void glorotIsUniformWithinItsBound() {
    // Bound sqrt(6 / (64 + 4 * 96)), over the whole matrix; variance bound^2 / 3.
    assertUniform(
        Network.input(64).lstm(96).linear(), "layers.0.weight_ih_l0", Math.sqrt(6.0 / (64 + 384)));
    assertUniform(Network.input(200).dense(100).linear(), "layers.0.weight", Math.sqrt(6.0 / 300));
  }

  @Test
  void anEmbeddingIsUniformOnOne() {
    assertUniform(Network.tokens(200).embedding(100).linear(), "layers.0.weight", 1.0);
  }

  private static void assertUniform(Network network, String name, double bound) {
    float[] values = values(network, name, 5);
    double sum = 0;
    double squares = 0;
    double cubes = 0;
    float smallest = 0;
    float largest = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
      cubes += (double) value * value * value;
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    }
    int n = values.length;
    assertThat(n).isGreaterThanOrEqualTo(20_000);
    // Four standard errors of each moment.
    double deviation = bound / Math.sqrt(3);
    assertThat(sum / n).isEqualTo(0, within(4 * deviation / Math.sqrt(n)));
    double squareDeviation = bound * bound * Math.sqrt(1 / 5.0 - 1 / 9.0);
    assertThat(squares / n)
        .isEqualTo(bound * bound / 3, within(4 * squareDeviation / Math.sqrt(n)));
    double cubeDeviation = Math.pow(bound, 3) / Math.sqrt(7);
    assertThat(cubes / n).isEqualTo(0, within(4 * cubeDeviation / Math.sqrt(n)));
    assertThat((double) smallest).isBetween(-(double) (float) bound, -0.999 * bound);
    assertThat((double) largest).isBetween(0.999 * bound, (double) (float) bound);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "7, 7", "96, 96"})
  void everyGateBlockIsOrthogonal(int hiddenSize) {
    Network network = Network.input(3).lstm(hiddenSize).linear();
    float[] values = values(network, "layers.0.weight_hh_l0", 9);
    for (int block = 0; block < 4; block++) {
      assertOrthonormal(values, block * hiddenSize, hiddenSize, hiddenSize, 4 * hiddenSize);
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 12", "12, 5"})
  void blocksThatAreNotSquareHaveOrthonormalRowsOrColumns(int inputSize, int size) {
    Initializer orthogonal = new Initializer.Orthogonal();
    Network network =
        Network.input(inputSize)
            .layer(new Layer.Dense(size, Activation.LINEAR, orthogonal))
            .linear();
    assertOrthonormal(values(network, "layers.0.weight", 2), 0, inputSize, size, size);
  }

  private static void assertOrthonormal(float[] values, int at, int rows, int columns, int stride) {
    boolean byRow = rows <= columns;
    int count = Math.min(rows, columns);
    for (int u = 0; u < count; u++) {
      for (int v = 0; v <= u; v++) {
        double product = 0;
        for (int k = 0; k < Math.max(rows, columns); k++) {
          int a = at + (byRow ? u * stride + k : k * stride + u);
          int b = at + (byRow ? v * stride + k : k * stride + v);
          product += (double) values[a] * values[b];
        }
        assertThat(product).isEqualTo(u == v ? 1 : 0, within(2e-7));
      }
    }
  }

  /** Uniform over the orthogonal matrices: no direction is preferred, signs neither. */
  @Test
  void theDiagonalOfOrthogonalMatricesHasNoPreferredSign() {
    int positive = 0;
    int draws = 1000;
    for (int seed = 0; seed < draws; seed++) {
      float[] values = values(Network.input(1).elman(3).linear(), "layers.0.weight_hh_l0", seed);
      positive += values[0] > 0 ? 1 : 0;
    }
    assertThat(positive).isBetween(draws / 2 - 64, draws / 2 + 64);
  }

  @Test
  void onlyTheForgetGateStartsOpen() {
    assertThat(values(Network.input(1).lstm(2).linear(), "layers.0.bias_l0", 1))
        .containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    Cell coupled = new Cell.Lstm().withCoupledInputForget().withForgetBias(2.5).withPeepholes();
    Network both = Network.input(1).bidirectional(coupled, 2).linear();
    for (String suffix : new String[] {"_l0", "_l0_reverse"}) {
      assertThat(values(both, "layers.0.bias" + suffix, 1)).containsExactly(2.5f, 2.5f, 0, 0, 0, 0);
      assertThat(values(both, "layers.0.weight_cf" + suffix, 1)).containsExactly(0, 0);
    }
    assertThat(values(Network.input(1).gru(2).linear(), "layers.0.bias_l0", 1)).containsOnly(0);
    assertThat(values(Network.input(1).gru(2).linear(), "layers.0.bias_hn_l0", 1)).containsOnly(0);
    assertThat(values(Network.input(1).dense(3).linear(), "layers.0.bias", 1)).containsOnly(0);
  }

  /** exp(bias) is uniform on [1, longest - 1): mean and variance within four standard errors. */
  @Test
  void chronoBiasesRememberForEveryLength() {
    int hidden = 1000;
    BiasInitializer chrono = new BiasInitializer.Chrono(201);
    Initializer zero = new Initializer.Constant(0); // Orthogonal ones of this size take minutes.
    Layer lstm = new Layer.Recurrent(new Cell.Lstm(), hidden, zero, zero, chrono);
    float[] biases = values(Network.input(1).layer(lstm).linear(), "layers.0.bias_l0", 3);
    double sum = 0;
    double squares = 0;
    for (int j = 0; j < hidden; j++) {
      double u = Math.exp(biases[hidden + j]);
      assertThat(u).isBetween(1.0, 200.001);
      sum += u;
      squares += (u - 100.5) * (u - 100.5);
      assertThat(biases[j]).isEqualTo(-biases[hidden + j]);
      assertThat(biases[2 * hidden + j]).isZero();
      assertThat(biases[3 * hidden + j]).isZero();
    }
    double variance = 199 * 199 / 12.0;
    assertThat(sum / hidden).isEqualTo(100.5, within(4 * Math.sqrt(variance / hidden)));
    assertThat(squares / hidden)
        .isEqualTo(variance, within(4 * variance * Math.sqrt(0.8 / hidden)));
  }

  @Test
  void chronoBiasesAreTheKeepingGates() {
    BiasInitializer chrono = new BiasInitializer.Chrono(50);
    Cell coupled = new Cell.Lstm().withCoupledInputForget();
    Layer both =
        new Layer.Bidirectional(coupled, 2, Layer.Bidirectional.Merge.ADD).withBiases(chrono);
    Network network = Network.input(1).layer(both).linear();
    float[] forward = values(network, "layers.0.bias_l0", 1);
    assertThat(forward[0]).isPositive().isNotEqualTo(forward[1]);
    assertThat(Arrays.copyOfRange(forward, 2, 6)).containsOnly(0);
    assertThat(values(network, "layers.0.bias_l0_reverse", 1)).isNotEqualTo(forward);

    for (Cell.Gru.Reset reset : Cell.Gru.Reset.values()) {
      Layer gru = new Layer.Recurrent(new Cell.Gru(reset), 2).withBiases(chrono);
      Network gated = Network.input(1).layer(gru).linear();
      float[] biases = values(gated, "layers.0.bias_l0", 1);
      assertThat(biases[2]).isPositive();
      assertThat(biases[3]).isPositive();
      assertThat(new float[] {biases[0], biases[1], biases[4], biases[5]}).containsOnly(0);
      if (reset == Cell.Gru.Reset.AFTER) {
        assertThat(values(gated, "layers.0.bias_hn_l0", 1)).containsOnly(0);
      }
    }
  }

  @Test
  void aConstantIsThatConstant() {
    Layer layer = new Layer.Dense(3, Activation.LINEAR, new Initializer.Constant(0.3f));
    assertThat(values(Network.input(2).layer(layer).linear(), "layers.0.weight", 1))
        .containsOnly(0.3f);
  }

  @Test
  void aSliceMoreChangesNoEarlierOne() {
    float[] alone = values(Network.input(4).lstm(3).linear(), "layers.0.weight_ih_l0", 6);
    Network more = Network.input(4).lstm(3).lstm(5).dense(2).linear();
    assertThat(values(more, "layers.0.weight_ih_l0", 6)).containsExactly(alone);
    assertThat(values(more, "layers.0.weight_ih_l0", 7)).isNotEqualTo(alone);
  }

  @Test
  void bothDirectionsDrawTheirOwn() {
    Network both = Network.input(4).bidirectional(new Cell.Lstm(), 3).linear();
    assertThat(values(both, "layers.0.weight_ih_l0", 6))
        .isNotEqualTo(values(both, "layers.0.weight_ih_l0_reverse", 6));
  }

  /** The same bits on every platform and Java version. */
  @Test
  void aSeedIsASetOfBits() {
    Network network = Network.tokens(3).embedding(2).lstm(2).lastStep().dense(2).softmax();
    assertThat(Parameters.initialize(network, 7).fingerprint())
        .isEqualTo("f260f7e7d36c70f5524990b2bda8be10fdfbfdf5928f55d010b539f784bc8d24");
  }

  private static float[] values(Network network, String name, long seed) {
    Parameters parameters = Parameters.initialize(network, seed);
    Slice slice = parameters.layout().slice(name);
    return Arrays.copyOfRange(parameters.values(), slice.offset(), slice.offset() + slice.size());
  }
}
