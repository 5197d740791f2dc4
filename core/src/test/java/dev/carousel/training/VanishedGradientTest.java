package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.CellTape;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Steps;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Sequences so long that what comes back of the loss is lost on the way: training does not follow
 * it to the first step, and loses nothing that counts.
 */
class VanishedGradientTest {
  // Long enough for a gate of one half, which takes 100 steps to 2^-100, and behind them a sequence
  // that begins when the gradients of the others have vanished.
  private static final int[] LENGTHS = {300, 290, 300, 300, 280, 300, 300, 300, 300, 40};

  private record Run(float[] gradients, CellTape tape, Steps steps) {}

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
    float[] values =
        SmallProblems.values(
            Seeds.of(4, Seeds.Purpose.INITIALISATION), network.parameterLayout().size());
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.3f;
    }
    CompiledNetwork compiled =
        new CompiledNetwork(new Parameters(network, values), new ScalarKernel());
    Sequences data = SmallProblems.fitting(network, LENGTHS, 3);
    Batch batch = new Batch(data);
    try (Workers workers = new Workers(threads)) {
      GradientStep step =
          all
              ? GradientStep.withStateGradients(compiled, workers, batch)
              : new GradientStep(compiled, workers, batch);
      // Twice: what the first leaves behind must not count in the second.
      for (int i = 0; i < 2; i++) {
        batch.select(IntStream.range(0, LENGTHS.length).toArray(), 0, LENGTHS.length);
        step.open(batch, 0, batch.longest(), 0);
        step.run();
      }
      int last = network.layers().size() - 3;
      return new Run(step.gradients().clone(), step.pass().tape(last), step.pass().steps());
    }
  }

  @TestFactory
  List<DynamicTest> theGradientsAreThoseOfGoingAllTheWay() {
    return forEachCell(
        (cell, two) -> {
          Network network = network(cell, two);
          Run all = run(network, 1, true);
          float[] expected = all.gradients;

          float[] actual = run(network, 1, false).gradients;

          for (int i = 0; i < expected.length; i++) {
            // A part in ten million, or what may vanish at each of 2,710 steps.
            double most = 1e-7 * Math.abs(expected[i]) + 2_710 * 0x1p-100;
            assertThat((double) actual[i]).isBetween(expected[i] - most, expected[i] + most);
          }
        });
  }

  @TestFactory
  List<DynamicTest> theWayBackEndsWhereNothingIsLeft() {
    return forEachCell(
        (cell, two) -> {
          Network network = network(cell, two);
          Run together = run(network, 1, false);
          Run apart = run(network, 3, false);
          int stride = together.tape.z().length / together.steps.total();
          assertThat(together.steps.groups()).isEqualTo(2);

          // Sums on the way back end with it, and the forward pass's z is left; where the sums come
          // later, z is zero for them.
          assertThat(largest(together, stride, 0)).isGreaterThan(1e-3f);
          for (int r = 0; r < LENGTHS.length - 1; r++) {
            assertThat(largest(apart, stride, r)).as("sequence %d", r).isZero();
          }
          assertThat(largest(apart, stride, LENGTHS.length - 1)).as("the short one").isPositive();
        });
  }

  /** The largest magnitude in z of a sequence's first step. */
  private static float largest(Run run, int stride, int r) {
    float largest = 0;
    int from = run.steps.vector(r, 0) * stride;
    for (int i = from; i < from + stride; i++) {
      largest = Math.max(largest, Math.abs(run.tape.z()[i]));
    }
    return largest;
  }

  @TestFactory
  List<DynamicTest> noBitDependsOnTheThreads() {
    return forEachCell(
        (cell, two) -> {
          Network network = network(cell, two);
          float[] expected = run(network, 1, false).gradients;
          for (int threads : new int[] {2, 3, 8}) {
            assertThat(run(network, threads, false).gradients)
                .as("%d threads", threads)
                .isEqualTo(expected);
          }
        });
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
              dev.carousel.cell.RecurrentCell.of(
                  new Cell.Lstm(), new ScalarKernel(), Parameters.initialize(network, 1), 0, "_l0"),
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
