package dev.carousel.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout.Slice;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.CellReference;
import dev.carousel.testkit.ElmanReference;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.GruReference;
import dev.carousel.testkit.LstmReference;
import dev.carousel.testkit.RandomArrays;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class GradientByLagTest {
  private static final Kernel KERNEL = new ScalarKernel();
  private static final int INPUT = 2;
  private static final int HIDDEN = 5;

  @Test
  void halvesAtEveryStepOfAnIdentityOfOneHalf() {
    Network network =
        Network.input(INPUT)
            .recurrent(new Cell.Elman(Activation.RELU), HIDDEN)
            .lastStep()
            .dense(1)
            .linear();
    Parameters parameters = Parameters.initialize(network, 3);
    // Inputs and weights above 0 keep the rectifier open: the layer is linear.
    fill(parameters, "layers.0.weight_ih_l0", 0.25f);
    identity(parameters, "layers.0.weight_hh_l0", 0.5f);

    GradientByLag only = measure(parameters, data(3, new int[] {12, 12, 12}), 8).get(0);

    assertThat(only.layer()).isZero();
    assertThat(only.label()).isEqualTo("Elman (relu)");
    assertThat(only.sequences()).isEqualTo(3);
    assertThat(only.cell()).isEmpty();
    assertThat(only.hidden().maxLag()).isEqualTo(8);
    for (int k = 0; k <= 8; k++) {
      assertThat(only.hidden().relative().get(k)).isEqualTo(Math.scalb(1.0, -k));
    }
    assertThat(only.hidden().firstBelow(0.01)).hasValue(7);
    assertThat(only.hidden().firstBelow(1e-6)).isEmpty();
  }

  @Test
  void cellStateOfAnLstmFallsByItsForgetGate() {
    // With no weights into the gates f = sigmoid(ln 3) = 3/4, and h is forgotten at once.
    Parameters threeQuarters = lstmWithoutWeights(Math.log(3));
    GradientByLag falling = measure(threeQuarters, data(5, new int[] {20, 20}), 15).get(0);
    for (int k = 0; k <= 15; k++) {
      assertThat(falling.cell().orElseThrow().relative().get(k))
          .isCloseTo(Math.pow(0.75, k), within(1e-6));
      assertThat(falling.hidden().relative().get(k)).isEqualTo(k == 0 ? 1.0 : 0.0);
    }
    // A gate that is open leaves the carousel alone.
    GradientByLag staying =
        measure(lstmWithoutWeights(20), data(5, new int[] {210, 210}), 200).get(0);
    assertThat(staying.cell().orElseThrow().relative().get(200)).isCloseTo(1.0, within(1e-4));
    assertThat(staying.cell().orElseThrow().firstBelow(0.99)).isEmpty();
  }

  @Test
  void elmanAgreesWithCentralDifferences() {
    agrees(new Cell.Elman(Activation.TANH));
  }

  @Test
  void lstmAgreesWithCentralDifferences() {
    agrees(new Cell.Lstm());
  }

  @Test
  void gruAgreesWithCentralDifferences() {
    agrees(new Cell.Gru(Cell.Gru.Reset.BEFORE));
  }

  /** Against the change of the last loss when a state in the middle of a sequence is moved. */
  private static void agrees(Cell cell) {
    int maxLag = 6;
    Network network = Network.input(INPUT).recurrent(cell, HIDDEN).lastStep().dense(1).linear();
    Parameters parameters = Parameters.initialize(network, 11);
    Sequences data = data(7, new int[] {9, 4, 7, 11});
    int[] counted = {0, 2, 3};
    double[] dh = new double[maxLag + 1];
    double[] dc = new double[maxLag + 1];
    for (int sequence : counted) {
      for (int k = 0; k <= maxLag; k++) {
        Moved moved = new Moved(parameters, cell, data, sequence, k);
        dh[k] += moved.normOfH() / counted.length;
        dc[k] += cell instanceof Cell.Lstm ? moved.normOfC() / counted.length : 0;
      }
    }

    GradientByLag measured = measure(parameters, data, maxLag).get(0);

    assertThat(measured.sequences()).isEqualTo(counted.length);
    compare(measured.hidden(), dh);
    if (cell instanceof Cell.Lstm) {
      compare(measured.cell().orElseThrow(), dc);
    } else {
      assertThat(measured.cell()).isEmpty();
    }
  }

  private static void compare(GradientByLag.Curve curve, double[] expected) {
    assertThat(curve.atLagZero()).isCloseTo(expected[0], within(1e-5 * expected[0]));
    for (int k = 0; k < expected.length; k++) {
      double relative = expected[k] / expected[0];
      assertThat(curve.relative().get(k)).isCloseTo(relative, within(2e-5 * relative));
    }
  }

  /** The float64 reference from the state k steps before the end on, and the loss there. */
  private static final class Moved {
    private final CellReference cell;
    private final double[][] rest;
    private final double[] h;
    private final double[] c;
    private final double[] weight;
    private final double bias;
    private final double target;

    Moved(Parameters parameters, Cell spec, Sequences data, int sequence, int k) {
      cell = reference(parameters, spec);
      int steps = data.length(sequence);
      float[] x = new float[steps * INPUT];
      data.copyFeatures(sequence, 0, steps, x, 0);
      double[][] inputs = FloatArrays.matrix(x, 0, steps, INPUT);
      var run = cell.forward(new double[][][] {Arrays.copyOf(inputs, steps - k)});
      h = run.finalH()[0];
      c = run.finalC()[0];
      rest = Arrays.copyOfRange(inputs, steps - k, steps);
      weight = vector(parameters, "layers.2.weight");
      bias = vector(parameters, "layers.2.bias")[0];
      float[] y = new float[1];
      ((Targets.Values) data.targets()).copy(sequence, y, 0);
      target = y[0];
    }

    double loss(double[] h, double[] c) {
      double[] last =
          cell.forward(new double[][][] {rest}, new double[][] {h}, new double[][] {c}).finalH()[0];
      double y = bias;
      for (int j = 0; j < HIDDEN; j++) {
        y += weight[j] * last[j];
      }
      return (y - target) * (y - target);
    }

    double normOfH() {
      return norm(h, moved -> loss(moved, c));
    }

    double normOfC() {
      // h = o tanh(c) moves with c, the gate o does not.
      return norm(
          c,
          moved -> {
            double[] with = new double[HIDDEN];
            for (int j = 0; j < HIDDEN; j++) {
              with[j] = h[j] / Math.tanh(c[j]) * Math.tanh(moved[j]);
            }
            return loss(with, moved);
          });
    }

    private static double norm(double[] at, ToDoubleFunction<double[]> loss) {
      double square = 0;
      for (int j = 0; j < at.length; j++) {
        double[] moved = at.clone();
        double[] differences = new double[2];
        for (int far = 1; far <= 2; far++) {
          moved[j] = at[j] + far * 1e-3;
          double up = loss.applyAsDouble(moved);
          moved[j] = at[j] - far * 1e-3;
          differences[far - 1] = up - loss.applyAsDouble(moved);
        }
        double slope = (8 * differences[0] - differences[1]) / (12 * 1e-3);
        square += slope * slope;
      }
      return Math.sqrt(square);
    }
  }

  private static CellReference reference(Parameters parameters, Cell cell) {
    double[][] ih = matrix(parameters, "layers.0.weight_ih_l0");
    double[][] hh = matrix(parameters, "layers.0.weight_hh_l0");
    double[] bias = vector(parameters, "layers.0.bias_l0");
    if (cell instanceof Cell.Lstm) {
      return new LstmReference(LstmReference.Options.standard(), ih, hh, bias);
    }
    if (cell instanceof Cell.Gru) {
      return new GruReference(GruReference.Options.resetBefore(), ih, hh, bias, new double[0]);
    }
    return new ElmanReference(dev.carousel.testkit.Activation.TANH, ih, hh, bias);
  }

  @Test
  void scoresAtEveryStepCountTheLastStepAlone() {
    Network once = Network.input(INPUT).gru(HIDDEN).lastStep().dense(1).linear();
    Network everyStep = Network.input(INPUT).gru(HIDDEN).dense(1).linear();
    Parameters parameters = Parameters.initialize(once, 5);
    Sequences data = data(9, new int[] {8, 10, 9});
    float[] values = new float[data.totalSteps()];
    float[] mask = new float[data.totalSteps()];
    Arrays.fill(values, 77f);
    Arrays.fill(mask, 3f);
    for (int i = 0; i < data.size(); i++) {
      int last = data.start(i) + data.length(i) - 1;
      ((Targets.Values) data.targets()).copy(i, values, last);
    }

    List<GradientByLag> expected = measure(parameters, data, 7);
    List<GradientByLag> actual =
        measure(
            new Parameters(everyStep, parameters.values()),
            data.withTargets(new Targets.StepValues(values, 1, mask)),
            7);

    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void measuresEveryLayerAndManyBatches() {
    Network network =
        Network.input(INPUT).lstm(HIDDEN).dropout(0.5).elman(3).lastStep().dense(1).linear();
    Parameters parameters = Parameters.initialize(network, 2);
    int[] lengths = new int[40];
    Arrays.fill(lengths, 6);
    Sequences all = data(4, lengths);
    List<GradientByLag> measured = measure(parameters, all, 5);
    assertThat(measured).extracting(GradientByLag::layer).containsExactly(0, 2);
    assertThat(measured).extracting(GradientByLag::sequences).containsExactly(40, 40);
    double sum = 0;
    for (int i = 0; i < 40; i++) {
      GradientByLag.Curve alone = measure(parameters, all.select(new int[] {i}), 5).get(1).hidden();
      sum += alone.atLagZero();
    }
    assertThat(measured.get(1).hidden().atLagZero()).isCloseTo(sum / 40, within(1e-6 * sum));
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    Network network = Network.input(INPUT).elman(HIDDEN).lastStep().dense(1).linear();
    Parameters parameters = Parameters.initialize(network, 1);
    Sequences data = data(1, new int[] {4, 6});
    assertThatThrownBy(() -> measure(parameters, data, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("largest lag: expected less than the longest sequence's 6 steps, got 6");
    int most = Integer.MAX_VALUE;
    assertThatThrownBy(() -> measure(parameters, data, most))
        .hasMessage("largest lag: expected less than the longest sequence's 6 steps, got " + most);
    assertThatThrownBy(() -> measure(parameters, data, -1))
        .hasMessage("largest lag: expected at least 0, got -1");
    assertThatThrownBy(() -> measure(parameters, data.withTargets(new Targets.None()), 2))
        .hasMessageContaining("targets: expected values for every sequence")
        .hasMessageContaining("got None");
    Network dense = Network.input(INPUT).dense(1).linear();
    assertThatThrownBy(() -> measure(Parameters.initialize(dense, 1), data, 2))
        .hasMessage(
            "gradient by lag: expected a layer that is recurrent in one direction, got [Dense]");
    Network wider = Network.input(3).elman(HIDDEN).lastStep().dense(1).linear();
    assertThatThrownBy(() -> measure(Parameters.initialize(wider, 1), data, 2))
        .hasMessage("input has 2 features but layer 0 (Elman (tanh)) expects 3");
    Network everyStep = Network.input(INPUT).elman(HIDDEN).dense(1).linear();
    float[] mask = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    Sequences masked = data.withTargets(new Targets.StepValues(new float[10], 1, mask));
    assertThatThrownBy(() -> measure(new Parameters(everyStep, parameters.values()), masked, 2))
        .hasMessage("targets: expected one at the last step of sequence 1, got a masked step");
  }

  private static List<GradientByLag> measure(Parameters parameters, Sequences data, int maxLag) {
    return GradientByLag.measure(parameters, KERNEL, data, maxLag);
  }

  private static Parameters lstmWithoutWeights(double forgetBias) {
    Network network =
        Network.input(INPUT)
            .recurrent(new Cell.Lstm().withForgetBias(forgetBias), HIDDEN)
            .lastStep()
            .dense(1)
            .linear();
    Parameters parameters = Parameters.initialize(network, 1);
    fill(parameters, "layers.0.weight_ih_l0", 0f);
    fill(parameters, "layers.0.weight_hh_l0", 0f);
    return parameters;
  }

  /** Sequences of positive features with one value each. */
  private static Sequences data(long seed, int[] lengths) {
    RandomArrays random = new RandomArrays(seed);
    int steps = Arrays.stream(lengths).sum();
    float[] features = new float[steps * INPUT];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) (1 + random.value(0.5));
    }
    float[] values = new float[lengths.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.value(2);
    }
    return Sequences.ofFeatures(features, lengths, INPUT, new Targets.Values(values, 1));
  }

  private static void fill(Parameters parameters, String name, float value) {
    Slice slice = parameters.layout().slice(name);
    Arrays.fill(parameters.values(), slice.offset(), slice.offset() + slice.size(), value);
  }

  private static void identity(Parameters parameters, String name, float value) {
    fill(parameters, name, 0f);
    Slice slice = parameters.layout().slice(name);
    for (int j = 0; j < slice.rows(); j++) {
      parameters.values()[slice.offset() + j * slice.columns() + j] = value;
    }
  }

  private static double[][] matrix(Parameters parameters, String name) {
    Slice slice = parameters.layout().slice(name);
    return FloatArrays.matrix(parameters.values(), slice.offset(), slice.rows(), slice.columns());
  }

  private static double[] vector(Parameters parameters, String name) {
    Slice slice = parameters.layout().slice(name);
    return FloatArrays.vector(parameters.values(), slice.offset(), slice.size());
  }
}
