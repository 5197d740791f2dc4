package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.testkit.ScalarTape.Var;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every cell's hand-written backward pass against central differences and against automatic
 * differentiation.
 */
class CellReferenceTest {

  private static final int[] LENGTHS = {5, 1, 0, 3};

  /**
   * A run's inputs and random upstream gradients; the loss is the sum of the products of results
   * and gradients.
   */
  private static final class Problem {
    final CellReference cell;
    final double[][][] inputs;
    final double[][] h0;
    final double[][] c0;
    final double[][][] dOutputs;
    final double[][] dFinalH;
    final double[][] dFinalC;

    Problem(CellVariant variant, long seed) {
      RandomArrays random = new RandomArrays(seed);
      cell = variant.cell().apply(random);
      inputs = random.sequences(LENGTHS, cell.inputSize(), 2);
      h0 = random.matrix(LENGTHS.length, cell.hiddenSize(), 1);
      c0 = random.matrix(LENGTHS.length, cell.cellSize(), 1);
      dOutputs = random.sequences(LENGTHS, cell.hiddenSize(), 1);
      dFinalH = random.matrix(LENGTHS.length, cell.hiddenSize(), 1);
      dFinalC = random.matrix(LENGTHS.length, cell.cellSize(), 1);
    }

    double loss() {
      RecurrentRun run = cell.forward(inputs, h0, c0);
      double loss = 0;
      for (int b = 0; b < inputs.length; b++) {
        loss += dot(dFinalH[b], run.finalH()[b]) + dot(dFinalC[b], run.finalC()[b]);
        for (int t = 0; t < inputs[b].length; t++) {
          loss += dot(dOutputs[b][t], run.outputs()[b][t]);
        }
      }
      return loss;
    }

