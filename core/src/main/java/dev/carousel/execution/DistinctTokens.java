package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import java.util.Arrays;

/**
 * The distinct tokens of some sequences, numbered from 0 in the order in which they occur first,
 * sequence after sequence; their vectors, and the gradients of these, one row for each number.
 *
 * <p>As pairs of rows they are one stretch of all numbers. Arrays only grow.
 */
final class DistinctTokens implements RowPairs {
  // numbers[token], but of a token that is in the set only: tokens[numbers[token]] is it then.
  private int[] numbers = {};
  private int[] tokens = {};
  private int count;
  float[] values = {};
  float[] gradients = {};

  /**
   * Numbers the tokens of sequences {@code [from, to)} anew.
   *
   * @param all the token of each vector
   * @param vocabulary above the largest token
   */
  void number(Steps steps, int[] all, int from, int to, int vocabulary) {
    count = 0;
    if (numbers.length < vocabulary) {
      numbers = new int[vocabulary];
    }
    for (int r = from; r < to; r++) {
      for (int t = 0; t < steps.length(r); t++) {
        add(all[steps.vector(r, t)]);
      }
    }
  }

  private void add(int token) {
    int number = numbers[token];
    if (number < count && tokens[number] == token) {
      return;
    }
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(16, 2 * count));
    }
    numbers[token] = count;
    tokens[count] = token;
    count++;
  }

  /** Copies the vectors of the tokens out of a table. */
  void gather(float[] table, int at, int width) {
    values = grown(values, count * width);
    for (int n = 0; n < count; n++) {
      System.arraycopy(table, at + tokens[n] * width, values, n * width, width);
    }
  }

  /** Makes room for the gradients, which are zero then. */
  void clearGradients(int width) {
    gradients = grown(gradients, count * width);
    Arrays.fill(gradients, 0, count * width, 0f);
  }

  /** An array of at least that size; with room to spare, since another batch has other tokens. */
  static float[] grown(float[] array, int size) {
    return array.length >= size ? array : new float[size + size / 2];
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** Where a share of the numbers begins; its end is where the next one begins. */
  int first(int share, int shares) {
    return (int) ((long) count * share / shares);
  }

  /** The number of one of the tokens. */
  int number(int token) {
    return numbers[token];
  }

  /** The token of that number. */
  int token(int number) {
    return tokens[number];
  }

  @Override
  public int stretches() {
    return count == 0 ? 0 : 1;
  }

  @Override
  public int left(int stretch) {
    return 0;
  }

  @Override
  public int right(int stretch) {
    return 0;
  }

  @Override
  public int count(int stretch) {
    return count;
  }
}
