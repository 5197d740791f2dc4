package dev.carousel.cell;

import dev.carousel.kernel.Kernel;
import dev.carousel.network.GateActivation;

/** The function of a gate and its slope. */
enum Gates {
  LOGISTIC {
    @Override
    void apply(Kernel kernel, int n, float[] z, int at) {
      kernel.sigmoid(n, z, at);
    }

    @Override
    float slope(float y) {
      return y * (1f - y);
    }
  },
  HARD_KERAS_2 {
    @Override
    void apply(Kernel kernel, int n, float[] z, int at) {
      clippedLine(n, 0.2f, z, at);
    }

    @Override
    float slope(float y) {
      return y > 0f && y < 1f ? 0.2f : 0f;
    }
  },
  HARD_KERAS_3 {
    @Override
    void apply(Kernel kernel, int n, float[] z, int at) {
      clippedLine(n, SIXTH, z, at);
    }

    @Override
    float slope(float y) {
      return y > 0f && y < 1f ? SIXTH : 0f;
    }
  };

  private static final float SIXTH = 1f / 6f;

  static Gates of(GateActivation activation) {
    return switch (activation) {
      case SIGMOID -> LOGISTIC;
      case HARD_SIGMOID_KERAS_2 -> HARD_KERAS_2;
      case HARD_SIGMOID_KERAS_3 -> HARD_KERAS_3;
    };
  }

  /** Replaces n pre-activations by activations. */
  abstract void apply(Kernel kernel, int n, float[] z, int at);

  /** The slope where the activation is y. */
  abstract float slope(float y);

  // (x + 3) / 6 is x / 6 + 1/2, so both hard sigmoids are one clipped line. NaN fails both
  // comparisons and passes.
  private static void clippedLine(int n, float slope, float[] z, int at) {
    for (int i = at; i < at + n; i++) {
      float y = Math.fma(slope, z[i], 0.5f);
      z[i] = y < 0f ? 0f : y > 1f ? 1f : y;
    }
  }
}
