package dev.carousel.network;

import dev.carousel.network.ParameterLayout.Role;
import dev.carousel.network.ParameterLayout.Slice;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws initial parameters, each slice from a generator of its own: a layer more changes no other
 * layer's start.
 */
final class Initialization {
  private Initialization() {}

  static void fill(Parameters parameters, long seed) {
    float[] values = parameters.values();
    int ordinal = 0;
    for (Slice slice : parameters.layout().slices()) {
      RandomGenerator random = Seeds.of(seed, Seeds.Purpose.INITIALISATION, ordinal++);
      Initializer initializer = slice.initializer();
      if (initializer instanceof Initializer.Uniform uniform) {
        uniform(random, uniform.bound(), values, slice);
      } else if (initializer instanceof Initializer.Glorot) {
        double bound = Math.sqrt(6.0 / ((double) slice.rows() + slice.columns()));
        uniform(random, (float) bound, values, slice);
      } else if (initializer instanceof Initializer.Orthogonal) {
        int width = slice.width();
        for (int block = 0; block < slice.blocks(); block++) {
          int at = slice.offset() + block * width;
          orthogonal(random, slice.rows(), width, values, at, slice.columns());
        }
      } else if (initializer instanceof Initializer.Constant constant) {
        Arrays.fill(values, slice.offset(), slice.offset() + slice.size(), constant.value());
      }
      if (slice.role() == Role.BIAS) {
        gateBiases(parameters.network().layers().get(slice.layer()), random, values, slice);
      }
    }
  }

  private static void uniform(RandomGenerator random, float bound, float[] values, Slice slice) {
    for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
      values[i] = (2f * Seeds.uniform(random) - 1f) * bound;
    }
  }

  private static void gateBiases(Layer layer, RandomGenerator random, float[] values, Slice slice) {
    if (layer instanceof Layer.Recurrent recurrent) {
      gateBiases(recurrent.cell(), recurrent.biases(), random, values, slice);
    } else if (layer instanceof Layer.Bidirectional both) {
      gateBiases(both.cell(), both.biases(), random, values, slice);
    }
  }

  private static void gateBiases(
      Cell cell, BiasInitializer biases, RandomGenerator random, float[] values, Slice slice) {
    if (slice.blocks() != cell.gates().size()) {
      return; // A reset-after GRU's second bias of its candidate.
    }
    int hiddenSize = slice.width();
    if (biases instanceof BiasInitializer.Chrono chrono) {
      int keep =
          slice.offset() + cell.gates().indexOf(cell instanceof Cell.Lstm ? "f" : "z") * hiddenSize;
      int input = cell.gates().indexOf("i");
      for (int j = 0; j < hiddenSize; j++) {
        double u = 1 + Seeds.uniform(random) * (chrono.longest() - 2.0);
        values[keep + j] = (float) StrictMath.log(u);
        if (input >= 0) {
          values[slice.offset() + input * hiddenSize + j] = -values[keep + j];
        }
      }
    } else if (cell instanceof Cell.Lstm lstm) {
      int from = slice.offset() + lstm.gates().indexOf("f") * hiddenSize;
      Arrays.fill(values, from, from + hiddenSize, lstm.forgetBias());
    }
  }

  /**
   * Orthonormal vectors from Gaussian ones by the modified Gram-Schmidt process, twice for
   * accuracy; from Gaussian entries the result is uniform over the orthogonal matrices (Mezzadri,
   * 2007).
   */
  private static void orthogonal(
      RandomGenerator random, int rows, int columns, float[] values, int at, int stride) {
    int count = Math.min(rows, columns);
    int length = Math.max(rows, columns);
    double[][] basis = new double[count][length];
    for (int v = 0; v < count; v++) {
      for (int i = 0; i < length; i += 2) {
        gaussianPair(random, basis[v], i);
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int u = 0; u < v; u++) {
          double projection = dot(basis[u], basis[v]);
          for (int i = 0; i < length; i++) {
            basis[v][i] -= projection * basis[u][i];
          }
        }
      }
      double norm = Math.sqrt(dot(basis[v], basis[v]));
      for (int i = 0; i < length; i++) {
        basis[v][i] /= norm;
      }
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[at + r * stride + c] = (float) (rows <= columns ? basis[r][c] : basis[c][r]);
      }
    }
  }

  /** Two independent standard normal values by the polar method (Marsaglia and Bray, 1964). */
  private static void gaussianPair(RandomGenerator random, double[] to, int at) {
    while (true) {
      double x = 2 * ((random.nextLong() >>> 11) * 0x1p-53) - 1;
      double y = 2 * ((random.nextLong() >>> 11) * 0x1p-53) - 1;
      double square = x * x + y * y;
      if (square > 0 && square < 1) {
        // StrictMath, unlike Math, has the same bits everywhere.
        double factor = Math.sqrt(-2 * StrictMath.log(square) / square);
        to[at] = x * factor;
        if (at + 1 < to.length) {
          to[at + 1] = y * factor;
        }
        return;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
