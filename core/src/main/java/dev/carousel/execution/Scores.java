package dev.carousel.execution;

import dev.carousel.kernel.Kernel;
import dev.carousel.network.Head;

/** Turns a network's output into the scores its head promises, in place. */
public final class Scores {
  private Scores() {}

  /** Applies the head to {@code vectors} vectors of {@code size} values from {@code at} on. */
  public static void apply(Kernel kernel, Head head, int vectors, int size, float[] y, int at) {
    switch (head) {
      case LINEAR -> {}
      case SIGMOID -> kernel.sigmoid(vectors * size, y, at);
      case SOFTMAX -> {
        for (int v = 0; v < vectors; v++) {
          softmax(kernel, size, y, at + v * size);
        }
      }
    }
  }

  /** {@code p = exp(y - max y) / sum}, in place. */
  private static void softmax(Kernel kernel, int size, float[] y, int at) {
    float sum = kernel.expSum(size, kernel.maximum(size, y, at), y, at);
    float scale = 1f / sum;
    for (int j = at; j < at + size; j++) {
      y[j] *= scale;
    }
  }
}
