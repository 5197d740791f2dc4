package dev.carousel.execution;

import dev.carousel.kernel.Draws;
import dev.carousel.kernel.Kernel;
import java.util.Arrays;

/**
 * Dropout: in training each value is dropped with probability {@code rate} and the others are
 * divided by {@code 1 - rate}.
 *
 * <p>Whether a value is dropped depends on the update's key, the layer, the place of its vector in
 * the packed window and the feature alone, so workers cannot change it, and nothing is stored for
 * the backward pass. Each window needs a key of its own.
 */
record DropoutLayer(Kernel kernel, float rate, int index) implements CompiledLayer {
  @Override
  public DropoutPass pass(Activations in) {
    return new DropoutPass(this, in);
  }

  static final class DropoutPass extends LayerPass {
    private final Kernel kernel;
    private final int index;
    private final int width;
    private final float scale;
    // A 31-bit draw below this is dropped.
    private final int threshold;
    // One for each part of the rows.
    private float[][] masks = {};
    private final float[] all;
    private long key;
    private boolean active;

    DropoutPass(DropoutLayer layer, Activations in) {
      super(in, new Activations(in.width, in.perStep));
      kernel = layer.kernel;
      index = layer.index;
      width = in.width;
      scale = 1f / (1f - layer.rate);
      threshold = (int) (layer.rate * 0x1p31);
      all = new float[width];
      Arrays.fill(all, 1f);
    }

    /** From here on values are dropped, by this key. */
    void activate(long updateKey) {
      active = true;
      // Mixed first: else layer 1 of one update would have the mask of layer 0 of the next key.
      key = Draws.mix(Draws.mix(updateKey) + index);
    }

    void deactivate() {
      active = false;
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      super.reserve(steps, wanted);
      if (masks.length < steps.parts()) {
        masks = new float[steps.parts()][width];
      }
    }

    @Override
    void forward(Steps steps, RowRange range) {
      float[] x = in.values;
      float[] y = out.values;
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = 0; t < vectors(steps, r); t++) {
          int from = in.index(vector(steps, r, t));
          int to = out.index(vector(steps, r, t));
          if (!active) {
            System.arraycopy(x, from, y, to, width);
            continue;
          }
          float[] mask = mask(steps, range, r, t);
          for (int j = 0; j < width; j++) {
            y[to + j] = x[from + j] * mask[j];
          }
        }
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      if (!in.hasGradients()) {
        return;
      }
      float[] dy = out.gradients;
      float[] dx = in.gradients;
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = 0; t < vectors(steps, r); t++) {
          int from = out.index(vector(steps, r, t));
          int to = in.index(vector(steps, r, t));
          float[] mask = active ? mask(steps, range, r, t) : all;
          for (int j = 0; j < width; j++) {
            dx[to + j] += dy[from + j] * mask[j];
          }
        }
      }
    }

    private int vectors(Steps steps, int r) {
      return in.perStep ? steps.length(r) : 1;
    }

    private int vector(Steps steps, int r, int t) {
      return in.perStep ? steps.vector(r, t) : r;
    }

    /** By the vector's number in time: where it lies depends on the number of workers. */
    private float[] mask(Steps steps, RowRange range, int r, int t) {
      float[] mask = masks[range.part()];
      long vector = Draws.mix(key ^ (in.perStep ? steps.number(r, t) : r));
      kernel.dropoutMask(width, vector, threshold, scale, mask, 0);
      return mask;
    }
  }
}
