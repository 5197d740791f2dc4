package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Six training runs of Keras: a cell, its last output, a dense layer without bias, squared error
 * and gradient descent.
 */
class KerasTrainingTest {

  @TestFactory
  List<DynamicTest> everyRun() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Json run :
        Json.read(SharedData.path("reference/numeric_refs/keras_training_values_from_tfjs.json"))
            .get("cases")
            .elements()) {
      String name = run.get("cell").text() + ", " + run.get("kind").text();
      tests.add(
          DynamicTest.dynamicTest(
              name, () -> check(run, run.get("input").text().equals("ones [5,3,4]"))));
    }
    assertThat(tests).hasSize(6);
    return tests;
  }

  private static void check(Json run, boolean weights) {
    if (weights) {
      checkWeights(run);
    } else {
      checkLoss(run);
    }
  }

  private static final class Training {
    final CellReference cell;
    final DenseReference dense;
    final SgdReference cellOptimizer;
    final SgdReference denseOptimizer;
    final boolean bias;
    double[][] h;
    double[][] c;

    Training(Json run, int batchSize, int inputSize, double denseInit, double rate, boolean bias) {
      int units = (int) run.get("units").number();
      cell =
          cell(
              run.get("cell").text(),
              units,
              Layout.filled(inputSize, gates(run) * units, run.get("kernel_init").number()),
              Layout.filled(units, gates(run) * units, run.get("recurrent_init").number()),
              Layout.filled(gates(run) * units, run.number("bias_init", 0)));
      dense = new DenseReference(Layout.filled(units, 1, denseInit), new double[1]);
      cellOptimizer = new SgdReference(rate);
      denseOptimizer = new SgdReference(rate);
      this.bias = bias;
      h = new double[batchSize][units];
      c = new double[batchSize][cell.cellSize()];
    }

    /** One step; returns the loss before it and leaves the final state in h and c. */
    double step(double[][][] inputs, double[][] targets) {
      RecurrentRun run = cell.forward(inputs, h, c);
      double[][] last = PoolingReference.LAST.forward(run.outputs());
      LossReference.SequenceLoss loss =
          LossReference.SQUARED_ERROR.perSequence(dense.forward(last), targets);
      Parameters dDense = dense.parameters().zerosLike();
      double[][] dLast = dense.backward(last, loss.dOutputs(), dDense);
      RecurrentGradients gradients =
          run.backward(
              PoolingReference.LAST.backward(run.outputs(), dLast),
              new double[h.length][cell.hiddenSize()],
              new double[h.length][cell.cellSize()]);
      // The dense layer has no bias here, and without use_bias the cell has none either.
      dDense.vector("bias")[0] = 0;
      if (!bias) {
        double[] dBias = gradients.parameters().vector("bias");
        System.arraycopy(new double[dBias.length], 0, dBias, 0, dBias.length);
      }
      cellOptimizer.step(cell.parameters(), gradients.parameters());
      denseOptimizer.step(dense.parameters(), dDense);
      h = run.finalH();
      c = run.finalC();
      return loss.value();
    }
  }

  private static int gates(Json run) {
    return switch (run.get("cell").text()) {
      case "SimpleRNN" -> 1;
      case "GRU" -> 3;
      default -> 4;
    };
  }

  private static CellReference cell(
      String kind, int units, double[][] weightIh, double[][] weightHh, double[] bias) {
    GateActivation hard = GateActivation.HARD_SIGMOID_02;
    return switch (kind) {
      case "SimpleRNN" -> new ElmanReference(Activation.TANH, weightIh, weightHh, bias);
      case "GRU" ->
          new GruReference(
              GruReference.Options.resetBefore().withGateActivation(hard),
              weightIh,
              weightHh,
              bias,
              new double[0]);
      default ->
          new LstmReference(
              LstmReference.Options.standard().withGateActivation(hard), weightIh, weightHh, bias);
    };
  }

  private static void checkWeights(Json run) {
    double[][][] ones = new double[5][][];
    Arrays.setAll(ones, b -> Layout.filled(3, 4, 1));
    double[][] targets = Layout.filled(5, 1, run.get("target").number());
    Training training = new Training(run, 5, 4, 1, run.get("sgd_lr").number(), false);
    for (int step = 0; step < 2; step++) {
      training.h = new double[5][1];
      training.c = new double[5][training.cell.cellSize()];
      training.step(ones, targets);
    }
    Json expected = run.get("expected");
    double[][] kernel = expected.get("kernel").matrix();
    double[][] recurrent = expected.get("recurrent").matrix();
    if (run.get("cell").text().equals("GRU")) {
      kernel = Layout.blocks(kernel, 1, 0, 2);
      recurrent = Layout.blocks(recurrent, 1, 0, 2);
    }
    // The values are single-precision: 1e-6 of the larger of the value and 1. The tanh of the Elman
    // run is saturated, and
    // 1 - h^2 keeps four digits there.
    double bound = run.get("cell").text().equals("SimpleRNN") ? 5e-5 : 1e-6;
    WorstError worst =
        Comparison.withFloor(1)
            .compare("kernel", kernel, training.cell.parameters().matrix("weightIh"))
            .compare("recurrent", recurrent, training.cell.parameters().matrix("weightHh"))
            .compare(
                "dense",
                expected.get("dense").matrix(),
                training.dense.parameters().matrix("weight"))
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(bound);
  }

  private static void checkLoss(Json run) {
    double[] targets = run.get("targets").vector();
    double[][][] ones = new double[4][][];
    Arrays.setAll(ones, b -> Layout.filled(3, 2, 1));
    Training training =
        new Training(run, 4, 2, run.get("dense").get("kernel_init").number(), 0.01, true);
    double loss = 0;
    for (int batch = 0; batch < 2; batch++) {
      double[][] batchTargets = new double[4][];
      for (int b = 0; b < 4; b++) {
        batchTargets[b] = new double[] {targets[4 * batch + b]};
      }
      loss += training.step(ones, batchTargets) / 2;
    }
    // Keras's own value has three digits in one case; the independent recomputation has five
    // decimals in all.
    assertThat(loss).isCloseTo(run.get("expected_loss").number(), within(1e-3));
    assertThat(loss).isCloseTo(run.get("independent_numpy_value").number(), within(6e-6));
  }
}
