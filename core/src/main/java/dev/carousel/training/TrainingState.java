package dev.carousel.training;

import dev.carousel.model.EpochMetrics;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that changes during a training and decides what comes next; what a checkpoint holds.
 */
final class TrainingState {
  final float[] parameters;
  final Moments moments;
  // The states that the next window of a truncated training starts from, by row.
  final float[] carried;
  // The best epoch's parameters, if early stopping wants them.
  float[] best = {};
  final List<EpochMetrics> history = new ArrayList<>();

  // Epochs done; the sequences of the current one that are done; the step that the next window
  // counts from.
  int epoch;
  int position;
  int windowStart;
  double lossSum;
  double lossWeight;
  double epochSeconds;
  double totalSeconds;

  boolean stoppedEarly;
  double lowestLoss = Double.POSITIVE_INFINITY;
  int epochsSinceLowest;
  int epochsSinceReduction;
  int reductions;

  TrainingState(Parameters parameters, Moments moments, int carried) {
    this.parameters = parameters.values();
    this.moments = moments;
    this.carried = new float[carried];
  }

  /**
   * @param loss what the epoch is judged by: the validation's loss, or the training's where there
   *     is none; one that is not a number is no improvement
   */
  void endEpoch(
      EpochMetrics metrics,
      double loss,
      @Nullable EarlyStopping stopping,
      Schedule schedule,
      float[] parameters) {
    history.add(metrics);
    epoch++;
    position = 0;
    windowStart = 0;
    lossSum = 0;
    lossWeight = 0;
    epochSeconds = 0;
    if (loss < lowestLoss) {
      lowestLoss = loss;
      epochsSinceLowest = 0;
      epochsSinceReduction = 0;
      best = stopping == null ? best : parameters.clone();
      return;
    }
    epochsSinceLowest++;
    epochsSinceReduction++;
    if (schedule instanceof Schedule.ReduceOnPlateau plateau
        && epochsSinceReduction >= plateau.patience()) {
      reductions++;
      epochsSinceReduction = 0;
    }
    stoppedEarly = stopping != null && epochsSinceLowest >= stopping.patience();
  }
}
