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
    private final int scaleBits;
    // A 31-bit draw below this is dropped.
    private final int threshold;
    private long key;
    private boolean active;

    DropoutPass(DropoutLayer layer, Activations in) {
      super(in, new Activations(in.width, in.perStep));
      index = layer.index;
      scaleBits = Float.floatToRawIntBits(1f / (1f - layer.rate));
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
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = 0; t < vectors(steps, r); t++) {
          int vector = vector(steps, r, t);
          if (active) {
            drop(maskKey(steps, r, t), in.values, in.index(vector), out.values, out.index(vector));
          } else {
            System.arraycopy(in.values, in.index(vector), out.values, out.index(vector), in.width);
          }
        }
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      if (!in.hasGradients()) {
        return;
      }
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = 0; t < vectors(steps, r); t++) {
          int vector = vector(steps, r, t);
          int from = out.index(vector);
          int to = in.index(vector);
          if (active) {
            addDropped(maskKey(steps, r, t), out.gradients, from, in.gradients, to);
          } else {
            for (int j = 0; j < in.width; j++) {
              in.gradients[to + j] += out.gradients[from + j];
            }
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
    private long maskKey(Steps steps, int r, int t) {
      return mix(key ^ (in.perStep ? steps.number(r, t) : r));
    }

    private void drop(long maskKey, float[] from, int fromAt, float[] to, int toAt) {
      for (int j = 0; j < in.width; j++) {
        to[toAt + j] = from[fromAt + j] * factor(maskKey, j);
      }
    }

    private void addDropped(long maskKey, float[] from, int fromAt, float[] to, int toAt) {
      for (int j = 0; j < in.width; j++) {
        to[toAt + j] += from[fromAt + j] * factor(maskKey, j);
      }
    }

    /** 0 or the scale, without a branch: nobody can predict it. */
    private float factor(long maskKey, int feature) {
      int draw = (int) (mix(maskKey + feature) >>> 33);
      int dropped = (draw - threshold) >> 31;
      return Float.intBitsToFloat(scaleBits & ~dropped);
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
