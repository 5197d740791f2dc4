package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trainer is told, and what it refuses before a training begins. */
class TrainerTest {
  private static final Network NETWORK = Network.input(5).elman(4).dense(3).softmax();

  private static Trainer trainer(Network network) {
    return Trainer.of(network).kernel(new ScalarKernel()).threads(1).batchSize(2).epochs(2);
  }

  @Test
  void whatItIsToldAfterTheStartChangesNothing() throws IOException {
    Sequences data = SmallProblems.fitting(NETWORK, 6, 1);
    Model expected = trainer(NETWORK).seed(3).optimizer(Sgd.withLearningRate(0.1)).fit(data);
    Trainer trainer = trainer(NETWORK).seed(3).optimizer(Sgd.withLearningRate(0.1));
    try (TrainingRun run = trainer.start(data, null)) {
      trainer
          .seed(4)
          .optimizer(Adam.withLearningRate(0.5))
          .schedule(new Schedule.Exponential(0.5))
          .clipGlobalNorm(1e-3)
          .penalty(new Penalty(1f, 1f))
          .truncation(Truncation.every(1))
          .batchSize(1)
          .epochs(7)
          .shuffle(false)
          .note("a note", "later");
      run.run(() -> false);
      assertThat(run.model().fingerprint()).isEqualTo(expected.fingerprint());
      assertThat(run.model().provenance().settings()).isEqualTo(expected.provenance().settings());
      assertThat(run.model().provenance().seed()).isEqualTo(3);
      assertThat(run.model().metrics()).hasSize(2);
    }
  }

  /** One of somebody else's: momentum by hand. */
  private record Heavy(float learningRate) implements Optimizer {
    @Override
    public int momentCount() {
      return 1;
    }

    @Override
    public void update(
        float[] parameters,
        float[] gradients,
        float[] decays,
        Moments moments,
        int from,
        int to,
        float rate,
        float scale) {
      float[] v = moments.first();
      for (int i = from; i < to; i++) {
        v[i] = Moments.keptMean(Math.fma(0.9f, v[i], gradients[i] * scale));
        parameters[i] = Math.fma(-rate, v[i], parameters[i]);
      }
      assertThat(moments.second()).isEmpty();
    }
  }

  @Test
  void anOptimizerMayBeAnybodys() {
    Sequences data = SmallProblems.fitting(NETWORK, 6, 1);
    assertThat(trainer(NETWORK).optimizer(new Heavy(0.1f)).fit(data).fingerprint())
        .isEqualTo(
            trainer(NETWORK)
                .optimizer(Sgd.withLearningRate(0.1f).withMomentum(0.9f))
                .fit(data)
                .fingerprint());
    assertThatThrownBy(() -> new Moments(3, 1))
        .hasMessage("optimizer: expected 0 to 2 arrays of moments, got 3");
  }

  @Test
  void dataWithoutATargetAreRefusedBeforeTheTraining() {
    Sequences data = SmallProblems.fitting(NETWORK, 2, 1);
    int[] masked = new int[data.totalSteps()];
    Arrays.fill(masked, Targets.MASKED);
    Sequences none = data.withTargets(new Targets.StepClasses(masked, 3));
    Sequences empty = data.select(new int[0]);
    assertThatThrownBy(() -> trainer(NETWORK).fit(none))
        .hasMessage("data: expected at least one target, got none (all steps are masked)");
    assertThatThrownBy(() -> trainer(NETWORK).fit(empty))
        .hasMessage("data: expected at least one sequence, got none");
    assertThatThrownBy(() -> trainer(NETWORK).start(data, none))
        .hasMessage(
            "validation data: expected at least one target, got none (all steps are masked)");
    assertThatThrownBy(() -> trainer(NETWORK).start(data, empty))
        .hasMessage("validation data: expected at least one sequence, got none");

    Network numbers = Network.input(5).elman(4).dense(1).linear();
    Sequences weightless =
        data.withTargets(
            new Targets.StepValues(new float[data.totalSteps()], 1, new float[data.totalSteps()]));
    assertThatThrownBy(() -> trainer(numbers).fit(weightless))
        .hasMessage("data: expected at least one target, got none (all steps are masked)");
  }

