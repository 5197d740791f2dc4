package dev.carousel.benchmarks;

import java.util.List;
import java.util.stream.Stream;

/** All rows, in the order of the table. A group of rows is a class with a list of them. */
final class Rows {
  private Rows() {}

  static List<Row> all() {
    return Stream.of(TrainingRows.rows(), InferenceRows.rows(), ProductRows.rows())
        .flatMap(List::stream)
        .toList();
  }
}
