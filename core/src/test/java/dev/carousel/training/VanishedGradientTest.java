package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.CellTape;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Steps;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.LayerParameters;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Sequences so long that what comes back of the loss is lost on the way: training does not follow
 * it to the first step, and loses nothing that counts.
 */
class VanishedGradientTest {
  // Long enough for a gate of one half, which takes 100 steps to 2^-100, and behind them a sequence
  // that begins when the gradients of the others have vanished.
  private static final int[] LENGTHS = {300, 290, 300, 300, 280, 300, 300, 300, 300, 40};

  // No two of a part end together, and all of them vanish.
  private static final int[] RAGGED = {300, 300, 295, 290, 280, 270, 260, 250, 240, 230};

  private record Run(float[] gradients, CellTape tape, int zStride, Steps steps) {}

  private static List<DynamicTest> forEachCell(BiConsumer<Cell, Boolean> test) {
    List<DynamicTest> tests = new ArrayList<>();
    SmallProblems.cells()
        .forEach(
            (name, cell) -> {
              tests.add(DynamicTest.dynamicTest(name, () -> test.accept(cell, false)));
              tests.add(DynamicTest.dynamicTest(name + ", two", () -> test.accept(cell, true)));
            });
    return tests;
  }

  private static Network network(Cell cell, boolean two) {
    Network.Builder first = Network.input(5).recurrent(cell, 7);
    return (two ? first.recurrent(cell, 6) : first).lastStep().dense(3).softmax();
  }

  private static Run run(Network network, int threads, boolean all) {
    return run(network, LENGTHS, threads, all);
  }

