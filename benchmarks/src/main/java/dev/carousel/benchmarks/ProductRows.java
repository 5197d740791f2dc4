package dev.carousel.benchmarks;

import java.util.List;

/** Single matrix products. */
final class ProductRows {
  private ProductRows() {}

  static List<Row> rows() {
    return List.of();
  }
}
