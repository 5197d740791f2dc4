package dev.carousel.inference;

import dev.carousel.network.State;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds a state given for two sequences of one call: the second would overwrite what the first has
 * become. Compares the arrays, which two states may share. Allocates nothing; for one thread.
 */
@SuppressWarnings("ReferenceEquality") // the same array, not an equal one
final class DistinctStates {
  /** Open addressing by identity: twice as large as needed at least, empty between calls. */
  private final float[] @Nullable [] seen;

  DistinctStates(int capacity) {
    seen = new float[tableSize(capacity)][];
  }

  private static int tableSize(int count) {
    // The next power of two, doubled; at most 2^30.
    return 1 << Math.min(30, 33 - Integer.numberOfLeadingZeros(count - 1));
  }

  /**
   * @param count at most the capacity
   * @throws IllegalArgumentException naming the first two that are the same
   */
  void check(State[] states, int count) {
    int size = tableSize(count);
    int repeated = find(states, count, size - 1);
    Arrays.fill(seen, 0, size, null);
    if (repeated >= 0) {
      int first = 0;
      while (states[first].values() != states[repeated].values()) {
        first++;
      }
      throw new IllegalArgumentException(
          "states: expected each sequence to have a state of its own, got one for sequences "
              + first
              + " and "
              + repeated);
    }
  }

  /** The first state that has been there before, or -1. */
  private int find(State[] states, int count, int mask) {
    for (int r = 0; r < count; r++) {
      float[] values = states[r].values();
      if (values.length == 0) {
        continue; // There is nothing to overwrite.
      }
      int at = System.identityHashCode(values) & mask;
      while (seen[at] != null) {
        if (seen[at] == values) {
          return r;
        }
        at = (at + 1) & mask;
      }
      seen[at] = values;
    }
    return -1;
  }
}
