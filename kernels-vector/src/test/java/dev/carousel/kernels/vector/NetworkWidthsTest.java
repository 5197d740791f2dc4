package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.execution.TeamSteps;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Scorer;
import dev.carousel.inference.Session;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.State;
import dev.carousel.training.SmallProblems;
import dev.carousel.training.SmallTrainings;
import dev.carousel.training.Trainer;
import dev.carousel.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * One answer: whole networks trained and run on every vector width give the scalar kernel's bits.
 */
class NetworkWidthsTest {
  private static final Map<VectorWidths.Shape, Kernel> WIDTHS = VectorWidths.kernels();

  @TempDir Path folder;

  @TestFactory
  List<DynamicTest> trainedAndRun() {
    assertThat(WIDTHS).isNotEmpty();
    List<DynamicTest> tests = new ArrayList<>();
    SmallTrainings.networks()
        .forEach((name, network) -> tests.add(DynamicTest.dynamicTest(name, () -> check(network))));
    return tests;
  }

  @Test
  void trainedWithGradientsInGroups() {
    String scalar = SmallTrainings.trainInGroups(new ScalarKernel(), 1).fingerprint();
    String scalarTokens = SmallTrainings.trainTokensInGroups(new ScalarKernel(), 1).fingerprint();
    WIDTHS.forEach(
        (shape, kernel) -> {
          for (int threads : new int[] {1, 2, 3}) {
            assertThat(SmallTrainings.trainInGroups(kernel, threads).fingerprint())
                .as("%s, %d threads", shape, threads)
                .isEqualTo(scalar);
            assertThat(SmallTrainings.trainTokensInGroups(kernel, threads).fingerprint())
                .as("tokens, %s, %d threads", shape, threads)
                .isEqualTo(scalarTokens);
          }
        });
  }

