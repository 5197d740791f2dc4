package dev.carousel.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The standard tasks that show what a recurrent network can remember. The same seed gives the same
 * sequences.
 */
public final class Tasks {
  /** Symbols of the embedded Reber grammar; the id of a symbol is its position. */
  public static final String REBER_SYMBOLS = "BTSXPVE";

  private static final int B = 0;
  private static final int T = 1;
  private static final int P = 4;
  private static final int E = 6;

  /**
   * The transitions of the Reber grammar (Reber 1967), [node][choice]: the symbol and the node it
   * leads to. Node 0 stands after the B; from node 5 only the E follows.
   */
  private static final int[][][] REBER = {
    {{T, 1}, {P, 2}},
    {{2, 1}, {3, 3}},
    {{T, 2}, {5, 4}},
    {{3, 2}, {2, 5}},
    {{P, 3}, {5, 5}},
  };

  private static final int REBER_END = 5;

  private Tasks() {}

  /**
   * The adding problem. A step has two features: a number, uniform in [0, 1), and a marker that is
   * 1 at two steps, one in each half, and 0 elsewhere. The target of the sequence is the sum of the
   * two marked numbers ({@link Targets.Values}, width 1). Predicting the mean, 1, always has a mean
   * squared error of 1/6.
   *
   * <p>Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997,
   * experiment 4, in the form of Le, Jaitly and Hinton, "A Simple Way to Initialize Recurrent
   * Networks of Rectified Linear Units", arXiv:1504.00941, 2015.
   *
   * @param count number of sequences, at least 1
   * @param length steps of each, at least 2
   * @throws InvalidDataException if an argument is out of range
   */
  public static Sequences addingProblem(int count, int length, long seed) {
    checkAtLeast("count", count, 1);
    checkAtLeast("length", length, 2);
    RandomNumbers random = new RandomNumbers(seed);
    int steps = Offsets.checkedArea(count, length);
    float[] features = new float[Offsets.checkedArea(steps, 2)];
    float[] sums = new float[count];
    int half = length / 2;
    for (int i = 0; i < count; i++) {
      int start = i * length;
      for (int t = 0; t < length; t++) {
        features[2 * (start + t)] = random.uniform();
      }
      int first = start + random.below(half);
      int second = start + half + random.below(length - half);
      features[2 * first + 1] = 1;
      features[2 * second + 1] = 1;
      sums[i] = features[2 * first] + features[2 * second];
    }
    return Sequences.ownedFeatures(
        features, Offsets.of(count, length), 2, new Targets.Values(sums, 1));
  }

  /**
   * The copy task. A sequence is {@code payload} random symbols, {@code delay - 1} blanks, one
   * signal to begin, and {@code payload} more blanks, during which the payload has to be repeated.
   * Symbols are the tokens 0 to symbols - 1, the blank is {@code symbols}, the signal {@code
   * symbols + 1}. The last {@code payload} steps have the payload as their classes, the others are
   * masked ({@link Targets.StepClasses}). Guessing has a cross entropy of ln(symbols).
   *
   * <p>Arjovsky, Shah and Bengio, "Unitary Evolution Recurrent Neural Networks", ICML 2016, section
   * 5.1, after Hochreiter and Schmidhuber 1997; there the other steps have the blank as their
   * target.
   *
   * @param count number of sequences, at least 1
   * @param symbols number of symbols to choose from, at least 2
   * @param payload symbols to remember, at least 1
   * @param delay steps between the payload and its repetition, at least 1
   * @throws InvalidDataException if an argument is out of range
   */
  public static Sequences copy(int count, int symbols, int payload, int delay, long seed) {
    checkAtLeast("count", count, 1);
    checkAtLeast("symbols", symbols, 2);
    checkAtLeast("payload", payload, 1);
    checkAtLeast("delay", delay, 1);
    RandomNumbers random = new RandomNumbers(seed);
    int length = Offsets.checkedArea(payload, 2) + delay;
    checkAtLeast("payload and delay together", length, 3);
    int[] tokens = new int[Offsets.checkedArea(count, length)];
    int[] classes = new int[tokens.length];
    Arrays.fill(tokens, symbols);
    Arrays.fill(classes, Targets.MASKED);
    for (int i = 0; i < count; i++) {
      int start = i * length;
      int answer = start + payload + delay;
      for (int k = 0; k < payload; k++) {
        int symbol = random.below(symbols);
        tokens[start + k] = symbol;
        classes[answer + k] = symbol;
      }
      tokens[answer - 1] = symbols + 1;
    }
    return Sequences.ownedTokens(
        tokens, Offsets.of(count, length), symbols + 2, new Targets.StepClasses(classes, symbols));
  }

