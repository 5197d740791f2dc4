package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Schedules at chosen steps, the plateau and early stopping. */
class ScheduleTest {

  private static double at(Schedule schedule, long step) {
    return schedule.factor(new Schedule.Place(step, 10, 10, 0));
  }

  @Test
  void constant() {
    assertThat(at(new Schedule.Constant(), 99)).isEqualTo(1);
  }

  @Test
  void stepFallsAfterWholeEpochs() {
    Schedule.Step step = new Schedule.Step(2, 0.5);
    assertThat(at(step, 0)).isEqualTo(1);
    assertThat(at(step, 19)).isEqualTo(1);
    assertThat(at(step, 20)).isEqualTo(0.5);
    assertThat(at(step, 39)).isEqualTo(0.5);
    assertThat(at(step, 40)).isEqualTo(0.25);
  }

  @Test
  void exponentialFallsWithEveryStep() {
    Schedule.Exponential exponential = new Schedule.Exponential(0.25);
    assertThat(at(exponential, 0)).isEqualTo(1);
    assertThat(at(exponential, 5)).isEqualTo(0.5);
    assertThat(at(exponential, 10)).isEqualTo(0.25);
    assertThat(at(exponential, 25)).isCloseTo(0.03125, within(1e-15));
  }

  @Test
  void cosineRisesAndFalls() {
    Schedule.Cosine cosine = new Schedule.Cosine(0.1, 0.2);
    assertThat(at(cosine, 0)).isCloseTo(1 / 11.0, within(1e-15));
    assertThat(at(cosine, 9)).isCloseTo(10 / 11.0, within(1e-15));
    assertThat(at(cosine, 10)).isEqualTo(1);
    // A third, half and two thirds of the way down: cos is 1/2, 0, -1/2.
    assertThat(at(cosine, 40)).isCloseTo(0.8, within(1e-12));
    assertThat(at(cosine, 55)).isCloseTo(0.6, within(1e-12));
    assertThat(at(cosine, 70)).isCloseTo(0.4, within(1e-12));
    assertThat(at(cosine, 100)).isCloseTo(0.2, within(1e-12));
    assertThat(at(cosine, 500)).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void plateauFollowsTheReductions() {
    Schedule plateau = new Schedule.ReduceOnPlateau(0.5, 2);
    assertThat(plateau.factor(new Schedule.Place(7, 10, 10, 0))).isEqualTo(1);
    assertThat(plateau.factor(new Schedule.Place(7, 10, 10, 3))).isEqualTo(0.125);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatThrownBy(() -> new Schedule.Step(0, 0.5))
        .hasMessage("step schedule: expected at least 1 epoch, got 0");
    assertThatThrownBy(() -> new Schedule.Exponential(1))
        .hasMessage("exponential schedule: expected a factor between 0 and 1, got 1.0");
    assertThatThrownBy(() -> new Schedule.Cosine(1, 0))
        .hasMessage("cosine schedule: expected a warm-up share in [0, 1), got 1.0");
    assertThatThrownBy(() -> new Schedule.Cosine(0, -0.5))
        .hasMessage("cosine schedule: expected a floor in [0, 1], got -0.5");
    assertThatThrownBy(() -> new Schedule.ReduceOnPlateau(0.5, 0))
        .hasMessage("plateau schedule: expected a patience of at least 1 epoch, got 0");
    assertThatThrownBy(() -> new EarlyStopping(0))
        .hasMessage("early stopping: expected a patience of at least 1 epoch, got 0");
  }

  private static TrainingState state() {
    Network network = Network.input(1).dense(1).linear();
    return new TrainingState(Parameters.initialize(network, 1), new Moments(0, 2), 0);
  }

  private static void end(
      TrainingState state, double loss, EarlyStopping stopping, Schedule schedule) {
    float[] parameters = {state.epoch, 0};
    state.endEpoch(
        new EpochMetrics(state.epoch + 1, 9, loss, 0, 0, 0, 0, 0),
        loss,
        stopping,
        schedule,
        parameters);
  }

  @Test
  void plateauReducesAfterItsPatienceAndStartsToCountAnew() {
    TrainingState state = state();
    Schedule plateau = new Schedule.ReduceOnPlateau(0.5, 2);
    double[] losses = {5, 5, 4, 4.5, 4.5, 4.5, 4.5, 3, 3, 3};
    int[] reductions = {0, 0, 0, 0, 1, 1, 2, 2, 2, 3};
    for (int epoch = 0; epoch < losses.length; epoch++) {
      end(state, losses[epoch], null, plateau);
      assertThat(state.reductions).as("after epoch %d", epoch + 1).isEqualTo(reductions[epoch]);
    }
    assertThat(state.stoppedEarly).isFalse();
    assertThat(state.best).isEmpty();
  }

  @Test
  void earlyStoppingKeepsTheBestEpochAndTheFirstOfEqualOnes() {
    TrainingState state = state();
    double[] losses = {5, 3, Double.NaN, 3, 3.5};
    for (int epoch = 0; epoch < losses.length; epoch++) {
      assertThat(state.stoppedEarly).as("before epoch %d", epoch + 1).isFalse();
      end(state, losses[epoch], new EarlyStopping(3), new Schedule.Constant());
    }
    assertThat(state.stoppedEarly).isTrue();
    assertThat(state.best).containsExactly(1, 0);
  }

  @Test
  void aTrainingThatStopsEarlyGivesTheParametersOfItsBestEpoch() throws IOException {
    Network network = Network.input(5).lstm(8).lastStep().dense(3).softmax();
    Sequences train = SmallProblems.fitting(network, 12, 1);
    // The training's own sequences, every third with another class: falls first, then rises.
    int[] classes = ((Targets.Classes) train.targets()).perSequence();
    for (int i = 0; i < classes.length; i += 3) {
      classes[i] = (classes[i] + 1) % 3;
    }
    Sequences validation = train.withTargets(new Targets.Classes(classes, 3));
    Trainer stopping = trainer(network, 60).earlyStopping(3);
    Model kept;
    try (TrainingRun run = stopping.start(train, validation)) {
      assertThat(run.run(() -> false)).isEqualTo(TrainingRun.Outcome.STOPPED_EARLY);
      kept = run.model();
    }
    double[] losses = kept.metrics().stream().mapToDouble(EpochMetrics::validationLoss).toArray();
    double lowest = Arrays.stream(losses).min().orElseThrow();
    int best = 0;
    while (losses[best] != lowest) {
      best++;
    }
    assertThat(losses).as("the best epoch and three more").hasSize(best + 4);
    assertThat(losses.length).isBetween(5, 59);
    Model direct = trainer(network, best + 1).fit(train, validation);
    assertThat(kept.fingerprint()).isEqualTo(direct.fingerprint());
  }

  private static Trainer trainer(Network network, int epochs) {
    return Trainer.of(network)
        .kernel(new ScalarKernel())
        .optimizer(Adam.withLearningRate(0.02))
        .batchSize(4)
        .threads(1)
        .epochs(epochs);
  }

  @Test
  void earlyStoppingNeedsValidation() {
    Network network = Network.input(5).lstm(2).lastStep().dense(3).softmax();
    Sequences train = SmallProblems.fitting(network, 3, 1);
    assertThatThrownBy(() -> trainer(network, 2).earlyStopping(1).fit(train))
        .hasMessage("early stopping: expected validation data, got none");
  }
}
