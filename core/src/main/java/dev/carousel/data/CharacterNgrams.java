package dev.carousel.data;

import java.util.Arrays;

/**
 * A language model that counts: the next token from the up to {@code order - 1} tokens before it,
 * what a network that reads a text has to beat. The counts of all lengths are interpolated, the
 * longest context first, the weight of each by the number of different tokens seen behind it:
 *
 * <pre>
 * P(x | c) = (count(c x) + kinds(c) P(x | c without its first token)) / (count(c) + kinds(c))
 * </pre>
 *
 * with count(c) all tokens seen behind c and kinds(c) the different ones; below the empty context
 * stands 1 / tokenCount, so no token is impossible (Witten and Bell, "The zero-frequency problem",
 * IEEE Transactions on Information Theory 37(4), 1991, method C; in Chen and Goodman, "An empirical
 * study of smoothing techniques for language modeling", 1999, section 2.6). There is nothing to
 * tune but the order.
 *
 * <p>Some 60 bytes of memory for each different n-gram of the training part. Immutable and safe to
 * share between threads.
 */
public final class CharacterNgrams {
  private static final int ROOT = 0;
  private static final int NONE = -1;

  private final int order;
  private final int tokenCount;

  /** The tokens of each context and the token behind it lead from node to node. */
  private final Edges edges = new Edges();

  /** How often the token was seen that leads to the node. */
  private int[] counts = new int[1 << 10];

  /** How many tokens were seen behind the node. */
  private int[] following = new int[1 << 10];

  /** How many different ones. */
  private int[] kinds = new int[1 << 10];

  private CharacterNgrams(int order, int tokenCount) {
    this.order = order;
    this.tokenCount = tokenCount;
  }

  /**
   * Counts the n-grams of a stream.
   *
   * @param tokens of the training part, at least one, each in [0, tokenCount)
   * @param tokenCount size of the vocabulary
   * @param order length of the longest n-grams, at least 1
   * @throws InvalidDataException if there are no tokens, one is out of range, or the order is below
   *     1
   */
  public static CharacterNgrams fit(int[] tokens, int tokenCount, int order) {
    if (order < 1) {
      throw new InvalidDataException("order: expected at least 1, got " + order);
    }
    if (tokens.length == 0) {
      throw new InvalidDataException("tokens: expected at least one, got none");
    }
    CharacterNgrams model = new CharacterNgrams(order, tokenCount);
    int[] contexts = new int[order];
    int length = 1;
    for (int at = 0; at < tokens.length; at++) {
      if (tokens[at] < 0 || tokens[at] >= tokenCount) {
        throw new InvalidDataException(
            "token " + at + ": expected 0 to " + (tokenCount - 1) + ", got " + tokens[at]);
      }
      for (int k = length - 1; k >= 0; k--) {
        int behind = model.count(contexts[k], tokens[at]);
        if (k + 1 < order) {
          contexts[k + 1] = behind;
        }
      }
      length = Math.min(length + 1, order);
    }
    return model;
  }

  /** Counts a token behind a context and returns the node of both together. */
  private int count(int context, int token) {
    int nodes = edges.nodes();
    int node = edges.findOrAdd(context, token);
    if (node >= counts.length) {
      counts = Arrays.copyOf(counts, 2 * counts.length);
      following = Arrays.copyOf(following, counts.length);
      kinds = Arrays.copyOf(kinds, counts.length);
    }
    counts[node]++;
    following[context]++;
    kinds[context] += edges.nodes() - nodes;
    return node;
  }

  /** Returns the length of the longest n-grams. */
  public int order() {
    return order;
  }

  /**
   * Returns the mean of -ln P over the steps of all sequences: nats for each token. A sequence is
   * read from its first step on, without what stands before it, as a network reads it from a zero
   * state; the token of a step is the last one of the context, its class what has to come next.
   *
   * @param data tokens with a class at every step, as {@link Sequences#tracks} makes them; masked
   *     steps are read but not counted
   * @throws InvalidDataException if the data are of another kind or another vocabulary, or every
   *     step is masked
   */
  public double loss(Sequences data) {
    if (!data.hasTokens()
        || data.tokenCount() != tokenCount
        || !(data.targets() instanceof Targets.StepClasses next)
        || next.classCount() != tokenCount) {
      throw new InvalidDataException(
          "n-grams: expected " + tokenCount + " tokens and as many classes at every step");
    }
    double nats = 0;
    long counted = 0;
    int[] contexts = new int[order];
    for (int i = 0; i < data.size(); i++) {
      Arrays.fill(contexts, NONE);
      contexts[0] = ROOT;
      for (int t = 0; t < data.length(i); t++) {
        for (int k = order - 1; k > 0; k--) {
          contexts[k] =
              contexts[k - 1] == NONE ? NONE : edges.find(contexts[k - 1], data.token(i, t));
        }
        int target = next.of(data.start(i) + t);
        if (target != Targets.MASKED) {
          nats -= StrictMath.log(probability(contexts, target));
          counted++;
        }
      }
    }
    if (counted == 0) {
      throw new InvalidDataException("n-grams: expected at least one target, got masked ones only");
    }
    return nats / counted;
  }

  /** P(token) behind the last tokens, {@code contexts[k]} the node of the last k of them. */
  private double probability(int[] contexts, int token) {
    double probability = 1.0 / tokenCount;
    for (int context : contexts) {
      // A context that ended the training part, or never stood in it, says nothing.
      if (context != NONE && following[context] > 0) {
        int node = edges.find(context, token);
        double seen = node == NONE ? 0 : counts[node];
        probability =
            (seen + kinds[context] * probability) / (following[context] + (double) kinds[context]);
      }
    }
    return probability;
  }

  /** Edges of a tree from (node, token) to a node: a hash table with open addressing. */
  private static final class Edges {
    private static final long FREE = -1;

    private long[] keys = freeKeys(1 << 12);
    private int[] targets = new int[1 << 12];
    private int nodes = 1;

    int nodes() {
      return nodes;
    }

    int find(int node, int token) {
      int slot = slot(keys, key(node, token));
      return keys[slot] == FREE ? NONE : targets[slot];
    }

    int findOrAdd(int node, int token) {
      long key = key(node, token);
      int slot = slot(keys, key);
      if (keys[slot] == FREE) {
        if (2 * nodes > keys.length) {
          grow();
          slot = slot(keys, key);
        }
        keys[slot] = key;
        targets[slot] = nodes++;
      }
      return targets[slot];
    }

    private void grow() {
      long[] larger = freeKeys(Math.multiplyExact(2, keys.length));
      int[] moved = new int[larger.length];
      for (int i = 0; i < keys.length; i++) {
        if (keys[i] != FREE) {
          int slot = slot(larger, keys[i]);
          larger[slot] = keys[i];
          moved[slot] = targets[i];
        }
      }
      keys = larger;
      targets = moved;
    }

    private static long key(int node, int token) {
      return (long) node << 32 | token;
    }

    private static long[] freeKeys(int count) {
      long[] keys = new long[count];
      Arrays.fill(keys, FREE);
      return keys;
    }

    /** Where the key is or would be; the number of slots is a power of 2. */
    private static int slot(long[] keys, long key) {
      long mixed = key * 0x9E3779B97F4A7C15L;
      int slot = (int) (mixed >>> 32 ^ mixed >>> 17) & keys.length - 1;
      while (keys[slot] != FREE && keys[slot] != key) {
        slot = slot + 1 & keys.length - 1;
      }
      return slot;
    }
  }
}