  /**
   * The embedded Reber grammar. A string is B, then T or P, then a string of the Reber grammar,
   * then the same T or P, then E; every choice has probability one half. The sequence is the string
   * without its last symbol, as tokens in the order of {@link #REBER_SYMBOLS}. The target of a step
   * is the set of symbols that may follow, 1 for each legal one and 0 for the others ({@link
   * Targets.StepValues}, width 7, for sigmoid outputs). Telling the last T or P right needs the
   * second symbol.
   *
   * <p>Hochreiter and Schmidhuber 1997, experiment 1, after Fahlman 1991 and Cleeremans,
   * Servan-Schreiber and McClelland 1989; there the target is the one symbol that does follow,
   * {@code token(i, t + 1)}, and a string counts as solved when at every step the legal successors
   * have the highest outputs.
   *
   * @param count number of sequences, at least 1
   * @throws InvalidDataException if an argument is out of range
   */
  public static Sequences embeddedReber(int count, long seed) {
    checkAtLeast("count", count, 1);
    RandomNumbers random = new RandomNumbers(seed);
    List<int[]> sequences = new ArrayList<>(count);
    List<boolean[]> legal = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ReberWalk walk = new ReberWalk();
      int[] string = new int[16];
      int length = 0;
      while (!walk.atEnd()) {
        boolean[] successors = walk.successors();
        int symbol = choose(successors, random);
        if (length > 0) {
          legal.add(successors);
        }
        if (length == string.length) {
          string = Arrays.copyOf(string, 2 * length);
        }
        string[length++] = symbol;
        walk.accept(symbol);
      }
      sequences.add(Arrays.copyOf(string, length - 1));
    }
    int width = REBER_SYMBOLS.length();
    float[] values = new float[Offsets.checkedArea(legal.size(), width)];
    for (int step = 0; step < legal.size(); step++) {
      for (int symbol = 0; symbol < width; symbol++) {
        values[step * width + symbol] = legal.get(step)[symbol] ? 1 : 0;
      }
    }
    return Sequences.ofTokens(sequences, width, Targets.StepValues.unmasked(values, width));
  }

  /**
   * Returns which symbols may follow the beginning of a string of the embedded Reber grammar.
   *
   * @param prefix ids in the order of {@link #REBER_SYMBOLS}; may be empty
   * @return [7], true for a legal successor; all false after a whole string
   * @throws InvalidDataException if the prefix is not the beginning of a string, naming the
   *     position
   */
  public static boolean[] reberSuccessors(int... prefix) {
    ReberWalk walk = new ReberWalk();
    for (int k = 0; k < prefix.length; k++) {
      boolean[] legal = walk.successors();
      if (prefix[k] < 0 || prefix[k] >= legal.length || !legal[prefix[k]]) {
        throw new InvalidDataException(
            "embedded Reber string, position "
                + k
                + ": expected "
                + names(legal)
                + ", got "
                + prefix[k]);
      }
      walk.accept(prefix[k]);
    }
    return walk.successors();
  }

  /** A position in a string of the embedded grammar. */
  private static final class ReberWalk {
    /**
     * 0: B, 1: T or P, 2: B of the inner string, 3: inside, 4: inner E, 5: the same T or P, 6: E,
     * 7: at the end.
     */
    private int phase;

    private int node;
    private int remembered;

    boolean atEnd() {
      return phase == 7;
    }

    boolean[] successors() {
      boolean[] legal = new boolean[REBER_SYMBOLS.length()];
      switch (phase) {
        case 0, 2 -> legal[B] = true;
        case 1 -> {
          legal[T] = true;
          legal[P] = true;
        }
        case 3 -> {
          for (int[] choice : REBER[node]) {
            legal[choice[0]] = true;
          }
        }
        case 5 -> legal[remembered] = true;
        case 4, 6 -> legal[E] = true;
        default -> {}
      }
      return legal;
    }

    void accept(int symbol) {
      if (phase == 1) {
        remembered = symbol;
      }
      if (phase == 3) {
        for (int[] choice : REBER[node]) {
          if (choice[0] == symbol) {
            node = choice[1];
            break;
          }
        }
        phase = node == REBER_END ? 4 : 3;
      } else {
        phase++;
      }
    }
  }

  private static int choose(boolean[] legal, RandomNumbers random) {
    int[] choices = new int[legal.length];
    int count = 0;
    for (int symbol = 0; symbol < legal.length; symbol++) {
      if (legal[symbol]) {
        choices[count++] = symbol;
      }
    }
    return choices[count == 1 ? 0 : random.below(count)];
  }

  private static String names(boolean[] legal) {
    StringBuilder names = new StringBuilder();
    for (int symbol = 0; symbol < legal.length; symbol++) {
      if (legal[symbol]) {
        names
            .append(names.isEmpty() ? "" : " or ")
            .append(symbol)
            .append(" (")
            .append(REBER_SYMBOLS.charAt(symbol))
            .append(')');
      }
    }
    return names.isEmpty() ? "no symbol after the last E" : names.toString();
  }

  private static void checkAtLeast(String what, int got, int least) {
    if (got < least) {
      throw new InvalidDataException(what + ": expected at least " + least + ", got " + got);
    }
  }
}
