package dev.carousel.execution;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Divides a number of parts among the members of a team: each has neighbouring ones of its own, the
 * same in every round, so that what they touch stays in its caches; who is done takes from the
 * others. With several parts for each, a core that other work slows down, or that is of a slower
 * kind, does fewer.
 *
 * <p>One thread calls {@link #set}, then the members call {@link #take}. Allocates nothing.
 */
public final class Shares {
  // Counters apart from each other's cache lines, and from that of the array's length.
  private static final int APART = 32;

  private final AtomicIntegerArray next;
  private int parts;
  private int workers;

  /**
   * @param workers the most there will be
   */
  public Shares(int workers) {
    next = new AtomicIntegerArray((workers + 1) * APART);
  }

  /** Offers the parts 0 to {@code parts - 1} to {@code workers} members. */
  public void set(int parts, int workers) {
    this.parts = parts;
    this.workers = workers;
    for (int w = 0; w < workers; w++) {
      next.set(at(w), first(w));
    }
  }

  private static int at(int worker) {
    return (worker + 1) * APART;
  }

  private int first(int worker) {
    return (int) ((long) parts * worker / workers);
  }

  /** How many parts there are. */
  public int parts() {
    return parts;
  }

  /** A part that nobody has taken, of the worker's own while there is one; -1 if all are taken. */
  public int take(int worker) {
    for (int i = 0; i < workers; i++) {
      int w = (worker + i) % workers;
      int end = first(w + 1);
      // Read first: of a share that is used up, the counter's cache line need not be written.
      if (next.get(at(w)) < end) {
        int part = next.getAndIncrement(at(w));
        if (part < end) {
          return part;
        }
      }
    }
    return -1;
  }
}
