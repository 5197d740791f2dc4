package dev.carousel.benchmarks;

import java.util.List;

/** Whole training steps: forward, loss, back-propagation through the whole sequence, update. */
final class TrainingRows {
  private TrainingRows() {}

  static List<Row> rows() {
    return List.of();
  }
}
