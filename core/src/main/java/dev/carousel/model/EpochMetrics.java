package dev.carousel.model;

/**
 * What was measured at the end of one epoch; NaN where there is no such figure.
 *
 * @param epoch from 1
 * @param trainLoss mean loss over the training part: cross-entropy in nats, or for a linear head
 *     the squared error; the penalty included
 * @param validationLoss the same over the validation part, without the penalty
 * @param accuracy share of right answers on the validation part, 0 to 1
 * @param top5 share of right answers among the five best scores on the validation part, 0 to 1
 * @param learningRate at the end of the epoch
 * @param seconds the epoch took
 * @param sequencesPerSecond trained on
 */
public record EpochMetrics(
    int epoch,
    double trainLoss,
    double validationLoss,
    double accuracy,
    double top5,
    double learningRate,
    double seconds,
    double sequencesPerSecond) {

  /**
   * @throws IllegalArgumentException if the epoch is below 1
   */
  public EpochMetrics {
    if (epoch < 1) {
      throw new IllegalArgumentException("metrics: expected an epoch of at least 1, got " + epoch);
    }
  }
}