  @TestFactory
  List<DynamicTest> steppedByATeam() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Network network : TeamSteps.networks()) {
      String name = network.layers().get(0) + ", " + network.layers().get(1);
      tests.add(
          DynamicTest.dynamicTest(
              name, () -> WIDTHS.values().forEach(w -> TeamSteps.check(network, w, true))));
    }
    return tests;
  }

  /** One sequence is longer than a group should be: the groups around it get none. */
  @Test
  void trainedWithEmptyParts() {
    Network network = Network.input(5).lstm(9).gru(7).lastStep().dense(3).softmax();
    int[] lengths = new int[40];
    Arrays.fill(lengths, 3);
    lengths[7] = 3000;
    Sequences data = SmallProblems.fitting(network, lengths, 5);
    Trainer trainer = Trainer.of(network).batchSize(lengths.length).epochs(2).seed(99);
    String scalar = trainer.kernel(new ScalarKernel()).threads(1).fit(data).fingerprint();
    WIDTHS.forEach(
        (shape, kernel) ->
            assertThat(trainer.kernel(kernel).threads(3).fit(data).fingerprint())
                .as("%s", shape)
                .isEqualTo(scalar));
  }

  private static void check(Network network) {
    Model scalar = SmallTrainings.train(network, new ScalarKernel(), 1);
    Sequences data = SmallProblems.fitting(network, 37, 5);
    float[][] scores = Predictor.of(scalar, new ScalarKernel()).scores(data);
    for (Map.Entry<VectorWidths.Shape, Kernel> width : WIDTHS.entrySet()) {
      String shape = width.getKey().toString();
      for (int threads = 1; threads <= 2; threads++) {
        Model vector = SmallTrainings.train(network, width.getValue(), threads);
        assertThat(vector.fingerprint()).as(shape).isEqualTo(scalar.fingerprint());
        assertThat(losses(vector)).as(shape).isEqualTo(losses(scalar));
      }
      Predictor predictor = Predictor.of(scalar, width.getValue());
      assertThat(predictor.scores(data)).as(shape).isDeepEqualTo(scores);
      if (network.canStep()) {
        stepped(predictor, data, scores, shape);
      }
    }
  }

  private static List<Double> losses(Model model) {
    List<Double> losses = new ArrayList<>();
    for (EpochMetrics m : model.metrics()) {
      losses.add(m.trainLoss());
      losses.add(m.validationLoss());
    }
    return losses;
  }

  /** The last scores of every sequence, stepped alone. */
  private static void stepped(Predictor predictor, Sequences data, float[][] scores, String shape) {
    Session session = predictor.session();
    int size = predictor.model().network().outputSize();
    float[] features = new float[data.inputSize()];
    for (int i = 0; i < data.size(); i++) {
      State state = predictor.model().initialState();
      float[] last = {};
      for (int t = 0; t < data.length(i); t++) {
        if (data.hasTokens()) {
          last = session.step(data.token(i, t), state);
        } else {
          data.copyFeatures(i, t, features, 0);
          last = session.step(features, state);
        }
      }
      for (int j = 0; j < size; j++) {
        assertThat(last[j])
            .as("%s, sequence %d, score %d", shape, i, j)
            .isEqualTo(scores[i][scores[i].length - size + j]);
      }
    }
  }

  /** Sizes around the lanes and the tiles, more rows than one tile has. */
  @TestFactory
  List<DynamicTest> anyHiddenSize() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int hiddenSize : new int[] {1, 3, 8, 9, 16, 17, 31, 33, 65}) {
      Network network =
          Network.input(5).lstm(hiddenSize).gru(hiddenSize).lastStep().dense(3).softmax();
      tests.add(
          DynamicTest.dynamicTest(
              "hidden size " + hiddenSize,
              () -> {
                String scalar = trained(network, new ScalarKernel());
                WIDTHS.forEach(
                    (shape, kernel) ->
                        assertThat(trained(network, kernel)).as("%s", shape).isEqualTo(scalar));
              }));
    }
    return tests;
  }

  private static String trained(Network network, Kernel kernel) {
    return Trainer.of(network)
        .kernel(kernel)
        .threads(1)
        .batchSize(19)
        .epochs(2)
        .clipGlobalNorm(0.1)
        .fit(SmallProblems.fitting(network, 38, 7))
        .fingerprint();
  }

  @Test
  void aTrainingContinuesOnAnotherKernel() throws IOException {
    Network network = SmallTrainings.networks().get("lstm");
    Sequences data = SmallProblems.fitting(network, 12, 1);
    String scalar = trainer(network, new ScalarKernel()).fit(data).fingerprint();
    for (Map.Entry<VectorWidths.Shape, Kernel> width : WIDTHS.entrySet()) {
      Path file = folder.resolve("checkpoint" + width.getKey());
      Duration day = Duration.ofDays(1);
      try (TrainingRun run =
          trainer(network, width.getValue()).checkpoint(file, day).start(data, null)) {
        run.run(() -> run.stepsDone() >= 4);
      }
      try (TrainingRun run =
          trainer(network, new ScalarKernel()).checkpoint(file, day).start(data, null)) {
        run.resume();
        run.run(() -> false);
        assertThat(run.model().fingerprint()).isEqualTo(scalar);
      }
    }
  }

  private static Trainer trainer(Network network, Kernel kernel) {
    return Trainer.of(network).kernel(kernel).threads(1).batchSize(4).epochs(3);
  }

  @Test
  void aSumOfSquaresOfManyStretchesIsTheSame() {
    Network wide = Network.input(40).lstm(64).dense(3).softmax();
    assertThat(Parameters.initialize(wide, 1).values().length).isGreaterThan(6 * 4096);
    String scalar = trained(wide, new ScalarKernel());
    WIDTHS.forEach(
        (shape, kernel) -> assertThat(trained(wide, kernel)).as("%s", shape).isEqualTo(scalar));
  }

  /** A row of a batch that is larger than any block of rows, against that row in a batch of one. */
  @TestFactory
  List<DynamicTest> aBatchOf257IsEachAlone() {
    List<DynamicTest> tests = new ArrayList<>();
    SmallTrainings.networks()
        .forEach(
            (name, network) -> tests.add(DynamicTest.dynamicTest(name, () -> largeBatch(network))));
    return tests;
  }

  private static void largeBatch(Network network) {
    Model model = SmallTrainings.train(network, new ScalarKernel(), 1);
    Sequences data = SmallProblems.fitting(network, 257, 9);
    float[][] alone = new float[data.size()][];
    Predictor scalar = Predictor.of(model, new ScalarKernel());
    for (int i = 0; i < alone.length; i++) {
      alone[i] = scalar.scores(data.select(new int[] {i}))[0];
    }
    WIDTHS.forEach(
        (shape, kernel) -> {
          for (int threads : new int[] {1, 2, 3, 8}) {
            try (Scorer scorer = Predictor.of(model, kernel).scorer(threads)) {
              assertThat(scorer.scores(data))
                  .as("%s, %d threads", shape, threads)
                  .isDeepEqualTo(alone);
            }
          }
        });
  }
}
