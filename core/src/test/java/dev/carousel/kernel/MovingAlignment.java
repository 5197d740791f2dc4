package dev.carousel.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/** Another place each time it is asked, and a note of how often something moved. */
public final class MovingAlignment implements Alignment {
  private static final int ROOM = 13;

  private final AtomicInteger moves;

  /** Counts there. */
  public MovingAlignment(AtomicInteger moves) {
    this.moves = moves;
  }

  @Override
  public int room() {
    return ROOM;
  }

  @Override
  public boolean isWorthMoving(float[] data, int origin) {
    return true;
  }

  @Override
  public int origin(float[] data) {
    return moves.incrementAndGet() * 5 % (ROOM + 1);
  }
}
