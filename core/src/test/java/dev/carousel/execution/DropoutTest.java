package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.kernel.ChangedKernel;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the mask falls; that neither workers nor batches change other layers is in OneAnswerTest. */
class DropoutTest {
  private static final int[] LENGTHS = new int[20];

  static {
    Arrays.fill(LENGTHS, 50);
  }

  private static double[][][] ones(int width) {
    double[][][] ones = new double[LENGTHS.length][LENGTHS[0]][width];
    for (double[][] sequence : ones) {
      for (double[] step : sequence) {
        Arrays.fill(step, 1);
      }
    }
    return ones;
  }

  private static SequenceRun run(Network network) {
    return new SequenceRun(NetworkFixture.random(network, 1, 1).compile());
  }

  private static double mean(double[][][] values) {
    return Arrays.stream(values)
        .flatMap(Arrays::stream)
        .flatMapToDouble(Arrays::stream)
        .average()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 0.8})
  void keepsTheMeanAndItsShare(double rate) {
    SequenceRun run = run(Network.input(40).dropout(rate).linear());
    run.pass().activateDropout(7);
    double[][][] outputs = run.on(ones(40)).forward().outputs();
    float scale = 1f / (1f - (float) rate);
    for (double[][] sequence : outputs) {
      for (double[] step : sequence) {
        assertThat(step).containsAnyOf(0, scale);
        assertThat(Arrays.stream(step).filter(v -> v != 0 && v != scale)).isEmpty();
      }
    }
    // 40,000 draws: four standard deviations.
    double deviation = Math.sqrt(rate / (1 - rate) / 40_000);
    assertThat(mean(outputs)).isCloseTo(1, within(4 * deviation));
  }

  @Test
  void theGradientPassesWhereTheValueDid() {
    SequenceRun run = run(Network.input(40).dropout(0.5).linear());
    run.pass().activateDropout(7);
    double[][][] outputs = run.on(ones(40)).forward().outputs();
    run.seed(ones(40)).backward();
    Bits.assertSame("mask", outputs, run.inputGradients());
  }

  @Test
  void inactiveItIsTheIdentity() {
    SequenceRun run = run(Network.input(40).dropout(0.5).linear());
    double[][][] x = new RandomArrays(2).sequences(LENGTHS, 40, 3);
    double[][][] d = new RandomArrays(3).sequences(LENGTHS, 40, 3);
    Bits.assertSame("outputs", x, run.on(x).forward().outputs());
    run.seed(d).backward();
    Bits.assertSame("gradients", d, run.inputGradients());
    run.pass().activateDropout(7);
    assertThat(run.forward().outputs()[0][0]).contains(0);
    run.pass().deactivateDropout();
    Bits.assertSame("outputs again", x, run.forward().outputs());
  }

  @Test
  void onePerSequenceToo() {
    SequenceRun run = run(Network.input(400).lastStep().dropout(0.5).linear());
    run.pass().activateDropout(7);
    double[][][] outputs = run.on(ones(400)).forward().outputs();
    assertThat(mean(outputs)).isCloseTo(1, within(4 / Math.sqrt(20 * 400)));
    assertThat(outputs[0]).isNotEqualTo(outputs[1]);
  }

  /** Masks of other updates, layers, steps, rows and features have nothing in common. */
  @Test
  void masksAreIndependent() {
    double[][][] first = mask(Network.input(40).dropout(0.5).linear(), 7);
    assertUncorrelated("update", first, mask(Network.input(40).dropout(0.5).linear(), 8));
    double[][][] step = new double[LENGTHS.length][][];
    double[][][] row = new double[LENGTHS.length][][];
    double[][][] feature = new double[LENGTHS.length][LENGTHS[0]][];
    for (int r = 0; r < LENGTHS.length; r++) {
      step[r] = Arrays.copyOfRange(first[r], 1, LENGTHS[0] + 1);
      step[r][LENGTHS[0] - 1] = first[r][0];
      row[r] = first[(r + 1) % LENGTHS.length];
      for (int t = 0; t < LENGTHS[0]; t++) {
        feature[r][t] = Arrays.copyOfRange(first[r][t], 1, 41);
        feature[r][t][39] = first[r][t][0];
      }
    }
    assertUncorrelated("step", first, step);
    assertUncorrelated("row", first, row);
    assertUncorrelated("feature", first, feature);
  }

  /** The second layer's mask in one update is not the first one's in the next. */
  @Test
  void layersAndUpdatesDoNotMeet() {
    SequenceRun two = run(Network.input(40).layer(identity()).dropout(0.5).linear());
    two.pass().activateDropout(7);
    double[][][] second = two.on(ones(40)).forward().outputs();
    assertUncorrelated(
        "layer 1, update 7", second, mask(Network.input(40).dropout(0.5).linear(), 7));
    assertUncorrelated(
        "layer 0, update 8", second, mask(Network.input(40).dropout(0.5).linear(), 8));
  }

  static List<Network.Builder> beforeTheLastStep() {
    return List.of(
        Network.input(5).lstm(9).dropout(0.5),
        Network.input(5).gru(9).dropout(0.3).dropout(0.3),
        Network.input(5).elman(6).dropout(0.3).lstm(9).dropout(0.5),
        Network.input(5).bidirectional(new Cell.Lstm(), 4).dropout(0.5),
        Network.input(5).dropout(0.5));
  }

  /** What the last step alone is computed of is what it would be among all. */
  @ParameterizedTest
  @MethodSource("beforeTheLastStep")
  void whereOnlyTheLastStepIsReadItIsTheSame(Network.Builder builder) {
    Network perStep = builder.linear();
    Network last = builder.lastStep().linear();
    int[] lengths = {6, 6, 4, 3, 1};
    double[][][] x = new RandomArrays(2).sequences(lengths, 5, 3);
    double[][][] dLast = new RandomArrays(4).sequences(new int[] {1, 1, 1, 1, 1}, 9, 1);
    SequenceRun all = run(perStep).on(x);
    SequenceRun only = run(last).on(x);
    all.pass().activateDropout(7);
    only.pass().activateDropout(7);
    double[][][] outputs = all.forward().outputs();
    double[][][] expected = new double[lengths.length][1][];
    double[][][] dSteps = new double[lengths.length][][];
    int width = outputs[0][0].length;
    for (int r = 0; r < lengths.length; r++) {
      expected[r][0] = outputs[r][lengths[r] - 1];
      dLast[r][0] = Arrays.copyOf(dLast[r][0], width);
      dSteps[r] = new double[lengths[r]][width];
      dSteps[r][lengths[r] - 1] = dLast[r][0];
    }
    Bits.assertSame("outputs", expected, only.forward().outputs());
    all.seed(dSteps).backward();
    only.seed(dLast).backward();
    Bits.assertSame("dInputs", all.inputGradients(), only.inputGradients());
    Bits.assertSame("dParameters", all.weightGradients(), only.weightGradients());
  }

  @Test
  void trainingKeepsTheGradientsOfTheLastStepsAlone() {
    Network network = Network.input(5).lstm(7).dropout(0.5).dropout(0.5).lastStep().linear();
    NetworkPass training = NetworkPass.forTraining(NetworkFixture.random(network, 1, 1).compile());
    training.reserve(new int[] {9, 9, 9}, 3, 1);
    assertThat(training.tape(0).dh()).as("two for each sequence").hasSize(2 * 3 * 7);
  }

  /** A scalar kernel that notes the arrays it is given for masks, and leaves them as they are. */
  private static Kernel noting(List<float[]> masks) {
    return ChangedKernel.of(
        "dropoutMask",
        arguments -> {
          masks.add((float[]) arguments[4]);
          return null;
        });
  }

  private static NetworkPass training(Network network, Kernel kernel) {
    CompiledNetwork compiled = new CompiledNetwork(Parameters.initialize(network, 1), kernel);
    compiled.pack();
    return NetworkPass.forTraining(compiled);
  }

  @Test
  void beforeALastStepOneMaskIsDrawnForEachSequence() {
    List<float[]> masks = new ArrayList<>();
    NetworkPass pass =
        training(Network.input(5).lstm(7).dropout(0.5).lastStep().linear(), noting(masks));
    pass.reserve(new int[] {9, 4, 1}, 3, 1);
    pass.activateDropout(7);
    pass.forward(RowRange.all(pass.steps()));
    assertThat(masks).hasSize(3);
  }

  /** Workers write masks of their own, far enough apart. */
  @Test
  void eachPartHasAMaskOfItsOwn() {
    List<float[]> masks = new ArrayList<>();
    NetworkPass pass = training(Network.input(5).dropout(0.5).linear(), noting(masks));
    pass.reserve(new int[] {1, 1, 1, 1}, 4, 2);
    pass.activateDropout(7);
    RowRange range = new RowRange();
    for (int part = 0; part < 2; part++) {
      range.set(pass.steps(), part);
      pass.forward(range);
    }
    assertThat(masks).hasSize(4);
    assertThat(masks.get(0)).isSameAs(masks.get(1)).isNotSameAs(masks.get(2));
    assertThat(masks.get(2)).isSameAs(masks.get(3));
    assertThat(masks.get(0).length).isGreaterThanOrEqualTo(5 + 32);
  }

  private static dev.carousel.network.Layer identity() {
    return new dev.carousel.network.Layer.Dropout(0);
  }

  private static double[][][] mask(Network network, long key) {
    SequenceRun run = run(network);
    run.pass().activateDropout(key);
    return run.on(ones(40)).forward().outputs();
  }

  private static void assertUncorrelated(String what, double[][][] a, double[][][] b) {
    double sum = 0;
    int count = 0;
    for (int r = 0; r < a.length; r++) {
      for (int t = 0; t < a[r].length; t++) {
        for (int j = 0; j < a[r][t].length; j++) {
          sum += (a[r][t][j] - 1) * (b[r][t][j] - 1);
          count++;
        }
      }
    }
    assertThat(sum / count).as(what).isCloseTo(0, within(4 / Math.sqrt(count)));
  }
}
