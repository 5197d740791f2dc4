package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.Packing;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same bits however the work is cut: into windows, batches, rows, threads, and whatever the
 * buffers held before.
 */
class OneAnswerTest {
  private static final int[] LENGTHS = {7, 5, 5, 2, 1};

  static List<Network> stepping() {
    return Cases.stepping();
  }

  static List<Network> all() {
    return Cases.all();
  }

  static List<Network> recurrentLayers() {
    List<Network> layers = new ArrayList<>();
    for (Cell cell : CellVariants.all()) {
      layers.add(Network.input(5).recurrent(cell, 9).linear());
    }
    // Their input weights are multiplied before the steps.
    layers.add(Network.input(2500).lstm(9).linear());
    layers.add(Network.input(2500).gru(9).linear());
    return layers;
  }

  /** A network, its data, and what one worker makes of them in one piece. */
  private static final class Whole {
    final Network network;
    final NetworkFixture fixture;
    final double[][][] x;
    final double[][][] dOutputs;
    final double[][] states;

    Whole(Network network, int... lengths) {
      this.network = network;
      fixture = NetworkFixture.random(network, 3, 0.6);
      RandomArrays random = new RandomArrays(5);
      x = Cases.inputs(network, lengths, random);
      dOutputs = Cases.outputGradients(network, lengths, random);
      states = network.canStep() ? Cases.states(network, lengths.length, random) : new double[0][];
    }

    SequenceRun run() {
      return new SequenceRun(fixture.compile());
    }

    /** Forward, backward, and everything that came of it. */
    Outcome outcome(SequenceRun run) {
      return outcome(run, x, dOutputs, states);
    }

    Outcome outcome(SequenceRun run, double[][][] x, double[][][] dOutputs, double[][] states) {
      run.on(x).from(states).forward();
      double[][][] outputs = run.outputs();
      double[][] after = network.canStep() ? run.states() : new double[0][];
      run.seed(dOutputs).backward();
      return new Outcome(outputs, after, run.inputGradients(), run.weightGradients());
    }
  }

  private record Outcome(
      double[][][] outputs, double[][] states, double[][][] dInputs, float[] dParameters) {
    void assertSame(String what, Outcome other) {
      assertRowsSame(what, other);
      Bits.assertSame(what + ": dParameters", dParameters, other.dParameters);
    }

    void assertRowsSame(String what, Outcome other) {
      Bits.assertSame(what + ": outputs", outputs, other.outputs);
      Bits.assertSame(what + ": states", states, other.states);
      Bits.assertSame(what + ": dInputs", dInputs, other.dInputs);
    }

    Outcome rows(int... rows) {
      return new Outcome(
          pick(outputs, rows),
          states.length == 0 ? states : pick(states, rows),
          pick(dInputs, rows),
          dParameters);
    }
  }

  private static <T> T[] pick(T[] from, int... rows) {
    T[] picked = Arrays.copyOf(from, rows.length);
    for (int r = 0; r < rows.length; r++) {
      picked[r] = from[rows[r]];
    }
    return picked;
  }

  @ParameterizedTest
  @MethodSource("stepping")
  void chunkedAtEveryCutAndSteppedAreWhole(Network network) {
    Whole whole = new Whole(network, LENGTHS);
    SequenceRun run = whole.run();
    Outcome expected = whole.outcome(run);
    for (int cut = 1; cut < LENGTHS[0]; cut++) {
      assertWindowsSame("cut at " + cut, whole, expected, run, 0, cut, LENGTHS[0]);
    }
    assertWindowsSame("stepped", whole, expected, run, IntStream.rangeClosed(0, 7).toArray());
  }

