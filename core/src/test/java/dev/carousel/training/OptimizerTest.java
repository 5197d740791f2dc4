package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.execution.Workers;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.AdagradReference;
import dev.carousel.testkit.AdamReference;
import dev.carousel.testkit.Comparison;
import dev.carousel.testkit.OptimizerReference;
import dev.carousel.testkit.RandomArrays;
import dev.carousel.testkit.RmsPropReference;
import dev.carousel.testkit.SgdReference;
import dev.carousel.testkit.WorstError;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every optimizer over 50 steps against its float64 form, through {@link ParameterUpdate}. */
class OptimizerTest {
  private static final int STEPS = 50;
  private static final Network NETWORK = Network.input(4).lstm(3).dense(2).linear();

  /** One optimizer and its reference, given the weight decay that applies. */
  private record Case(String name, Optimizer optimizer, DoubleFunction<OptimizerReference> of) {}

  private static List<Case> cases() {
    // What the records hold, as numbers: (double) 0.9f is not 0.9.
    double rate = 0.01f;
    double nine = 0.9f;
    double decay = 0.99f;
    double beta2 = 0.999f;
    double epsilon = 1e-3f;
    Sgd sgd = Sgd.withLearningRate(rate);
    Adam adam = Adam.withLearningRate(rate).withEpsilon(epsilon);
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("sgd", sgd, none -> new SgdReference(rate)));
    cases.add(
        new Case(
            "momentum", sgd.withMomentum(0.9), none -> new SgdReference(rate, nine, false, 0)));
    cases.add(
        new Case(
            "nesterov",
            sgd.withMomentum(0.9).withNesterov(),
            none -> new SgdReference(rate, nine, true, 0)));
    cases.add(
        new Case(
            "rmsprop",
            new RmsProp(0.01f, 0.99f, 1e-3f),
            none -> new RmsPropReference(rate, decay, epsilon, 0, 0)));
    cases.add(
        new Case(
            "adagrad",
            new Adagrad(0.01f, 1e-3f),
            none -> new AdagradReference(rate, epsilon, 0, 0)));
    cases.add(new Case("adam", adam, none -> AdamReference.adam(rate, nine, beta2, epsilon, 0)));
    cases.add(
        new Case(
            "adamw",
            adam.withWeightDecay(0.1),
            share -> AdamReference.adamW(rate, nine, beta2, epsilon, share * 0.1f)));
    cases.add(
        new Case(
            "adam, epsilon not corrected",
            adam.withUncorrectedEpsilon(),
            none -> new UncorrectedAdam(rate, nine, beta2, epsilon)));
    cases.add(
        new Case(
            "adam, other betas",
            adam.withBetas(0.5, 0.99),
            none -> AdamReference.adam(rate, 0.5, decay, epsilon, 0)));
    return cases;
  }

  /** Kingma and Ba's "epsilon hat": the correction is in the rate alone. */
  private static final class UncorrectedAdam implements OptimizerReference {
    private final double rate;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private double[] m = {};
    private double[] v = {};
    private int steps;

    UncorrectedAdam(double rate, double beta1, double beta2, double epsilon) {
      this.rate = rate;
      this.beta1 = beta1;
      this.beta2 = beta2;
      this.epsilon = epsilon;
    }

    @Override
    public void step(double[] parameters, double[] gradients) {
      if (steps++ == 0) {
        m = new double[parameters.length];
        v = new double[parameters.length];
      }
      double now = rate * Math.sqrt(1 - Math.pow(beta2, steps)) / (1 - Math.pow(beta1, steps));
      for (int i = 0; i < parameters.length; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * gradients[i];
        v[i] = beta2 * v[i] + (1 - beta2) * gradients[i] * gradients[i];
        parameters[i] -= now * m[i] / (Math.sqrt(v[i]) + epsilon);
      }
    }
  }

  @TestFactory
  List<DynamicTest> fiftySteps() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Case c : cases()) {
      tests.add(DynamicTest.dynamicTest(c.name(), () -> fiftySteps(c)));
    }
    return tests;
  }

  private static void fiftySteps(Case c) {
    Parameters parameters = Parameters.initialize(NETWORK, 3);
    int size = parameters.values().length;
    double[] weights = doubles(parameters.values());
    double[] biases = weights.clone();
    OptimizerReference onWeights = c.of().apply(1);
    OptimizerReference onBiases = c.of().apply(0);
    float[] gradients = new float[size];
    RandomArrays random = new RandomArrays(11);
    try (Workers workers = new Workers(1)) {
      ParameterUpdate update =
          new ParameterUpdate(
              new ScalarKernel(),
              workers,
              parameters,
              gradients,
              c.optimizer(),
              new Clipping.None(),
              Penalty.NONE);
      for (int step = 0; step < STEPS; step++) {
        double[] drawn = random.vector(size, 0.1);
        for (int i = 0; i < size; i++) {
          gradients[i] = (float) drawn[i];
        }
        update.step(update.measure(), c.optimizer().learningRate());
        onWeights.step(weights, drawn);
        onBiases.step(biases, drawn);
      }
      assertThat(update.moments.step()).isEqualTo(STEPS);
    }
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      if (slice.role() == ParameterLayout.Role.BIAS) {
        System.arraycopy(biases, slice.offset(), weights, slice.offset(), slice.size());
      }
    }
    WorstError worst =
        Comparison.withFloor(1).compare(c.name(), weights, doubles(parameters.values())).worst();
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(1e-6);
  }

  @Test
  void theUncorrectedEpsilonIsAnotherOptimizer() {
    OptimizerReference corrected = AdamReference.adam(0.01, 0.9, 0.999, 1e-3, 0);
    OptimizerReference uncorrected = new UncorrectedAdam(0.01, 0.9, 0.999, 1e-3);
    double[] a = {0};
    double[] b = {0};
    corrected.step(a, new double[] {0.05});
    uncorrected.step(b, new double[] {0.05});
    assertThat(Math.abs(a[0] - b[0])).isGreaterThan(1e-3);
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Network wide = Network.input(30).lstm(40).dense(7).linear();
    float[] first = null;
    for (int threads = 1; threads <= 4; threads++) {
      Parameters parameters = Parameters.initialize(wide, 3);
      assertThat(parameters.values().length).isGreaterThan(2 * 4096);
      float[] gradients = new float[parameters.values().length];
      RandomArrays random = new RandomArrays(5);
      try (Workers workers = new Workers(threads)) {
        ParameterUpdate update =
            new ParameterUpdate(
                new ScalarKernel(),
                workers,
                parameters,
                gradients,
                Adam.withLearningRate(0.01).withWeightDecay(0.1),
                new Clipping.GlobalNorm(0.5f),
                new Penalty(1e-3f, 1e-3f));
        for (int step = 0; step < 3; step++) {
          for (int i = 0; i < gradients.length; i++) {
            gradients[i] = (float) random.value(1);
          }
          update.step(update.measure(), 0.01);
        }
      }
      if (first == null) {
        first = parameters.values();
      }
      assertThat(parameters.values()).as("%d threads", threads).isEqualTo(first);
    }
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatThrownBy(() -> Sgd.withLearningRate(0))
        .hasMessage("learning rate: expected a finite number above 0, got 0.0");
    assertThatThrownBy(() -> Sgd.withLearningRate(Double.NaN))
        .hasMessage("learning rate: expected a finite number above 0, got NaN");
    assertThatThrownBy(() -> Sgd.withLearningRate(0.1).withNesterov())
        .hasMessage("nesterov: expected a momentum above 0, got 0");
    assertThatThrownBy(() -> Sgd.withLearningRate(0.1).withMomentum(1))
        .hasMessage("momentum: expected a number in [0, 1), got 1.0");
    assertThatThrownBy(() -> new RmsProp(0.1f, -0.5f, 1e-8f))
        .hasMessage("decay: expected a number in [0, 1), got -0.5");
    assertThatThrownBy(() -> Adam.withLearningRate(0.1).withBetas(0.9, 1))
        .hasMessage("beta2: expected a number in [0, 1), got 1.0");
    assertThatThrownBy(() -> Adam.withLearningRate(0.1).withWeightDecay(-1))
        .hasMessage("weight decay: expected a finite number of at least 0, got -1.0");
  }

  /** With 0 a parameter that has had no gradient yet, such as an unseen word's, would be NaN. */
  @Test
  void anEpsilonThatDividesByZeroIsRefused() {
    String expected = "epsilon: expected a finite number of at least 2^-126 (1.2e-38), got ";
    for (float epsilon : new float[] {0f, -1e-8f, 1e-40f, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Adam.withLearningRate(0.1).withEpsilon(epsilon))
          .hasMessage(expected + epsilon);
      assertThatThrownBy(() -> new RmsProp(0.1f, 0.99f, epsilon)).hasMessage(expected + epsilon);
      assertThatThrownBy(() -> new Adagrad(0.1f, epsilon)).hasMessage(expected + epsilon);
    }
  }

  @Test
  void theSmallestEpsilonKeepsWhatHasNoGradientANumber() {
    for (Optimizer optimizer :
        List.of(
            Adam.withLearningRate(0.1).withBetas(0.9, Math.nextDown(1f)).withEpsilon(0x1p-126),
            Adam.withLearningRate(0.1).withEpsilon(0x1p-126).withUncorrectedEpsilon(),
            new RmsProp(0.1f, 0.99f, 0x1p-126f),
            new Adagrad(0.1f, 0x1p-126f))) {
      float[] parameters = {0.5f};
      Moments moments = new Moments(optimizer.momentCount(), 1);
      moments.beta1Power = 0.9;
      moments.beta2Power = Math.nextDown(1f);
      optimizer.update(parameters, new float[1], new float[1], moments, 0, 1, 0.1f, 1f);
      assertThat(parameters).as("%s", optimizer).containsExactly(0.5f);
    }
  }

  static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
