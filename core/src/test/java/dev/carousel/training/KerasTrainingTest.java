package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.Json;
import dev.carousel.testkit.SharedData;
import dev.carousel.testkit.WorstError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Trainings of Keras: a cell, its last output, a dense layer, squared error, gradient descent. They
 * have layers without a bias, which ours cannot be: the gradients of those biases are dropped, so
 * the steps are {@link GradientStep}'s and {@link Sgd}'s, not a {@link Trainer}'s. Two of the six
 * are left out: a GRU with hard sigmoid gates, which there is none of here.
 */
class KerasTrainingTest {

  @TestFactory
  List<DynamicTest> everyRun() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Json run :
        Json.read(SharedData.path("reference/numeric_refs/keras_training_values_from_tfjs.json"))
            .get("cases")
            .elements()) {
      if (run.get("cell").text().equals("GRU")) {
        continue;
      }
      boolean weights = run.has("expected");
      String name = run.get("cell").text() + (weights ? ", weights" : ", loss, state carried");
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                if (weights) {
                  weightsAfterTwoSteps(run);
                } else {
                  lossOfTwoBatchesThatCarryTheState(run);
                }
              }));
    }
    assertThat(tests).hasSize(4);
    return tests;
  }

  private static Cell cell(Json run) {
    return run.get("cell").text().equals("SimpleRNN")
        ? new Cell.Elman(Activation.TANH)
        : new Cell.Lstm().withGateActivation(GateActivation.HARD_SIGMOID_KERAS_2);
  }

  /** Gradient descent on batches of ones, with or without the cell's bias. */
  private static final class Descent implements AutoCloseable {
    final Network network;
    final Parameters parameters;
    private final Workers workers = new Workers(1);
    private final CompiledNetwork compiled;
    private final Sgd sgd;
    private final Moments moments;
    private final float[] frozen;
    private final float[] state;

    Descent(Json run, int inputSize, int batchSize, double dense, double rate, boolean bias) {
      int units = (int) run.get("units").number();
      network = Network.input(inputSize).recurrent(cell(run), units).lastStep().dense(1).linear();
      parameters = new Parameters(network, new float[network.parameterLayout().size()]);
      fill("layers.0.weight_ih_l0", run.get("kernel_init").number());
      fill("layers.0.weight_hh_l0", run.get("recurrent_init").number());
      fill("layers.0.bias_l0", run.number("bias_init", 0));
      fill("layers.2.weight", dense);
      compiled = new CompiledNetwork(parameters, new ScalarKernel());
      sgd = Sgd.withLearningRate(rate);
      moments = new Moments(0, parameters.values().length);
      frozen = new float[parameters.values().length];
      for (ParameterLayout.Slice slice : parameters.layout().slices()) {
        boolean free = slice.role() != ParameterLayout.Role.BIAS || bias && slice.layer() == 0;
        Arrays.fill(frozen, slice.offset(), slice.offset() + slice.size(), free ? 1 : 0);
      }
      state = new float[batchSize * network.stateLayout().size()];
    }

    private void fill(String name, double value) {
      ParameterLayout.Slice slice = parameters.layout().slice(name);
      Arrays.fill(
          parameters.values(), slice.offset(), slice.offset() + slice.size(), (float) value);
    }

    double[][] matrix(String name) {
      ParameterLayout.Slice slice = parameters.layout().slice(name);
      return FloatArrays.matrix(parameters.values(), slice.offset(), slice.rows(), slice.columns());
    }

    /** One step from the state before it; returns the loss and keeps the state after it. */
    double step(double[] targets) {
      int inputSize = network.signals().get(0).size();
      float[] ones = new float[targets.length * 3 * inputSize];
      Arrays.fill(ones, 1);
      int[] lengths = new int[targets.length];
      Arrays.fill(lengths, 3);
      Batch batch =
          new Batch(
              Sequences.ofFeatures(
                  ones, lengths, inputSize, new Targets.Values(FloatArrays.flat(targets), 1)));
      int[] all = new int[targets.length];
      Arrays.setAll(all, i -> i);
      batch.select(all, 0, all.length);
      GradientStep step = new GradientStep(compiled, workers, batch);
      step.open(batch, 0, 3, 0);
      int size = network.stateLayout().size();
      for (int r = 0; r < all.length; r++) {
        step.pass().loadState(r, state, r * size);
      }
      double loss = step.run();
      for (int r = 0; r < all.length; r++) {
        step.pass().storeState(r, 3, state, r * size);
      }
      float[] gradients = step.gradients();
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] *= frozen[i];
      }
      float[] none = new float[gradients.length];
      sgd.update(
          parameters.values(),
          gradients,
          none,
          moments,
          0,
          gradients.length,
          sgd.learningRate(),
          1);
      return loss;
    }

    void forget() {
      Arrays.fill(state, 0);
    }

    @Override
    public void close() {
      workers.close();
    }
  }

  private static void weightsAfterTwoSteps(Json run) {
    double[] targets = new double[5];
    Arrays.fill(targets, run.get("target").number());
    try (Descent descent = new Descent(run, 4, 5, 1, run.get("sgd_lr").number(), false)) {
      for (int step = 0; step < 2; step++) {
        descent.forget();
        descent.step(targets);
      }
      Json expected = run.get("expected");
      // The tanh of the Elman run is saturated: 1 - h^2 is 1.8e-4, so that an error of 2^-24 in h
      // is one of 6.6e-4 in the gradient, and the step is 0.15 long.
      double limit = run.get("cell").text().equals("SimpleRNN") ? 1e-4 : 1e-6;
      WorstError worst =
          Comparison.withFloor(1)
              .compare(
                  "kernel",
                  expected.get("kernel").matrix(),
                  descent.matrix("layers.0.weight_ih_l0"))
              .compare(
                  "recurrent",
                  expected.get("recurrent").matrix(),
                  descent.matrix("layers.0.weight_hh_l0"))
              .compare("dense", expected.get("dense").matrix(), descent.matrix("layers.2.weight"))
              .worst();
      assertThat(worst.relativeError()).as("%s", worst).isLessThan(limit);
    }
  }

  private static void lossOfTwoBatchesThatCarryTheState(Json run) {
    double[] targets = run.get("targets").vector();
    double dense = run.get("dense").get("kernel_init").number();
    try (Descent descent = new Descent(run, 2, 4, dense, 0.01, true)) {
      double loss =
          (descent.step(Arrays.copyOfRange(targets, 0, 4))
                  + descent.step(Arrays.copyOfRange(targets, 4, 8)))
              / 2;
      assertThat(loss).isCloseTo(run.get("independent_numpy_value").number(), within(1e-5));
    }
  }
}
