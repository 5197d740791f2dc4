package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import dev.carousel.kernel.Stretch;

/**
 * The distinct tokens of some sequences, numbered from 0 in the order in which they occur first,
 * sequence after sequence; their vectors, and the gradients of these, one row for each number.
 *
 * <p>Arrays only grow; there is an int for each token there is.
 */
final class DistinctTokens {
  // numbers[token] may be stale: a token is in the set only if tokens[numbers[token]], below count,
  // is it.
  private int[] numbers = {};
  private int[] tokens = {};
  private int count;
  private final Stretch rows = new Stretch();
  float[] values = {};

  // Zero but between finishWeightGradients of the layer behind the embedding and the embedding's.
  float[] gradients = {};

  /**
   * Makes room.
   *
   * @param vocabulary above the largest token
   * @param most how many distinct ones there can be
   * @param width of a vector
   */
  void reserve(int vocabulary, int most, int width, boolean withGradients) {
    int size = Math.multiplyExact(most, width);
    if (numbers.length < vocabulary) {
      numbers = new int[vocabulary];
    }
    if (tokens.length < most) {
      tokens = new int[most];
    }
    if (values.length < size) {
      values = new float[size];
    }
    if (withGradients && gradients.length < size) {
      gradients = new float[size];
    }
  }

  /**
   * Numbers the tokens of sequences {@code [from, to)} anew.
   *
   * @param all the token of each vector
   */
  void number(Steps steps, int[] all, int from, int to) {
    count = 0;
    for (int r = from; r < to; r++) {
      for (int t = 0; t < steps.length(r); t++) {
        add(all[steps.vector(r, t)]);
      }
    }
    rows.set(0, count);
  }

  private void add(int token) {
    int number = numbers[token];
    if (number < count && tokens[number] == token) {
      return;
    }
    numbers[token] = count;
    tokens[count] = token;
    count++;
  }

  /** Copies the vectors of the tokens out of a table. */
  void gather(float[] table, int at, int width) {
    for (int n = 0; n < count; n++) {
      System.arraycopy(table, at + tokens[n] * width, values, n * width, width);
    }
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** All numbers, as rows. */
  RowPairs rows() {
    return rows;
  }

  /** Where a share of the numbers begins; its end is where the next one begins. */
  int first(int share, int shares) {
    return (int) ((long) count * share / shares);
  }

  /**
   * The number of one of the tokens.
   *
   * @throws IllegalStateException if it is none of them
   */
  int number(int token) {
    int number = numbers[token];
    if (number >= count || tokens[number] != token) {
      throw new IllegalStateException(
          "token " + token + ": expected one that was there when they were numbered");
    }
    return number;
  }

  /** The token of that number. */
  int token(int number) {
    return tokens[number];
  }
}
