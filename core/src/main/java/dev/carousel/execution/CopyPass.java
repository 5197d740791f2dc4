package dev.carousel.execution;

/**
 * Behind a last layer that {@linkplain LayerPass#readsOutput reads its output}: a copy of it, to
 * become the scores.
 */
final class CopyPass extends LayerPass {
  CopyPass(Activations in) {
    super(in, new Activations(in.width, in.perStep));
  }

  @Override
  void forward(Steps steps, RowRange range) {
    int first = in.start(range);
    int size = in.count(range) * in.width;
    System.arraycopy(in.values, in.index(first), out.values, out.index(first), size);
  }

  @Override
  void backward(Steps steps, RowRange range) {
    int first = in.start(range);
    int from = out.index(first);
    int to = in.index(first);
    for (int i = 0; i < in.count(range) * in.width; i++) {
      in.gradients[to + i] += out.gradients[from + i];
    }
  }
}