  /** Their loss would fall without end. */
  @Test
  void targetsThatAreNoProbabilitiesAreRefused() {
    Network perStep = Network.input(5).elman(4).dense(2).sigmoid();
    Sequences data = SmallProblems.fitting(perStep, new int[] {2, 1}, 1);
    float[] values = {0f, 1f, 0.5f, 0.5f, -1f, 2f};
    assertThatThrownBy(
            () -> trainer(perStep).fit(data.withTargets(Targets.StepValues.unmasked(values, 2))))
        .hasMessage(
            "targets: expected numbers from 0 to 1 (the network gives sigmoid scores at every"
                + " step), got -1.0 of step 2");
    trainer(perStep)
        .fit(data.withTargets(new Targets.StepValues(values, 2, new float[] {1f, 1f, 0f})));

    Network once = Network.input(5).elman(4).lastStep().dense(2).sigmoid();
    float[] rows = {0f, 1f, 0.5f, 255f};
    assertThatThrownBy(() -> trainer(once).fit(data.withTargets(new Targets.Values(rows, 2))))
        .hasMessage(
            "targets: expected numbers from 0 to 1 (the network gives sigmoid scores once per"
                + " sequence), got 255.0 of sequence 1");
  }

  /** An epoch is an epoch, whether its batches had targets or not. */
  @Test
  void schedulesCountBatchesWithoutTargetsToo() {
    Network network = Network.input(1).elman(2).dense(1).linear();
    int sequences = 8;
    float[] weights = new float[sequences * 3];
    Arrays.fill(weights, 0, 3, 1f);
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, 3);
    Sequences data =
        Sequences.ofFeatures(
            new float[sequences * 3],
            lengths,
            1,
            new Targets.StepValues(new float[sequences * 3], 1, weights));
    Trainer trainer = trainer(network).optimizer(Sgd.withLearningRate(1)).batchSize(1).epochs(4);
    for (Truncation truncation : new Truncation[] {null, new Truncation(2, 1)}) {
      if (truncation != null) {
        trainer.truncation(truncation);
      }
      assertThat(rates(trainer.schedule(new Schedule.Step(1, 0.5)).fit(data)))
          .containsExactly(0.5, 0.25, 0.125, 0.0625);
      assertThat(rates(trainer.schedule(new Schedule.Cosine(0, 0)).fit(data)))
          .startsWith(0.5 * (1 + StrictMath.cos(Math.PI / 4)))
          .endsWith(0.0);
    }
  }

  /** Where sequences are unequal, every epoch's batches have another number of windows. */
  @Test
  void schedulesKnowTheWindowsOfTheirEpoch() {
    Network network = Network.input(1).elman(2).dense(1).linear();
    int[] lengths = new int[40];
    Arrays.fill(lengths, 2);
    Arrays.fill(lengths, 0, 4, 60);
    Sequences data = SmallProblems.fitting(network, lengths, 1);
    for (long seed = 1; seed < 4; seed++) {
      Model model =
          trainer(network)
              .optimizer(Sgd.withLearningRate(1e-3))
              .schedule(new Schedule.Step(1, 0.5))
              .truncation(Truncation.every(2))
              .batchSize(4)
              .epochs(3)
              .seed(seed)
              .fit(data);
      assertThat(rates(model))
          .containsExactly((double) 1e-3f / 2, (double) 1e-3f / 4, (double) 1e-3f / 8);
    }
  }

  private static double[] rates(Model model) {
    return model.metrics().stream().mapToDouble(EpochMetrics::learningRate).toArray();
  }

  @Test
  void theLongestWindowIsTheWholeSequence() {
    Sequences data = SmallProblems.fitting(NETWORK, 6, 1);
    Trainer trainer = trainer(NETWORK).schedule(new Schedule.Cosine(0, 0));
    Model whole = trainer.fit(data);
    int most = Integer.MAX_VALUE;
    for (Truncation truncation :
        new Truncation[] {
          Truncation.every(most), Truncation.every(most - 9), new Truncation(most, most - 1)
        }) {
      Model model = trainer.truncation(truncation).fit(data);
      assertThat(model.fingerprint()).as("%s", truncation).isEqualTo(whole.fingerprint());
      assertThat(rates(model)).isEqualTo(rates(whole));
    }
  }

  @Test
  void anIntervalAsLongAsTimeIsAnInterval(@TempDir Path folder) {
    Path file = folder.resolve("checkpoint");
    Sequences data = SmallProblems.fitting(NETWORK, 6, 1);
    trainer(NETWORK).checkpoint(file, ChronoUnit.FOREVER.getDuration()).fit(data);
    assertThat(Files.exists(file)).isTrue();
    assertThatThrownBy(() -> trainer(NETWORK).checkpoint(file, Duration.ofMillis(-1)))
        .hasMessage("checkpoint: expected an interval of at least 0, got PT-0.001S");
  }
}
