package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;

/**
 * {@code y = table[token]}; its gradient adds to the rows of the tokens that occurred, in the order
 * of {@link SumOrder.Group#vectors}.
 */
final class EmbeddingLayer implements CompiledLayer {
  private final float[] parameters;
  private final int table;
  private final int size;

  EmbeddingLayer(Parameters parameters, int layer) {
    ParameterLayout.Slice slice = parameters.layout().slice("layers." + layer + ".weight");
    this.parameters = parameters.values();
    this.table = slice.offset();
    this.size = slice.columns();
  }

  @Override
  public EmbeddingPass pass(Activations in) {
    return new EmbeddingPass(in);
  }

  /** Reads tokens instead of the activations before it. */
  final class EmbeddingPass extends LayerPass {
    int[] tokens = {};

    EmbeddingPass(Activations in) {
      super(in, new Activations(size, true));
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      super.reserve(steps, wanted);
      if (tokens.length < steps.total()) {
        tokens = new int[steps.total()];
      }
    }

    @Override
    void forward(Steps steps, RowRange range) {
      for (int v = range.start(); v < range.start() + range.count(); v++) {
        System.arraycopy(parameters, table + tokens[v] * size, out.values, out.index(v), size);
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {}

    @Override
    void weightGradients(SumOrder.Group group, float[] gradients, int share, int shares) {
      int from = size * share / shares;
      int to = size * (share + 1) / shares;
      RowPairs vectors = group.vectors();
      for (int s = 0; s < vectors.stretches(); s++) {
        int start = vectors.right(s);
        for (int v = start; v < start + vectors.count(s); v++) {
          int row = table + tokens[v] * size;
          int dy = out.index(v);
          for (int j = from; j < to; j++) {
            gradients[row + j] += out.gradients[dy + j];
          }
        }
      }
    }
  }
}
