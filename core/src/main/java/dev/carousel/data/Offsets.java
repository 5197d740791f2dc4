package dev.carousel.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * Where each of many sequences stands in flat storage, in steps: one after the other, no padding.
 * Immutable.
 */
final class Offsets {
  /** The start of each sequence and, last, the number of steps of all. */
  private final int[] starts;

  private Offsets(int[] starts) {
    this.starts = starts;
  }

  /**
   * The offsets of sequences of those lengths.
   *
   * @throws InvalidDataException if one is empty, naming its index, or all have too many steps
   */
  static Offsets of(int[] lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1) {
        throw new InvalidDataException(
            "sequence " + i + ": expected at least 1 step, got " + lengths[i]);
      }
      long end = (long) starts[i] + lengths[i];
      if (end > Integer.MAX_VALUE) {
        throw new InvalidDataException(
            "sequences: expected at most "
                + Integer.MAX_VALUE
                + " steps in all, got more at sequence "
                + i);
      }
      starts[i + 1] = (int) end;
    }
    return new Offsets(starts);
  }

  /** The offsets of {@code count} sequences of one length. */
  static Offsets of(int count, int length) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, length);
    return of(lengths);
  }

  /**
   * The product, of which an array can be made.
   *
   * @throws InvalidDataException if none can
   */
  static int checkedArea(int rows, int width) {
    long area = (long) rows * width;
    if (area > Integer.MAX_VALUE - 8) {
      throw new InvalidDataException(
          "sequences: expected at most "
              + (Integer.MAX_VALUE - 8)
              + " numbers in all, got "
              + rows
              + " rows of "
              + width);
    }
    return (int) area;
  }

  /** The number of sequences. */
  int count() {
    return starts.length - 1;
  }

  int start(int sequence) {
    return starts[sequence];
  }

  int length(int sequence) {
    return starts[sequence + 1] - starts[sequence];
  }

  /** The number of steps of all sequences. */
  int total() {
    return starts[starts.length - 1];
  }

  /** The number of steps of the longest sequence, 0 if there is none. */
  int longest() {
    int longest = 0;
    for (int i = 0; i < count(); i++) {
      longest = Math.max(longest, length(i));
    }
    return longest;
  }

  /**
   * The place of a step.
   *
   * @throws IndexOutOfBoundsException if there is no such step
   */
  int position(int sequence, int step) {
    return starts[sequence] + Objects.checkIndex(step, length(sequence));
  }

  /** The sequence and step at a place, as errors name them. */
  String name(int position) {
    int found = Arrays.binarySearch(starts, position);
    int sequence = found >= 0 ? found : -found - 2;
    return "sequence " + sequence + ", step " + (position - starts[sequence]);
  }

  /** The offsets of the chosen sequences, in that order. */
  Offsets select(int[] indices) {
    int[] lengths = new int[indices.length];
    for (int k = 0; k < indices.length; k++) {
      lengths[k] = length(indices[k]);
    }
    return of(lengths);
  }
}