    RecurrentGradients gradients() {
      return cell.forward(inputs, h0, c0).backward(dOutputs, dFinalH, dFinalC);
    }
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static List<CellVariant> variants() {
    return CellVariant.all();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void backwardEqualsCentralDifferences(CellVariant variant) {
    Problem problem = new Problem(variant, 20);
    RecurrentGradients gradients = problem.gradients();
    GradientCheck check = GradientCheck.of(problem::loss);
    if (variant.hasKinks()) {
      check = check.withStep(1e-5);
    }
    check
        .check(problem.cell.parameters(), gradients.parameters())
        .check("inputs", problem.inputs, gradients.dInputs())
        .check("h0", problem.h0, gradients.dh0())
        .check("c0", problem.c0, gradients.dc0());
    assertThat(check.worst().relativeError())
        .as("%s", check.worst())
        .isLessThan(variant.hasKinks() ? 2e-7 : 2e-9);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void backwardEqualsAutomaticDifferentiation(CellVariant variant) {
    Problem problem = new Problem(variant, 21);
    ScalarTape tape = new ScalarTape();
    TapeCell cell = variant.onTape().apply(tape, problem.cell);
    Var[][][] inputs = tape.variables(problem.inputs);
    Var[][] h0 = tape.variables(problem.h0);
    Var[][] c0 = tape.variables(problem.c0);
    Var loss = tape.constant(0);
    for (int b = 0; b < inputs.length; b++) {
      TapeCell.State state = new TapeCell.State(h0[b], c0[b]);
      for (int t = 0; t < inputs[b].length; t++) {
        state = cell.step(inputs[b][t], state);
        loss = loss.plus(dot(state.h(), problem.dOutputs[b][t], tape));
      }
      loss = loss.plus(dot(state.h(), problem.dFinalH[b], tape));
      loss = loss.plus(dot(state.c(), problem.dFinalC[b], tape));
    }
    tape.backward(loss);

    RecurrentGradients gradients = problem.gradients();
    Comparison comparison = Comparison.withFloor(1e-3);
    comparison.compare("loss", new double[] {loss.value}, new double[] {problem.loss()});
    cell.weights.forEach(
        (name, vars) ->
            comparison.compare(
                name, ScalarTape.gradients(vars), gradients.parameters().matrix(name)));
    comparison
        .compare("inputs", ScalarTape.gradients(inputs), gradients.dInputs())
        .compare("h0", ScalarTape.gradients(h0), gradients.dh0())
        .compare("c0", ScalarTape.gradients(c0), gradients.dc0());
    assertThat(comparison.worst().relativeError()).as("%s", comparison.worst()).isLessThan(1e-11);
  }

  private static Var dot(Var[] vars, double[] factors, ScalarTape tape) {
    Var sum = tape.constant(0);
    for (int i = 0; i < vars.length; i++) {
      sum = sum.plus(vars[i].times(factors[i]));
    }
    return sum;
  }

  /** Two windows with the state carried across, and its gradient carried back, are the whole. */
  @ParameterizedTest
  @MethodSource("variants")
  void windowsJoinedByTheStateAreTheWhole(CellVariant variant) {
    Problem problem = new Problem(variant, 22);
    int cut = 2;
    double[][][] head = window(problem.inputs, 0, cut);
    double[][][] tail = window(problem.inputs, cut, 5);
    RecurrentRun first = problem.cell.forward(head, problem.h0, problem.c0);
    RecurrentRun second = problem.cell.forward(tail, first.finalH(), first.finalC());
    RecurrentGradients late =
        second.backward(window(problem.dOutputs, cut, 5), problem.dFinalH, problem.dFinalC);
    RecurrentGradients early =
        first.backward(window(problem.dOutputs, 0, cut), late.dh0(), late.dc0());

    RecurrentRun whole = problem.cell.forward(problem.inputs, problem.h0, problem.c0);
    RecurrentGradients expected = problem.gradients();
    double[] sum = early.parameters().flatten();
    LinearAlgebra.add(late.parameters().flatten(), sum);
    assertThat(second.finalH()).isDeepEqualTo(whole.finalH());
    assertThat(second.finalC()).isDeepEqualTo(whole.finalC());
    assertThat(early.dh0()).isDeepEqualTo(expected.dh0());
    assertThat(early.dc0()).isDeepEqualTo(expected.dc0());
    assertThat(
            Comparison.withFloor(1e-3)
                .compare("parameters", expected.parameters().flatten(), sum)
                .worst()
                .relativeError())
        .isLessThan(1e-13);
  }

  private static double[][][] window(double[][][] sequences, int from, int to) {
    double[][][] window = new double[sequences.length][][];
    for (int b = 0; b < sequences.length; b++) {
      int end = Math.min(to, sequences[b].length);
      window[b] = Arrays.copyOfRange(sequences[b], Math.min(from, end), end);
    }
    return window;
  }

  @Test
  void theVariantsReachTheirKinks() {
    LstmReference.Options clipped = LstmReference.Options.standard().withCellClip(0.4);
    Problem problem = new Problem(CellVariant.lstm(clipped), 20);
    double[][] c = problem.cell.forward(problem.inputs, problem.h0, problem.c0).finalC();
    // Sequence 2 is empty: its state is c0, which no clip has touched.
    long atTheClip =
        Arrays.stream(new double[][] {c[0], c[1], c[3]})
            .flatMapToDouble(Arrays::stream)
            .filter(value -> Math.abs(value) == 0.4)
            .count();
    assertThat(atTheClip).isBetween(1L, 11L);
  }

  @Test
  void aCoupledGateWithComplementaryBlocksIsAStandardLstm() {
    // sigmoid(-x) = 1 - sigmoid(x): negated forget weights in block i couple the gates of a
    // standard cell.
    RandomArrays random = new RandomArrays(5);
    CellReference coupled =
        CellVariant.lstm(LstmReference.Options.standard().withCoupledGate()).cell().apply(random);
    CellReference standard =
        new LstmReference(
            LstmReference.Options.standard(),
            withNegatedFirstBlock(coupled.parameters().matrix("weightIh")),
            withNegatedFirstBlock(coupled.parameters().matrix("weightHh")),
            withNegatedFirstBlock(coupled.parameters().matrix("bias"))[0]);
    double[][][] inputs = random.sequences(LENGTHS, CellVariant.INPUT_SIZE, 2);
    WorstError worst =
        Comparison.withFloor(1e-3)
            .compare("h", standard.forward(inputs).outputs(), coupled.forward(inputs).outputs())
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-13);
  }

  private static double[][] withNegatedFirstBlock(double[][] matrix) {
    int size = CellVariant.HIDDEN_SIZE;
    double[][] wider = new double[matrix.length][];
    for (int row = 0; row < matrix.length; row++) {
      wider[row] = new double[size + matrix[row].length];
      for (int j = 0; j < matrix[row].length; j++) {
        wider[row][size + j] = matrix[row][j];
        if (j < size) {
          wider[row][j] = -matrix[row][j];
        }
      }
    }
    return wider;
  }

  @Test
  void theStaticRunsAreThoseOfTheCells() {
    Problem elman = new Problem(CellVariant.elman(Activation.TANH), 1);
    Parameters p = elman.cell.parameters();
    assertThat(
            ElmanReference.forward(
                    Activation.TANH,
                    p.matrix("weightIh"),
                    p.matrix("weightHh"),
                    p.vector("bias"),
                    elman.inputs,
                    elman.h0)
                .outputs())
        .isDeepEqualTo(elman.cell.forward(elman.inputs, elman.h0, elman.c0).outputs());
    Problem lstm = new Problem(CellVariant.lstm(LstmReference.Options.standard()), 2);
    p = lstm.cell.parameters();
    assertThat(
            LstmReference.forward(
                    LstmReference.Options.standard(),
                    p.matrix("weightIh"),
                    p.matrix("weightHh"),
                    p.vector("bias"),
                    lstm.inputs,
                    lstm.h0,
                    lstm.c0)
                .finalC())
        .isDeepEqualTo(lstm.cell.forward(lstm.inputs, lstm.h0, lstm.c0).finalC());
    Problem gru = new Problem(CellVariant.gru(GruReference.Options.resetAfter()), 3);
    p = gru.cell.parameters();
    assertThat(
            GruReference.forward(
                    GruReference.Options.resetAfter(),
                    p.matrix("weightIh"),
                    p.matrix("weightHh"),
                    p.vector("bias"),
                    p.vector("recurrentBias"),
                    gru.inputs,
                    gru.h0)
                .finalH())
        .isDeepEqualTo(gru.cell.forward(gru.inputs, gru.h0, gru.c0).finalH());
  }

  @Test
  void wrongShapesAreRefusedWithNamesAndNumbers() {
    LstmReference.Options standard = LstmReference.Options.standard();
    assertThatThrownBy(
            () -> new LstmReference(standard, new double[3][8], new double[2][6], new double[8]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weightHh[0]: expected 8 values (4 gates x hiddenSize 2), got 6");
    assertThatThrownBy(
            () ->
                new LstmReference(
                    standard.withPeepholes(), new double[3][8], new double[2][8], new double[8]))
        .hasMessage("peepholeI: expected 2 values (hiddenSize), got 0");
    assertThatThrownBy(
            () ->
                new LstmReference(
                    standard.withPeepholes().withCoupledGate(),
                    new double[3][6],
                    new double[2][6],
                    new double[6],
                    new double[2],
                    new double[2],
                    new double[2]))
        .hasMessage("peepholeI: expected 0 values (the coupled gate has no gate i), got 2");
    assertThatThrownBy(
            () ->
                new GruReference(
                    GruReference.Options.resetBefore(),
                    new double[3][6],
                    new double[2][6],
                    new double[6],
                    new double[2]))
        .hasMessage("recurrentBias: expected 0 values (reset-before has none), got 2");
    assertThatThrownBy(() -> standard.withCellClip(0))
        .hasMessage("cellClip: expected a positive number (infinite for none), got 0.0");
    CellReference cell =
        new ElmanReference(Activation.RELU, new double[3][2], new double[2][2], new double[2]);
    assertThatThrownBy(() -> cell.forward(new double[][][] {new double[1][3], new double[4][7]}))
        .hasMessage("inputs[1][0]: expected 3 values (inputSize), got 7");
    assertThatThrownBy(() -> cell.forward(new double[2][1][3], new double[1][2], new double[2][0]))
        .hasMessage("h0: expected 2 rows (one state for each sequence), got 1");
    assertThatThrownBy(
            () ->
                cell.forward(new double[1][3][3])
                    .backward(new double[1][2][2], new double[1][2], new double[1][0]))
        .hasMessage("dOutputs[0]: expected 3 rows (the shape of the outputs), got 2");
  }
}
