package dev.carousel.execution;

import dev.carousel.network.Layer.Pool.Kind;
import java.util.Arrays;

/**
 * Last step, mean or maximum over time.
 *
 * <p>The mean and the maximum carry on from what was seen before the window: the state is the
 * running sum or maximum and the number of steps. A sum is made in the order of time, so a window
 * more or less changes no bit; and with what each addition rounds away (Kahan, 1965), since the
 * state of a key may see millions of steps: in plain single precision the mean of 0.1 would be
 * 0.125 after 20 million.
 */
record PoolLayer(Kind kind) implements CompiledLayer {
  @Override
  public LayerPass pass(Activations in) {
    return new PoolPass(kind, in);
  }

  private static final class PoolPass extends LayerPass {
    // Steps of a mean are counted in two floats, the second in units of this: exact up to 2^44.
    private static final int COUNT = 1 << 20;

    private final Kind kind;
    private final int width;
    // Values of one row's state: none for the last step.
    private final int stateSize;
    // For each row: the running sum with its rest, or the maximum, and the steps seen, before the
    // window and after it.
    private float[] before = {};
    private float[] after = {};
    // The step of the maximum, -1 where it lies before the window.
    private int[] where = {};

    PoolPass(Kind kind, Activations in) {
      super(in, new Activations(in.width, false));
      this.kind = kind;
      this.width = in.width;
      this.stateSize =
          switch (kind) {
            case LAST -> 0;
            case MEAN -> 2 * width + 2;
            case MAX -> width + 1;
          };
    }

    @Override
    void link() {
      if (kind == Kind.LAST && in.lastSuffices) {
        in.last = out;
      }
    }

    @Override
    void reserve(Steps steps, Gradients wanted) {
      super.reserve(steps, wanted);
      int size = steps.batchSize() * stateSize;
      if (before.length < size) {
        before = new float[size];
        after = new float[size];
        where = new int[size];
      }
    }

    @Override
    int stateSize() {
      return stateSize;
    }

    @Override
    void loadState(int row, float[] state, int at) {
      System.arraycopy(state, at, before, row * stateSize, stateSize);
    }

    @Override
    void storeState(Steps steps, int row, int taken, float[] state, int at) {
      System.arraycopy(after, row * stateSize, state, at, stateSize);
    }

    @Override
    void clearState(int row) {
      int from = row * stateSize;
      Arrays.fill(before, from, from + stateSize, 0f);
    }

    @Override
    void forward(Steps steps, RowRange range) {
      for (int r = range.from(); r < range.to(); r++) {
        switch (kind) {
          case LAST -> {
            int last = in.index(steps.vector(r, steps.length(r) - 1));
            System.arraycopy(in.values, last, out.values, out.index(r), width);
          }
          case MEAN -> mean(steps, r);
          case MAX -> maximum(steps, r);
        }
      }
    }

    private void mean(Steps steps, int r) {
      int at = r * stateSize;
      System.arraycopy(before, at, after, at, stateSize);
      for (int t = 0; t < steps.length(r); t++) {
        int x = in.index(steps.vector(r, t));
        for (int j = at; j < at + width; j++) {
          float added = in.values[x + j - at] - after[j + width];
          float sum = after[j] + added;
          after[j + width] = (sum - after[j]) - added;
          after[j] = sum;
        }
      }
      int low = at + 2 * width;
      long seen = (long) after[low + 1] * COUNT + (long) after[low] + steps.length(r);
      long units = seen / COUNT;
      after[low] = seen - units * COUNT;
      after[low + 1] = units;
      for (int j = 0; j < width; j++) {
        out.values[out.index(r) + j] = after[at + j] / seen;
      }
    }

    /** The steps that the mean of row r is over. */
    private float seen(int r) {
      int low = r * stateSize + 2 * width;
      return (long) after[low + 1] * COUNT + (long) after[low];
    }

    private void maximum(Steps steps, int r) {
      int at = r * stateSize;
      boolean fresh = before[at + width] == 0f;
      System.arraycopy(before, at, after, at, stateSize);
      Arrays.fill(where, at, at + width, -1);
      for (int t = 0; t < steps.length(r); t++) {
        int x = in.index(steps.vector(r, t));
        for (int j = 0; j < width; j++) {
          float value = in.values[x + j];
          // Not "greater": a NaN must win, so that it is noticed. Of equals the first counts.
          if (fresh && t == 0 || !(value <= after[at + j]) && !Float.isNaN(after[at + j])) {
            after[at + j] = value;
            where[at + j] = t;
          }
        }
      }
      after[at + width] += steps.length(r);
      System.arraycopy(after, at, out.values, out.index(r), width);
    }

    @Override
    void backward(Steps steps, RowRange range) {
      if (!in.hasGradients()) {
        return;
      }
      for (int r = range.from(); r < range.to(); r++) {
        int dy = out.index(r);
        int at = r * stateSize;
        switch (kind) {
          case LAST -> add(in.index(steps.vector(r, steps.length(r) - 1)), dy, 1f);
          case MEAN -> {
            float share = 1f / seen(r);
            for (int t = 0; t < steps.length(r); t++) {
              add(in.index(steps.vector(r, t)), dy, share);
            }
          }
          case MAX -> {
            for (int j = 0; j < width; j++) {
              int t = where[at + j];
              if (t >= 0) {
                in.gradients[in.index(steps.vector(r, t)) + j] += out.gradients[dy + j];
              }
            }
          }
        }
      }
    }

    private void add(int dx, int dy, float share) {
      for (int j = 0; j < width; j++) {
        in.gradients[dx + j] = Math.fma(out.gradients[dy + j], share, in.gradients[dx + j]);
      }
    }
  }
}
