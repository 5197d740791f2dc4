package dev.carousel.training;

import dev.carousel.model.EpochMetrics;

/** Told how a training goes on, on the thread that trains. What it throws ends the training. */
public interface TrainingListener {
  /**
   * After every batch, or every window of a truncated training; usually after an update, but there
   * is none where all targets are masked.
   *
   * @param epoch from 1
   * @param done sequences of this epoch so far; of a truncated training steps of this batch
   * @param total sequences of this epoch; of a truncated training steps of this batch's longest one
   * @param loss mean over this epoch so far
   * @param sequencesPerSecond over this epoch so far
   */
  default void onStep(int epoch, long done, long total, double loss, double sequencesPerSecond) {}

  /** After every epoch. */
  default void onEpoch(EpochMetrics metrics) {}
}
