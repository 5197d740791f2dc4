package dev.carousel.training;

/**
 * Ends the training when the validation loss has not improved for {@code patience} epochs. The best
 * epoch is kept.
 */
public record EarlyStopping(int patience) {
  /**
   * @throws IllegalArgumentException if the patience is not at least 1 epoch
   */
  public EarlyStopping {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "early stopping: expected a patience of at least 1 epoch, got " + patience);
    }
  }
}
