package dev.carousel.benchmarks;

import java.util.List;

/** Trained networks at work: whole sequences, and one event at a time. */
final class InferenceRows {
  private InferenceRows() {}

  static List<Row> rows() {
    return List.of();
  }
}