  private static Run run(Network network, int[] lengths, int threads, boolean all) {
    float[] values =
        SmallProblems.values(
            Seeds.of(4, Seeds.Purpose.INITIALISATION), network.parameterLayout().size());
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.3f;
    }
    CompiledNetwork compiled =
        new CompiledNetwork(new Parameters(network, values), new ScalarKernel());
    // Another, longer batch first: what it leaves behind must not count.
    Sequences data = SmallProblems.fitting(network, lengths, 3);
    int[] longer = IntStream.range(0, 13).map(i -> 310 - i).toArray();
    Batch before = new Batch(SmallProblems.fitting(network, longer, 5));
    Batch batch = new Batch(data);
    try (Workers workers = new Workers(threads)) {
      GradientStep step =
          all
              ? GradientStep.withStateGradients(compiled, workers, batch)
              : new GradientStep(compiled, workers, batch);
      before.select(IntStream.range(0, longer.length).toArray(), 0, longer.length);
      step.open(before, 0, before.longest(), 0);
      step.run();
      CellTape tape = step.pass().tape(network.layers().size() - 3);
      int zStride = tape.z().length / step.pass().steps().total();
      batch.select(IntStream.range(0, lengths.length).toArray(), 0, lengths.length);
      step.open(batch, 0, batch.longest(), 0);
      step.run();
      return new Run(step.gradients().clone(), tape, zStride, step.pass().steps());
    }
  }

  @TestFactory
  List<DynamicTest> theGradientsAreThoseOfGoingAllTheWay() {
    return forEachCell(
        (cell, two) -> {
          allTheWay(network(cell, two), LENGTHS);
          allTheWay(network(cell, two), RAGGED);
        });
  }

  /** In groups that are parts, and in parts that are not. */
  private static void allTheWay(Network network, int[] lengths) {
    float[] expected = run(network, lengths, 1, true).gradients;
    for (int threads : new int[] {1, 3}) {
      float[] actual = run(network, lengths, threads, false).gradients;
      for (int i = 0; i < expected.length; i++) {
        // A part in ten million, or what may vanish at each of 2,715 steps.
        double most = 1e-7 * Math.abs(expected[i]) + 2_715 * 0x1p-100;
        assertThat((double) actual[i])
            .as("%d threads, gradient %d", threads, i)
            .isBetween(expected[i] - most, expected[i] + most);
      }
    }
  }

  @TestFactory
  List<DynamicTest> layersAroundItGetTheSame() {
    Cell lstm = new Cell.Lstm();
    return Map.of(
            "embedding", Network.tokens(11).embedding(5).lstm(7).lastStep().dense(3).softmax(),
            "dense before",
                Network.input(5).dense(4, Activation.TANH).gru(7).lastStep().dense(3).softmax(),
            "both ways before",
                Network.input(5).bidirectional(lstm, 3).lstm(7).lastStep().dense(3).softmax())
        .entrySet()
        .stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(entry.getKey(), () -> allTheWay(entry.getValue(), RAGGED)))
        .toList();
  }

  @TestFactory
  List<DynamicTest> theWayBackEndsWhereNothingIsLeft() {
    return forEachCell(
        (cell, two) -> {
          Network network = network(cell, two);
          Run together = run(network, 1, false);
          Run apart = run(network, 3, false);
          assertThat(together.steps.groups()).isEqualTo(2);

          assertThat(largest(together, 0)).isZero();
          for (int r = 0; r < LENGTHS.length - 1; r++) {
            assertThat(largest(apart, r)).as("sequence %d", r).isZero();
          }
          assertThat(largest(apart, LENGTHS.length - 1)).as("the short one").isPositive();
        });
  }

  /** The largest magnitude in z of a sequence's first step. */
  private static float largest(Run run, int r) {
    float largest = 0;
    int from = run.steps.vector(r, 0) * run.zStride;
    for (int i = from; i < from + run.zStride; i++) {
      largest = Math.max(largest, Math.abs(run.tape.z()[i]));
    }
    return largest;
  }

  @TestFactory
  List<DynamicTest> noBitDependsOnTheThreads() {
    return forEachCell(
        (cell, two) -> {
          Network network = network(cell, two);
          for (int[] lengths : List.of(LENGTHS, RAGGED)) {
            float[] expected = run(network, lengths, 1, false).gradients;
            for (int threads : new int[] {2, 3, 8}) {
              assertThat(run(network, lengths, threads, false).gradients)
                  .as("%d threads", threads)
                  .isEqualTo(expected);
            }
          }
        });
  }

  /**
   * A state that once was infinite, and inputs so small that sums of them are -0: zeros that are
   * added, or not, would show.
   */
  @Test
  void noBitOfWhatIsLeftOfInfinityDependsOnTheThreads() {
    Network network =
        Network.input(1)
            .recurrent(new Cell.Elman(Activation.RELU), 1)
            .lastStep()
            .dense(2)
            .softmax();
    float[] values = {10, -0.5f, 0, 1, -1, 0, 0};
    int[] lengths = new int[12];
    Arrays.fill(lengths, 160);
    for (float extreme : new float[] {3e38f, -1e-45f}) {
      float[] features = new float[12 * 160];
      Arrays.fill(features, extreme < 0 ? extreme : 0.1f);
      for (int i = 0; i < 12; i++) {
        features[160 * i + 5] = extreme;
      }
      Sequences data =
          Sequences.ofFeatures(features, lengths, 1, new Targets.Classes(new int[12], 2));
      int[] expected = {};
      for (int threads : new int[] {1, 2, 3, 8}) {
        try (Workers workers = new Workers(threads)) {
          Batch batch = new Batch(data);
          GradientStep step =
              new GradientStep(
                  new CompiledNetwork(new Parameters(network, values), new ScalarKernel()),
                  workers,
                  batch);
          batch.select(IntStream.range(0, 12).toArray(), 0, 12);
          step.open(batch, 0, 160, 0);
          assertThat(step.run()).isFinite();
          int[] bits = new int[values.length];
          Arrays.setAll(bits, i -> Float.floatToIntBits(step.gradients()[i]));
          assertThat(step.pass().steps().groups()).isEqualTo(2);
          if (threads == 1) {
            expected = bits;
          }
          assertThat(bits).as("%d threads, %s", threads, extreme).isEqualTo(expected);
        }
      }
    }
  }

  @TestFactory
  List<DynamicTest> aRowVanishesWhole() {
    float limit = CellTape.VANISHED;
    float below = Math.nextDown(limit);
    return List.of(
        vanishes("nothing", true, 0, -0f, 0, 0),
        vanishes("below", true, below, -below, Float.MIN_VALUE, below),
        vanishes("one of dh", false, below, -limit, 0, 0),
        vanishes("one of dc", false, 0, 0, below, limit),
        vanishes("not a number", false, 0, Float.NaN, 0, 0),
        vanishes("infinite", false, 0, 0, Float.NEGATIVE_INFINITY, 0));
  }

  private static DynamicTest vanishes(String name, boolean expected, float... rows) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          CellTape tape = new CellTape();
          Network network = Network.input(1).lstm(2).lastStep().linear();
          tape.reserveGradients(
              RecurrentCell.of(
                  new Cell.Lstm(),
                  new ScalarKernel(),
                  LayerParameters.of(Parameters.initialize(network, 1), 0, "_l0")),
              3,
              3,
              2);
          Arrays.fill(tape.dh(), 1f);
          Arrays.fill(tape.dc(), 1f);
          System.arraycopy(rows, 0, tape.dh(), 2, 2);
          System.arraycopy(rows, 2, tape.dc(), 2, 2);

          assertThat(tape.vanish(1, 1, 2)).isEqualTo(expected);

          float[] dh = {1, 1, rows[0], rows[1], 1, 1};
          float[] dc = {1, 1, rows[2], rows[3]};
          if (expected) {
            Arrays.fill(dh, 2, 4, 0f);
            Arrays.fill(dc, 2, 4, 0f);
          }
          assertThat(tape.dh()).isEqualTo(dh);
          assertThat(tape.dc()).isEqualTo(dc);
        });
  }
}
