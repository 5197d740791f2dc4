package dev.carousel.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/** The scalar kernel, whose packed matrices move whenever they are aligned. */
public final class MovingKernel {
  private final AtomicInteger moves = new AtomicInteger();

  /** How often one of them moved. */
  public int moves() {
    return moves.get();
  }

  /** The kernel itself. */
  public Kernel kernel() {
    return ChangedKernel.of(
        "packed",
        arguments ->
            new PackedMatrix(
                (Integer) arguments[0],
                (Integer) arguments[1],
                ScalarProducts.PANEL,
                new MovingAlignment(moves)));
  }
}
