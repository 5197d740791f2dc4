package dev.carousel.execution;

import dev.carousel.cell.InputWeights;
import org.jspecify.annotations.Nullable;

/**
 * The products of all vectors of an embedding with the input weights of the recurrent layer behind
 * it: a step of one token then reads one row of them instead of the input weights. Made when they
 * are first asked for, for all sessions.
 */
final class TableProducts {
  // In values, 4 MB; and in multiply-adds, some milliseconds of the scalar kernel, which are paid
  // when the first session is made.
  private static final int MOST = 1 << 20;
  private static final int MOST_WORK = 1 << 24;

  private final InputWeights weights;
  private volatile float @Nullable [] products;

  TableProducts(InputWeights weights) {
    this.weights = weights;
  }

  /** Whether so many tokens are worth the memory and the work. */
  boolean areWorthIt(TokenVectors tokens) {
    long values = (long) tokens.vocabulary() * weights.columns();
    return values <= MOST && values * tokens.width() <= MOST_WORK;
  }

  /** Row by row, those of each token. */
  float[] of(TokenVectors tokens) {
    float[] made = products;
    return made != null ? made : make(tokens);
  }

  private synchronized float[] make(TokenVectors tokens) {
    float[] made = products;
    if (made == null) {
      made = new float[tokens.vocabulary() * weights.columns()];
      weights.products(tokens.vocabulary(), tokens.parameters(), tokens.table(), made);
      products = made;
    }
    return made;
  }

  /** The weights have changed. */
  void forget() {
    products = null;
  }
}
