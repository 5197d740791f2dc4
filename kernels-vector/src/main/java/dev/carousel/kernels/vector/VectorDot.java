package dev.carousel.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** One fused multiply-add per lane: {@code y = a * x + y}. */
final class VectorDot {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorDot() {}

  /**
   * Adds {@code a * x} to {@code y} in place.
   *
   * @param a the factor
   * @param x the vector to scale, not changed
   * @param y the vector to add to, as long as {@code x}
   */
  static void multiplyAdd(float a, float[] x, float[] y) {
    int i = 0;
    for (int bound = SPECIES.loopBound(x.length); i < bound; i += SPECIES.length()) {
      FloatVector.broadcast(SPECIES, a)
          .fma(FloatVector.fromArray(SPECIES, x, i), FloatVector.fromArray(SPECIES, y, i))
          .intoArray(y, i);
    }
    for (; i < x.length; i++) {
      y[i] = Math.fma(a, x[i], y[i]);
    }
  }
}
