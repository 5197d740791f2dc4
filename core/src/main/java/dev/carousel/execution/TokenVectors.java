package dev.carousel.execution;

import java.util.Arrays;

/**
 * What an embedding gives to a recurrent layer behind it instead of a vector for each step: the
 * distinct tokens of each part of the rows and their vectors, which are far fewer where tokens are
 * characters. The layer multiplies each with its input weights once, and goes back through these
 * weights once with the sum of what all its steps say.
 *
 * <p>Sums are made over groups. Where the parts are not the groups, whoever adds up a group first
 * numbers its tokens.
 */
final class TokenVectors {
  // With more tokens than this for each step few occur twice. 400 steps of 10,000 words, drawn
  // evenly, take 3 to 5 % longer so; about 760 of 2,354 characters, of names in languages, 2 to 6 %
  // less. Not a function of the tokens: which sums are made is known before them.
  private static final int TOKENS_FOR_A_STEP = 4;

  /** The token of each vector. */
  int[] tokens = {};

  /** The same with each sequence reversed, of the parts that {@link #reverse} was called for. */
  int[] reversed = {};

  private final float[] parameters;
  private final int table;
  private final int vocabulary;
  private final int width;
  private boolean used;
  private boolean reversible;
  private boolean stepping;
  private boolean shared;
  private DistinctTokens[] ofParts = {};
  private DistinctTokens[] ofGroups = {};
  // Whether the tokens of the groups are numbered since the last gather; true under the lock of
  // ofGroups[g].
  private boolean[] numbered = {};

  /** Of the rows of a table in the parameters. */
  TokenVectors(float[] parameters, int table, int vocabulary, int width) {
    this.parameters = parameters;
    this.table = table;
    this.vocabulary = vocabulary;
    this.width = width;
  }

  /** The layer behind takes these, whenever it can. */
  void use() {
    used = true;
  }

  /** The same for a layer that takes the sequences from their ends too. */
  void useReversed() {
    used = true;
    reversible = true;
  }

  /** Batches will be of one step each, many of them with the same weights. */
  void expectSteps() {
    stepping = true;
  }

  /** Whether a batch is one of those. */
  boolean isStep(Steps steps) {
    return stepping && steps.timeSteps() == 1;
  }

  /** Above the largest token. */
  int vocabulary() {
    return vocabulary;
  }

  /** Values of a vector. */
  int width() {
    return width;
  }

  /** What holds the table. */
  float[] parameters() {
    return parameters;
  }

  /** Where in the parameters the table begins. */
  int table() {
    return table;
  }

  void reserve(Steps steps, boolean withGradients) {
    if (tokens.length < steps.total()) {
      tokens = new int[steps.total()];
      reversed = reversible ? new int[steps.total()] : reversed;
    }
    // At one step alone little is saved; for sessions there are TableProducts.
    shared =
        used && steps.timeSteps() > 1 && vocabulary <= (long) TOKENS_FOR_A_STEP * steps.total();
    if (!shared) {
      return;
    }
    boolean partsAreGroups = steps.partsAreGroups();
    ofParts = grown(ofParts, steps.parts());
    for (int p = 0; p < steps.parts(); p++) {
      ofParts[p].reserve(vocabulary, most(steps, p), width, withGradients && partsAreGroups);
    }
    if (!withGradients || partsAreGroups) {
      return;
    }
    ofGroups = grown(ofGroups, steps.groups());
    numbered = numbered.length < steps.groups() ? new boolean[steps.groups()] : numbered;
    for (int g = 0; g < steps.groups(); g++) {
      ofGroups[g].reserve(vocabulary, most(steps, steps.sums().group(g)), width, true);
    }
  }

  private int most(Steps steps, int from, int to) {
    return Math.min(vocabulary, steps.total(from, to));
  }

  /** How many distinct tokens a part can have. */
  int most(Steps steps, int part) {
    return most(steps, steps.firstRow(part), steps.firstRow(part + 1));
  }

  /** How many distinct tokens a group can have. */
  int most(Steps steps, SumOrder.Group group) {
    return most(steps, group.from(), group.to());
  }

  /** Reverses the sequences of a part of the rows. */
  void reverse(Steps steps, RowRange range) {
    for (int r = range.from(); r < range.to(); r++) {
      int length = steps.length(r);
      for (int t = 0; t < length; t++) {
        reversed[steps.vector(r, t)] = tokens[steps.vector(r, length - 1 - t)];
      }
    }
  }

  private static DistinctTokens[] grown(DistinctTokens[] array, int size) {
    int from = array.length;
    if (from >= size) {
      return array;
    }
    DistinctTokens[] all = Arrays.copyOf(array, size);
    for (int i = from; i < size; i++) {
      all[i] = new DistinctTokens();
    }
    return all;
  }

  /** Whether this batch is run by distinct tokens. */
  boolean shared() {
    return shared;
  }

  /** Numbers the tokens of a part of the rows and collects their vectors. */
  void gather(Steps steps, RowRange range) {
    DistinctTokens distinct = ofParts[range.part()];
    distinct.number(steps, tokens, range.from(), range.to());
    distinct.gather(parameters, table, width);
    // Those of the groups are those of the inputs before.
    Arrays.fill(numbered, false);
  }

  /** Those of a part, after {@link #gather}. */
  DistinctTokens ofPart(RowRange range) {
    return ofParts[range.part()];
  }

  /** Those of a group, once the tokens of all its parts are known. */
  DistinctTokens ofGroup(Steps steps, SumOrder.Group group) {
    int g = group.number();
    if (steps.partsAreGroups()) {
      return ofParts[g];
    }
    DistinctTokens distinct = ofGroups[g];
    synchronized (distinct) {
      if (!numbered[g]) {
        distinct.number(steps, tokens, group.from(), group.to());
        distinct.gather(parameters, table, width);
        numbered[g] = true;
      }
    }
    return distinct;
  }

  /**
   * Adds the gradients of the vectors with numbers {@code [from, to)} to those of the table, and
   * sets them to zero.
   */
  void addGradients(DistinctTokens distinct, int from, int to, float[] gradients) {
    for (int n = from; n < to; n++) {
      int row = table + distinct.token(n) * width;
      int dy = n * width;
      for (int j = 0; j < width; j++) {
        gradients[row + j] += distinct.gradients[dy + j];
      }
    }
    Arrays.fill(distinct.gradients, from * width, to * width, 0f);
  }
}
