package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.Dl4jRun;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.WorstError;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A training that Deeplearning4j did: 101 control charts of 60 steps, LSTM, mean over time, dense,
 * softmax, 11 steps of Adam with L1 and L2. The same by {@link Trainer} and {@link GradientStep}.
 */
class Dl4jTrainingTest {
  private static final Network NETWORK =
      Network.input(1).lstm(10).meanOverTime().dense(6).softmax();

  private static Dl4jRun run;
  private static Sequences data;

  @BeforeAll
  static void read() throws IOException {
    run = Dl4jRun.read();
    int[] lengths = new int[Dl4jRun.CHARTS];
    Arrays.fill(lengths, Dl4jRun.STEPS);
    data =
        Sequences.ofFeatures(
            FloatArrays.flat(run.charts()), lengths, 1, new Targets.Classes(run.classes(), 6));
  }

  private static Parameters ours(dev.carousel.testkit.Parameters arrays) {
    Parameters parameters = new Parameters(NETWORK, new float[NETWORK.parameterLayout().size()]);
    put(parameters, "layers.0.weight_ih_l0", arrays.matrix("weightIh"));
    put(parameters, "layers.0.weight_hh_l0", arrays.matrix("weightHh"));
    put(parameters, "layers.0.bias_l0", arrays.vector("bias"));
    put(parameters, "layers.2.weight", arrays.matrix("dense weight"));
    put(parameters, "layers.2.bias", arrays.vector("dense bias"));
    return parameters;
  }

  private static void put(Parameters parameters, String name, double[]... rows) {
    ParameterLayout.Slice slice = parameters.layout().slice(name);
    float[] flat = FloatArrays.flat(rows);
    assertThat(flat).hasSize(slice.size());
    System.arraycopy(flat, 0, parameters.values(), slice.offset(), flat.length);
  }

  private static void assertClose(String what, double[] expected, double[] actual, double limit) {
    // Relative, and below a hundredth absolutely: those numbers are printed from single precision.
    WorstError worst = Comparison.withFloor(0.01).compare(what, expected, actual).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(limit);
  }

  @Test
  void predictionsOfTheUntrainedNetwork() {
    Model model =
        new Model(ours(run.initial()), Encoding.custom(), Provenance.of("none"), List.of());
    float[][] scores =
        Predictor.of(model, new ScalarKernel())
            .scores(data.select(IntStream.range(0, 10).toArray()));
    double[][] expected = run.predictions();
    for (int i = 0; i < 10; i++) {
      assertClose("prediction " + i, expected[i], OptimizerTest.doubles(scores[i]), 1e-5);
    }
  }

  @Test
  void gradientsOfTheFirstTen() {
    Batch batch = new Batch(data);
    batch.select(IntStream.range(0, 10).toArray(), 0, 10);
    try (Workers workers = new Workers(2)) {
      GradientStep step =
          new GradientStep(
              new CompiledNetwork(ours(run.initial()), new ScalarKernel()), workers, batch);
      step.open(batch, 0, 60, 0);
      step.run();
      double[] sums = OptimizerTest.doubles(step.gradients());
      for (int i = 0; i < sums.length; i++) {
        sums[i] *= 10;
      }
      assertClose("gradients", OptimizerTest.doubles(ours(run.gradients()).values()), sums, 1e-4);
    }
  }

  @Test
  void elevenStepsOfAdam() {
    double[] losses = new double[11];
    double[] sum = new double[1];
    Trainer trainer =
        Trainer.of(NETWORK)
            .kernel(new ScalarKernel())
            .startFrom(ours(run.initial()))
            .optimizer(Adam.withLearningRate(0.05).withUncorrectedEpsilon())
            .penalty(new Penalty(0.001f, 0.001f))
            .batchSize(10)
            .epochs(1)
            .shuffle(false)
            .threads(2)
            .on(
                new TrainingListener() {
                  @Override
                  public void onStep(int epoch, long done, long total, double loss, double rate) {
                    // The mean over the epoch so far; the step's own is what it added.
                    int step = (int) (done + 9) / 10 - 1;
                    losses[step] = (loss * done - sum[0]) / (done - 10 * step);
                    sum[0] = loss * done;
                  }
                });
    Model model = trainer.fit(data);
    assertClose("losses", run.losses(), losses, 1e-6);
    // Relative down to 0.003, and below that 3e-7 absolutely: four of the 546 are smaller than
    // 0.001 after steps of 0.05, which single precision cannot tell to 1e-4 of themselves. The same
    // recipe written in NumPy gives 4.9e-4 of 0.00029 between float32 and float64.
    WorstError worst =
        Comparison.withFloor(0.003)
            .compare(
                "parameters",
                OptimizerTest.doubles(ours(run.trained()).values()),
                OptimizerTest.doubles(model.parameters().values()))
            .worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-4);
  }
}
