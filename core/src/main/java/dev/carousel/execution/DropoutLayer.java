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
 *
 * <p>Where the next layer reads the last steps alone, nothing else is computed.
 */
record DropoutLayer(Kernel kernel, float rate, int index) implements CompiledLayer {
  @Override
  public DropoutPass pass(Activations in) {
    return new DropoutPass(this, in);
  }

  static final class DropoutPass extends LayerPass {
    // Values behind a mask, so that two workers never write the same cache line.
    private static final int APART = 32;

    private final Kernel kernel;
    private final int index;
    private final int width;
    private final float scale;
    // A 31-bit draw below this is dropped.
    private final int threshold;
    // One for each part of the rows.
    private float[][] masks = {};
    // The mask that drops nothing.
    private final float[] ones;
    // The gradients of the last steps, where the layer before can do with them alone.
    private final Activations handedOn;
    private long key;
    private boolean active;

    DropoutPass(DropoutLayer layer, Activations in) {
      super(in, new Activations(in.width, in.perStep));
      out.lastSuffices = in.perStep;
      kernel = layer.kernel;
      index = layer.index;
      width = in.width;
      scale = 1f / (1f - layer.rate);
      threshold = (int) (layer.rate * 0x1p31);
      ones = new float[width];
      Arrays.fill(ones, 1f);
      handedOn = new Activations(width, false);
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
    void link() {
      if (out.last != null && in.lastSuffices) {
        in.last = handedOn;
      }
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      out.reserve(steps, out.last == null ? wanted != Gradients.NONE : wanted == Gradients.ALL);
      if (in.last == handedOn && wanted == Gradients.PARAMETERS) {
        handedOn.reserveGradients(steps);
      }
      if (masks.length < steps.parts()) {
        masks = new float[steps.parts()][width + APART];
      }
    }

    @Override
    void forward(Steps steps, RowRange range) {
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = first(steps, r); t < vectors(steps, r); t++) {
          int x = place(in, steps, r, t);
          int y = place(out, steps, r, t);
          if (active) {
            float[] mask = mask(steps, range, r, t);
            for (int j = 0; j < width; j++) {
              out.values[y + j] = in.values[x + j] * mask[j];
            }
          } else {
            System.arraycopy(in.values, x, out.values, y, width);
          }
        }
      }
    }

    @Override
    void clearInnerGradients(Steps steps, RowRange range) {
      handedOn.clearGradients(range);
    }

    @Override
    void backward(Steps steps, RowRange range) {
      Activations from = out.last != null && !out.hasGradients() ? out.last : out;
      Activations to = in.hasGradients() ? in : handedOn;
      if (!to.hasGradients()) {
        return;
      }
      for (int r = range.from(); r < range.to(); r++) {
        for (int t = first(steps, r); t < vectors(steps, r); t++) {
          int dy = place(from, steps, r, t);
          int dx = place(to, steps, r, t);
          float[] mask = active ? mask(steps, range, r, t) : ones;
          for (int j = 0; j < width; j++) {
            to.gradients[dx + j] += from.gradients[dy + j] * mask[j];
          }
        }
      }
    }

    private int vectors(Steps steps, int r) {
      return in.perStep ? steps.length(r) : 1;
    }

    /** The first step whose output is read. */
    private int first(Steps steps, int r) {
      return out.last == null ? 0 : vectors(steps, r) - 1;
    }

    private static int place(Activations of, Steps steps, int r, int t) {
      return of.index(of.perStep ? steps.vector(r, t) : r);
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
