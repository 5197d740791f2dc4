package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Activations;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Head;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.LossReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The loss behind a dense layer that is the identity, so that what goes in is what the loss sees:
 * value and gradient, with each target's weight, against the float64 losses.
 */
class LossTest {
  private static final int SIZE = 4;

  private static Network identity(Head head, boolean perStep) {
    Network.Builder builder = Network.input(SIZE).dense(SIZE);
    return (perStep ? builder : builder.lastStep()).head(head);
  }

  private static Parameters identityParameters(Network network) {
    float[] values = new float[network.parameterLayout().size()];
    for (int j = 0; j < SIZE; j++) {
      values[j * SIZE + j] = 1;
    }
    return new Parameters(network, values);
  }

  private static LossReference reference(Head head) {
    return switch (head) {
      case SOFTMAX -> LossReference.SOFTMAX_CROSS_ENTROPY;
      case SIGMOID -> LossReference.SIGMOID_BINARY_CROSS_ENTROPY;
      case LINEAR -> LossReference.SQUARED_ERROR;
    };
  }

  @TestFactory
  List<DynamicTest> valueAndGradient() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Head head : Head.values()) {
      for (boolean perStep : new boolean[] {false, true}) {
        for (int threads : new int[] {1, 3}) {
          String name = head + (perStep ? " per step, " : " per sequence, ") + threads + " threads";
          tests.add(DynamicTest.dynamicTest(name, () -> check(head, perStep, threads)));
        }
      }
    }
    return tests;
  }

  private static void check(Head head, boolean perStep, int threads) {
    Network network = identity(head, perStep);
    Sequences data = SmallProblems.fitting(network, 9, 4);
    int[] all = IntStream.range(0, data.size()).toArray();
    Batch batch = new Batch(data);
    batch.select(all, 0, all.length);
    try (Workers workers = new Workers(threads)) {
      CompiledNetwork compiled =
          new CompiledNetwork(identityParameters(network), new ScalarKernel());
      GradientStep step = new GradientStep(compiled, workers, batch);
      step.open(batch, 0, batch.longest(), 0);
      // What an earlier batch left there.
      Arrays.fill(step.pass().output().gradients(), 7f);
      double loss = step.run();
      double weight = 0;
      double sum = 0;
      for (int r = 0; r < batch.size(); r++) {
        for (int t = perStep ? 0 : -1; t < (perStep ? data.length(batch.sequence(r)) : 0); t++) {
          double w = batch.targetWeight(r, Math.max(t, 0));
          weight += w;
          if (w > 0) {
            sum += w * reference(head).value(output(data, batch, r, t), target(batch, r, t, head));
          }
        }
      }
      assertThat(step.totalWeight()).isEqualTo(weight);
      assertThat(loss).isCloseTo(sum / weight, within(3e-7 * Math.max(1, sum / weight)));
      checkGradients(step.pass(), data, batch, head, weight);
    }
  }

  private static void checkGradients(
      NetworkPass pass, Sequences data, Batch batch, Head head, double weight) {
    Activations out = pass.output();
    for (int r = 0; r < batch.size(); r++) {
      int vectors = out.perStep() ? data.length(batch.sequence(r)) : 1;
      for (int v = 0; v < vectors; v++) {
        int t = out.perStep() ? v : -1;
        int at = out.index(out.perStep() ? pass.steps().vector(r, v) : r);
        double w = batch.targetWeight(r, v);
        double[] expected = new double[SIZE];
        if (w > 0) {
          expected = reference(head).gradient(output(data, batch, r, t), target(batch, r, t, head));
        }
        for (int j = 0; j < SIZE; j++) {
          assertThat((double) out.gradients()[at + j])
              .as("row %d, step %d, output %d", r, v, j)
              .isCloseTo(expected[j] * w / weight, within(2e-8));
        }
      }
    }
  }

  /** The output at step t of a row, at its last step for -1. */
  private static double[] output(Sequences data, Batch batch, int r, int t) {
    int sequence = batch.sequence(r);
    float[] x = new float[SIZE];
    data.copyFeatures(sequence, t < 0 ? data.length(sequence) - 1 : t, x, 0);
    return OptimizerTest.doubles(x);
  }

  private static double[] target(Batch batch, int r, int t, Head head) {
    if (head == Head.SOFTMAX) {
      return LossReference.oneHot(batch.targetClass(r, t), SIZE);
    }
    float[] y = new float[SIZE];
    batch.targetValues(r, t, y, 0);
    return OptimizerTest.doubles(y);
  }

  @Test
  void largeScoresDoNotOverflow() {
    Network network = identity(Head.SIGMOID, true);
    float[] x = {900, -900, 900, -900};
    float[] y = {0, 1, 1, 0};
    assertThat(loss(network, x, Targets.StepValues.unmasked(y, SIZE))).isEqualTo(450);
    Network classes = identity(Head.SOFTMAX, true);
    assertThat(loss(classes, x, new Targets.StepClasses(new int[] {1}, SIZE)))
        .isCloseTo(1800 + Math.log(2), within(1e-4));
  }

  @Test
  void whereAllIsMaskedTheLossIsZero() {
    Network network = identity(Head.SOFTMAX, true);
    assertThat(loss(network, new float[SIZE], new Targets.StepClasses(new int[] {-1}, SIZE)))
        .isZero();
  }

  private static double loss(Network network, float[] x, Targets targets) {
    Sequences data = Sequences.ofFeatures(x, new int[] {1}, SIZE, targets);
    Batch batch = new Batch(data);
    batch.select(new int[] {0}, 0, 1);
    try (Workers workers = new Workers(1)) {
      GradientStep step =
          new GradientStep(
              new CompiledNetwork(identityParameters(network), new ScalarKernel()), workers, batch);
      step.open(batch, 0, 1, 0);
      return step.run();
    }
  }

  @Test
  void evaluationMeasuresLossAccuracyAndTop5() {
    Network network = Network.input(6).dense(6).lastStep().softmax();
    float[] values = new float[network.parameterLayout().size()];
    for (int j = 0; j < 6; j++) {
      values[j * 6 + j] = 1;
    }
    // Class 5 is first in sequence 0, last in sequence 1; in sequence 2 all are equal and the lower
    // comes first.
    float[] x = {0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 1, 1, 1, 1, 1, 1};
    Sequences data =
        Sequences.ofFeatures(
            x, new int[] {1, 1, 1}, 6, new Targets.Classes(new int[] {5, 5, 0}, 6));
    Evaluation on =
        Evaluator.evaluate(new Parameters(network, values), new ScalarKernel(), data, 2);
    double rest = 0;
    for (int j = 0; j < 6; j++) {
      rest += Math.exp(-j);
    }
    assertThat(on.examples()).isEqualTo(3);
    assertThat(on.accuracy()).isEqualTo(2 / 3.0);
    assertThat(on.top5()).isEqualTo(2 / 3.0);
    assertThat(on.loss()).isCloseTo((2 * Math.log(rest) + 5 + Math.log(6)) / 3, within(1e-6));
  }

  @Test
  void ofEqualScoresTheLowerClassComesFirst() {
    Network network = Network.input(6).dense(6).lastStep().softmax();
    Parameters zeros = new Parameters(network, new float[network.parameterLayout().size()]);
    for (int wanted = 0; wanted < 6; wanted++) {
      Targets targets = new Targets.Classes(new int[] {wanted}, 6);
      Sequences data = Sequences.ofFeatures(new float[6], new int[] {1}, 6, targets);

      Evaluation on = Evaluator.evaluate(zeros, new ScalarKernel(), data, 1);

      assertThat(on.accuracy()).as("class %d", wanted).isEqualTo(wanted == 0 ? 1 : 0);
      assertThat(on.top5()).as("class %d", wanted).isEqualTo(wanted < 5 ? 1 : 0);
    }
  }

  @Test
  void evaluationWithoutTargetsIsRefused() {
    Network network = identity(Head.SOFTMAX, true);
    Sequences data =
        Sequences.ofFeatures(
            new float[SIZE], new int[] {1}, SIZE, new Targets.StepClasses(new int[] {-1}, SIZE));
    assertThatThrownBy(
            () -> Evaluator.evaluate(identityParameters(network), new ScalarKernel(), data, 1))
        .hasMessage("evaluation: expected at least one target, got none (all steps are masked)");
  }

  @Test
  void evaluationInWindowsIsTheSameAsWhole() {
    Network network = Network.input(5).lstm(4).dense(3).softmax();
    // Longer than the evaluator's windows of 256 steps, one of them exactly.
    Sequences data = SmallProblems.fitting(network, new int[] {300, 256, 700, 3}, 4);
    Parameters parameters = Parameters.initialize(network, 2);
    Evaluation on = Evaluator.evaluate(parameters, new ScalarKernel(), data, 1);
    Batch batch = new Batch(data);
    batch.select(new int[] {0, 1, 2, 3}, 0, 4);
    try (Workers workers = new Workers(1)) {
      GradientStep whole =
          new GradientStep(new CompiledNetwork(parameters, new ScalarKernel()), workers, batch);
      whole.open(batch, 0, 700, 0);
      assertThat(on.loss()).isCloseTo(whole.run(), within(1e-12));
      assertThat((double) on.examples()).isEqualTo(whole.totalWeight());
    }
    assertThat(Evaluator.evaluate(parameters, new ScalarKernel(), data, 3)).isEqualTo(on);
  }

  @Test
  void targetsThatDoNotFitAreRefused() {
    Network network = Network.input(5).lstm(2).lastStep().dense(3).softmax();
    Sequences steps = SmallProblems.fitting(Network.input(5).lstm(2).dense(3).softmax(), 2, 1);
    assertThatThrownBy(() -> Trainer.of(network).fit(steps))
        .hasMessage(
            "targets: expected classes for every sequence (the network gives softmax scores once"
                + " per sequence), got StepClasses");
    Sequences four =
        SmallProblems.fitting(Network.input(5).lstm(2).lastStep().dense(4).softmax(), 2, 1);
    assertThatThrownBy(() -> Trainer.of(network).fit(four))
        .hasMessage("targets: expected 3 classes (the network's output size), got 4");
    assertThatThrownBy(() -> Trainer.of(network).fit(four.withTargets(new Targets.None())))
        .hasMessageEndingWith("got None");
    Sequences narrow =
        SmallProblems.fitting(Network.input(4).lstm(2).lastStep().dense(3).softmax(), 2, 1);
    assertThatThrownBy(() -> Trainer.of(network).fit(narrow))
        .hasMessage("input has 4 features but layer 0 (LSTM) expects 5");
  }
}