  static List<Network> withLargeInputWeights() {
    // More than 2^18 values of W_ih: ahead at any number of rows.
    return List.of(
        Network.input(520).lstm(129).linear(),
        Network.input(620).gru(145).linear(),
        Network.input(620).recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 145).linear(),
        Network.input(610).elman(435).linear());
  }

  @ParameterizedTest
  @MethodSource("withLargeInputWeights")
  void inputsMultipliedAheadOfTheStepsOrAtEachAreTheSame(Network network) {
    for (int batchSize : new int[] {2, 9}) {
      int[] lengths = new int[batchSize];
      Arrays.fill(lengths, 3);
      lengths[batchSize - 1] = 1;
      Whole whole = new Whole(network, lengths);
      RecurrentCell cell = ((RecurrentLayer) whole.fixture.compile().layers()[0]).cell();
      assertThat(cell.inputAheadPays(3, batchSize)).isTrue();
      assertThat(cell.inputAheadPays(1, batchSize)).isFalse();
      SequenceRun run = whole.run();
      assertWindowsSame(batchSize + " rows", whole, whole.outcome(run), run, 0, 1, 2, 3);
    }
  }

  @Test
  void fewRowsAreAheadFromFewerWeightsOn() {
    // 2^16 and 2^18 values, and one row of them more.
    assertThat(aheadPays(Network.input(128).lstm(128), 7)).isFalse();
    assertThat(aheadPays(Network.input(129).lstm(128), 7)).isTrue();
    assertThat(aheadPays(Network.input(129).lstm(128), 8)).isFalse();
    assertThat(aheadPays(Network.input(512).lstm(128), 8)).isFalse();
    assertThat(aheadPays(Network.input(513).lstm(128), 8)).isTrue();
  }

  private static boolean aheadPays(Network.Builder network, int rows) {
    NetworkFixture fixture = NetworkFixture.random(network.linear(), 3, 0.6);
    return ((RecurrentLayer) fixture.compile().layers()[0]).cell().inputAheadPays(2, rows);
  }

  private static void assertWindowsSame(
      String what, Whole whole, Outcome expected, SequenceRun run, int... cuts) {
    double[][] states = whole.states.clone();
    double[][][] outputs = new double[whole.x.length][][];
    for (int w = 0; w + 1 < cuts.length; w++) {
      double[][][] window = window(whole.x, cuts[w], cuts[w + 1]);
      run.on(window).from(Arrays.copyOf(states, window.length)).forward();
      for (int r = 0; r < window.length; r++) {
        states[r] = run.states()[r];
        double[][] more = run.outputs()[r];
        outputs[r] = w == 0 || !whole.network.perStep() ? more : joined(outputs[r], more);
      }
    }
    Bits.assertSame(what + ": outputs", expected.outputs, outputs);
    Bits.assertSame(what + ": states", expected.states, states);
  }

  /** The steps [from, to) of the sequences that are longer than {@code from}. */
  private static double[][][] window(double[][][] sequences, int from, int to) {
    return Arrays.stream(sequences)
        .filter(sequence -> sequence.length > from)
        .map(sequence -> Arrays.copyOfRange(sequence, from, Math.min(to, sequence.length)))
        .toArray(double[][][]::new);
  }

  private static double[][] joined(double[][] first, double[][] second) {
    double[][] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  @ParameterizedTest
  @MethodSource("all")
  void batchedIsAlone(Network network) {
    Whole whole = new Whole(network, LENGTHS);
    Outcome batched = whole.outcome(whole.run());
    SequenceRun run = whole.run();
    for (int r = 0; r < LENGTHS.length; r++) {
      assertAlone("row " + r, whole, batched, run, r);
    }
    assertAlone("ragged without its longest", whole, batched, run, 1, 2, 3, 4);
    assertAlone("equal lengths in another order", whole, batched, run, 0, 2, 1, 3, 4);
  }

  private static void assertAlone(
      String what, Whole whole, Outcome batched, SequenceRun run, int... rows) {
    double[][] states = whole.states.length == 0 ? whole.states : pick(whole.states, rows);
    Outcome alone = whole.outcome(run, pick(whole.x, rows), pick(whole.dOutputs, rows), states);
    batched.rows(rows).assertRowsSame(what, alone);
  }

  @ParameterizedTest
  @MethodSource("all")
  void oneWorkerIsMany(Network network) {
    Whole whole = new Whole(network, 9, 9, 7, 7, 7, 4, 3, 1, 1, 1, 1);
    SequenceRun one = whole.run();
    one.pass().activateDropout(17);
    Outcome expected = whole.outcome(one);
    for (int count : new int[] {1, 2, 3, 8}) {
      try (Workers workers = new Workers(count)) {
        CompiledNetwork network2 = new CompiledNetwork(whole.fixture.parameters(), kernel());
        workers.run((worker, team) -> network2.pack(worker, team, Packing.BACKWARD_TO_INPUTS));
        SequenceRun run = new SequenceRun(network2).by(workers);
        run.pass().activateDropout(17);
        expected.assertSame(count + " workers", whole.outcome(run));
      }
    }
  }

  private static dev.carousel.kernel.Kernel kernel() {
    return new dev.carousel.kernel.ScalarKernel();
  }

  /** All buffers of a larger batch are filled with NaN first; padding would carry it over. */
  @ParameterizedTest
  @MethodSource("all")
  void whatTheBuffersHeldIsNeverRead(Network network) {
    Whole whole = new Whole(network, LENGTHS);
    Outcome fresh = whole.outcome(whole.run());
    CompiledNetwork compiled = whole.fixture.compile();
    SequenceRun run = new SequenceRun(compiled);
    float[] values = whole.fixture.parameters().values();
    float[] kept = values.clone();
    Arrays.fill(values, Float.NaN);
    compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
    Whole larger = new Whole(network, 9, 8, 8, 8, 6, 6, 3);
    Outcome poisoned = larger.outcome(run);
    assertThat(poisoned.outputs[6][0][0]).isNaN();
    System.arraycopy(kept, 0, values, 0, kept.length);
    compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
    Outcome reused = whole.outcome(run);
    fresh.assertSame("reused", reused);
    fresh.assertSame("again", whole.outcome(run));
    assertThat(fresh.outputs[0][0][0]).isFinite();
  }

  /**
   * The gradient flows from the second window into the first through its initial states. It is the
   * same to the bit if the second window starts from what the first one's last outputs receive.
   */
  @ParameterizedTest
  @MethodSource("recurrentLayers")
  void weightGradientsOfTwoWindowsAddUpToThoseOfOne(Network network) {
    Whole whole = new Whole(network, LENGTHS);
    Outcome expected = whole.outcome(whole.run());
    for (int cut = 1; cut < LENGTHS[0]; cut++) {
      double[][][] dEarly = window(whole.dOutputs, 0, cut);
      SequenceRun early = whole.run().on(window(whole.x, 0, cut)).from(whole.states).forward();
      double[][][] lateInputs = window(whole.x, cut, LENGTHS[0]);
      int running = lateInputs.length;
      SequenceRun late = whole.run().on(lateInputs);
      late.from(Arrays.copyOf(early.states(), running)).forward();
      late.seed(window(whole.dOutputs, cut, LENGTHS[0]));
      int hiddenSize = network.outputSize();
      for (int r = 0; r < running; r++) {
        float[] last = dev.carousel.testkit.FloatArrays.flat(dEarly[r][cut - 1]);
        System.arraycopy(last, 0, late.pass().tape(0).dh(), r * hiddenSize, hiddenSize);
      }
      late.backward();
      double[][] carried = late.initialStateGradients(0, hiddenSize);
      List<double[]> dCells = new ArrayList<>();
      for (int r = 0; r < running; r++) {
        dEarly[r][cut - 1] = Arrays.copyOf(carried[r], hiddenSize);
        dCells.add(Arrays.copyOfRange(carried[r], hiddenSize, carried[r].length));
      }
      early.seed(dEarly);
      if (network.stateLayout().slices().size() == 2) {
        early.seedCells(0, dCells.toArray(double[][]::new));
      }
      early.backward();
      float[] sums = late.weightGradients(early.weightGradients());
      Bits.assertSame("cut at " + cut, expected.dParameters, sums);
    }
  }
}
