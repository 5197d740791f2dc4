package dev.carousel.inference;

import dev.carousel.network.State;
import java.util.Arrays;

/**
 * Finds a state given for two sequences of one call: the second would overwrite what the first has
 * become. Compares the arrays, which two states may share. Allocates nothing.
 *
 * <p>Use: {@link #note} by several threads, each for its own sequences, then {@link #check} by one.
 * Only the first looks into the states (the second, where two hashes are equal): one thread that
 * looked at all of them would take their cache lines from those that write them, 13 us of 180 for
 * 256 sequences.
 */
final class DistinctStates {
  /** In the place of the hash of an empty array, of which nothing can be overwritten. */
  private static final int EMPTY = -1;

  private final int[] hashes;

  /** Open addressing by hash: 1 + r at the place of sequence r, 0 where there is none. */
  private final int[] places;

  DistinctStates(int capacity) {
    hashes = new int[capacity];
    places = new int[tableSize(capacity)];
  }

  private static int tableSize(int count) {
    // The next power of two, doubled; at most 2^30.
    return 1 << Math.min(30, 33 - Integer.numberOfLeadingZeros(count - 1));
  }

  /** Takes down the states of sequences {@code [from, to)}. */
  void note(State[] states, int from, int to) {
    for (int r = from; r < to; r++) {
      float[] values = states[r].values();
      hashes[r] = values.length == 0 ? EMPTY : System.identityHashCode(values) & Integer.MAX_VALUE;
    }
  }

  /**
   * Compares the states taken down.
   *
   * @param count at most the capacity
   * @throws IllegalArgumentException naming the first two that are the same
   */
  void check(State[] states, int count) {
    int size = tableSize(count);
    Arrays.fill(places, 0, size, 0);
    for (int r = 0; r < count; r++) {
      if (hashes[r] == EMPTY) {
        continue;
      }
      int at = hashes[r] & (size - 1);
      for (; places[at] != 0; at = (at + 1) & (size - 1)) {
        int other = places[at] - 1;
        if (hashes[other] == hashes[r] && same(states[other], states[r])) {
          throw new IllegalArgumentException(
              "states: expected each sequence to have a state of its own, got one for sequences "
                  + other
                  + " and "
                  + r);
        }
      }
      places[at] = r + 1;
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
  private static boolean same(State one, State other) {
    return one.values() == other.values();
  }
}
