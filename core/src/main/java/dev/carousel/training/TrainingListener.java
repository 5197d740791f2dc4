package dev.carousel.training;

import dev.carousel.model.EpochMetrics;

/** Told how a training goes on, on the thread that trains. What it throws ends the training. */
public interface TrainingListener {
  /**
   * After every update.
   *
   * @param epoch from 1
   * @param done sequences, or for truncated training steps of them, of this epoch so far
   * @param total of this epoch
   * @param loss mean over this epoch so far
   * @param sequencesPerSecond over this epoch so far
   */
  default void onStep(int epoch, long done, long total, double loss, double sequencesPerSecond) {}

  /** After every epoch. */
  default void onEpoch(EpochMetrics metrics) {}
}
