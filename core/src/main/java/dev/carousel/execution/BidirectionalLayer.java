package dev.carousel.execution;

import dev.carousel.cell.Packing;
import dev.carousel.network.Layer.Bidirectional.Merge;
import org.jspecify.annotations.Nullable;

/**
 * Two layers, one from the first step to the last and one back, each sequence reversed within its
 * own length.
 */
record BidirectionalLayer(RecurrentLayer onward, RecurrentLayer back, Merge merge)
    implements CompiledLayer {
  @Override
  public void pack(int worker, int workers, Packing packing) {
    onward.pack(worker, workers, packing);
    back.pack(worker, workers, packing);
  }

  @Override
  public void align() {
    onward.align();
    back.align();
  }

  @Override
  public LayerPass pass(Activations in) {
    return new BidirectionalPass(this, in);
  }

  private static final class BidirectionalPass extends LayerPass {
    private final int hiddenSize;
    private final Merge merge;
    private final Activations reversed;
    private final RecurrentPass onward;
    private final RecurrentPass back;

    BidirectionalPass(BidirectionalLayer layer, Activations in) {
      super(in, new Activations(outputSize(layer), true));
      hiddenSize = layer.onward.cell().hiddenSize();
      merge = layer.merge;
      reversed = new Activations(in.width, true);
      // Whole sequences, which this layer copies: nobody reads their last steps alone.
      onward = layer.onward.pass(in);
      back = layer.back.pass(reversed, in.tokens, true);
    }

    @Override
    void link() {
      if (in.tokens != null) {
        in.tokens.useReversed();
      }
    }

    /** What both directions take instead of this layer's inputs; null if they take these. */
    private @Nullable TokenVectors shared() {
      return in.tokens != null && in.tokens.shared() ? in.tokens : null;
    }

    private static int outputSize(BidirectionalLayer layer) {
      return layer.onward.cell().hiddenSize() * (layer.merge == Merge.CONCATENATE ? 2 : 1);
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      super.reserve(steps, wanted);
      if (shared() == null) {
        reversed.reserve(steps, wanted != Gradients.NONE && in.hasGradients());
      }
      onward.reserve(steps, wanted);
      back.reserve(steps, wanted);
    }

    @Override
    void clearState(int row) {
      onward.clearState(row);
      back.clearState(row);
    }

    @Override
    void forward(Steps steps, RowRange range) {
      TokenVectors tokens = shared();
      if (tokens != null) {
        tokens.reverse(steps, range);
      } else {
        copyReversed(steps, range, in.values, in.at, reversed.values, in.width);
      }
      onward.forward(steps, range);
      back.forward(steps, range);
      float scale = merge == Merge.MEAN ? 0.5f : 1f;
      for (int r = range.from(); r < range.to(); r++) {
        int length = steps.length(r);
        for (int t = 0; t < length; t++) {
          int to = out.index(steps.vector(r, t));
          int a = onward.out.index(steps.vector(r, t));
          int b = back.out.index(steps.vector(r, length - 1 - t));
          if (merge == Merge.CONCATENATE) {
            System.arraycopy(onward.out.values, a, out.values, to, hiddenSize);
            System.arraycopy(back.out.values, b, out.values, to + hiddenSize, hiddenSize);
          } else {
            for (int j = 0; j < hiddenSize; j++) {
              out.values[to + j] = (onward.out.values[a + j] + back.out.values[b + j]) * scale;
            }
          }
        }
      }
    }

    @Override
    void clearInnerGradients(Steps steps, RowRange range) {
      onward.clearInnerGradients(steps, range);
      back.clearInnerGradients(steps, range);
      if (shared() == null && reversed.hasGradients()) {
        reversed.clearGradients(range);
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      divide(steps, range);
      onward.backward(steps, range);
      back.backward(steps, range);
      joinInputs(steps, range);
    }

    @Override
    void backwardAndSum(Steps steps, RowRange range, SumOrder.Group group, float[] gradients) {
      divide(steps, range);
      onward.backwardAndSum(steps, range, group, gradients);
      back.backwardAndSum(steps, range, group, gradients);
      joinInputs(steps, range);
    }

    /** Gives both directions their gradients. */
    private void divide(Steps steps, RowRange range) {
      float scale = merge == Merge.MEAN ? 0.5f : 1f;
      int second = merge == Merge.CONCATENATE ? hiddenSize : 0;
      for (int r = range.from(); r < range.to(); r++) {
        int length = steps.length(r);
        for (int t = 0; t < length; t++) {
          int from = out.index(steps.vector(r, t));
          int a = onward.out.index(steps.vector(r, t));
          int b = back.out.index(steps.vector(r, length - 1 - t));
          for (int j = 0; j < hiddenSize; j++) {
            onward.out.gradients[a + j] = out.gradients[from + j] * scale;
            back.out.gradients[b + j] = out.gradients[from + second + j] * scale;
          }
        }
      }
    }

    private void joinInputs(Steps steps, RowRange range) {
      if (shared() == null && in.hasGradients()) {
        addReversed(steps, range, reversed.gradients, in.gradients, in.at, in.width);
      }
    }

    @Override
    void weightGradients(
        Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
      onward.weightGradients(steps, group, gradients, share, shares);
      back.weightGradients(steps, group, gradients, share, shares);
    }

    @Override
    void finishWeightGradients(
        Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
      onward.finishWeightGradients(steps, group, gradients, share, shares);
      back.finishWeightGradients(steps, group, gradients, share, shares);
    }

    private static void copyReversed(
        Steps steps, RowRange range, float[] from, int fromAt, float[] to, int width) {
      for (int r = range.from(); r < range.to(); r++) {
        int length = steps.length(r);
        for (int t = 0; t < length; t++) {
          int source = fromAt + steps.vector(r, length - 1 - t) * width;
          System.arraycopy(from, source, to, steps.vector(r, t) * width, width);
        }
      }
    }

    private static void addReversed(
        Steps steps, RowRange range, float[] from, float[] to, int toAt, int width) {
      for (int r = range.from(); r < range.to(); r++) {
        int length = steps.length(r);
        for (int t = 0; t < length; t++) {
          int source = steps.vector(r, length - 1 - t) * width;
          int target = toAt + steps.vector(r, t) * width;
          for (int j = 0; j < width; j++) {
            to[target + j] += from[source + j];
          }
        }
      }
    }
  }
}
