package dev.carousel.execution;

/**
 * Dropout: in training each value is dropped with probability {@code rate} and the others are
 * divided by {@code 1 - rate}.
 *
 * <p>Whether a value is dropped depends on the update's key, the layer, the place of its vector in
 * the packed window and the feature alone, so workers cannot change it, and nothing is stored for
 * the backward pass. Each window needs a key of its own.
 */
record DropoutLayer(float rate, int index) implements CompiledLayer {
  @Override
  public DropoutPass pass(Activations in) {
    return new DropoutPass(this, in);
  }

  static final class DropoutPass extends LayerPass {
    private final int index;
    private final float scale;
    // A 31-bit draw below this is dropped.
    private final int threshold;
    private long key;
    private boolean active;

    DropoutPass(DropoutLayer layer, Activations in) {
      super(in, new Activations(in.width, in.perStep));
      index = layer.index;
      scale = 1f / (1f - layer.rate);
      threshold = (int) (layer.rate * 0x1p31);
    }

    /** From here on values are dropped, by this key. */
    void activate(long updateKey) {
      active = true;
      // Mixed first: else layer 1 of one update would have the mask of layer 0 of the next key.
      key = mix(mix(updateKey) + index);
    }

    void deactivate() {
      active = false;
    }

    @Override
    void forward(Steps steps, RowRange range) {
      apply(steps, range, in.values, in.at, out.values, out.at, false);
    }

    @Override
    void backward(Steps steps, RowRange range) {
      if (in.hasGradients()) {
        apply(steps, range, out.gradients, out.at, in.gradients, in.at, true);
      }
    }

    private void apply(
        Steps steps, RowRange range, float[] from, int fromAt, float[] to, int toAt, boolean add) {
      int width = in.width;
      for (int r = range.from(); r < range.to(); r++) {
        int vectors = in.perStep ? steps.length(r) : 1;
        for (int t = 0; t < vectors; t++) {
          int at = in.perStep ? steps.vector(r, t) * width : r * width;
          // By its number in time: where it lies depends on the number of workers.
          long vector = mix(key ^ (in.perStep ? steps.number(r, t) : r));
          for (int j = 0; j < width; j++) {
            float kept = from[fromAt + at + j] * factor(vector, j);
            int target = toAt + at + j;
            to[target] = add ? to[target] + kept : kept;
          }
        }
      }
    }

    private float factor(long vector, int feature) {
      if (!active) {
        return 1f;
      }
      int draw = (int) (mix(vector + feature) >>> 33);
      return draw < threshold ? 0f : scale;
    }

    /**
     * The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a generator addressed by place.
     */
    private static long mix(long value) {
      long z = value * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      return z ^ (z >>> 31);
    }
  }
}
