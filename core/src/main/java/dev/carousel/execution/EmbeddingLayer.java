package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;

/**
 * {@code y = table[token]}; its gradient adds to the rows of the tokens that occurred, in the order
 * of {@link SumOrder.Group#vectors}; or, where the next layer takes {@link TokenVectors}, once for
 * each token of a group.
 */
final class EmbeddingLayer implements CompiledLayer {
  private final float[] parameters;
  private final int table;
  private final int count;
  private final int size;

  EmbeddingLayer(Parameters parameters, int layer) {
    ParameterLayout.Slice slice = parameters.layout().slice("layers." + layer + ".weight");
    this.parameters = parameters.values();
    this.table = slice.offset();
    this.count = slice.rows();
    this.size = slice.columns();
  }

  @Override
  public EmbeddingPass pass(Activations in) {
    return new EmbeddingPass(in);
  }

  /** Reads tokens instead of the activations before it. */
  final class EmbeddingPass extends LayerPass {
    private final TokenVectors vectors = new TokenVectors(parameters, table, count, size);

    EmbeddingPass(Activations in) {
      super(in, new Activations(size, true));
      out.tokens = vectors;
    }

    /** The token of each vector. */
    int[] tokens() {
      return vectors.tokens;
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      vectors.reserve(steps, wanted != Gradients.NONE);
      if (!vectors.shared()) {
        super.reserve(steps, wanted);
      }
    }

    @Override
    void forward(Steps steps, RowRange range) {
      if (vectors.shared()) {
        vectors.gather(steps, range);
        return;
      }
      int[] tokens = vectors.tokens;
      for (int v = range.start(); v < range.start() + range.count(); v++) {
        System.arraycopy(parameters, table + tokens[v] * size, out.values, out.index(v), size);
      }
    }

    @Override
    void clearGradients(Steps steps, RowRange range) {
      // Of a shared batch there are none for each step, and these may be of a smaller one before.
      if (!vectors.shared()) {
        super.clearGradients(steps, range);
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {}

    @Override
    void weightGradients(
        Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
      if (vectors.shared()) {
        return;
      }
      int from = size * share / shares;
      int to = size * (share + 1) / shares;
      RowPairs pairs = group.vectors();
      for (int s = 0; s < pairs.stretches(); s++) {
        int start = pairs.right(s);
        for (int v = start; v < start + pairs.count(s); v++) {
          int row = table + vectors.tokens[v] * size;
          int dy = out.index(v);
          for (int j = from; j < to; j++) {
            gradients[row + j] += out.gradients[dy + j];
          }
        }
      }
    }

    @Override
    void finishWeightGradients(
        Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
      if (vectors.shared()) {
        DistinctTokens distinct = vectors.ofGroup(steps, group);
        int from = distinct.first(share, shares);
        vectors.addGradients(distinct, from, distinct.first(share + 1, shares), gradients);
      }
    }
  }
}
