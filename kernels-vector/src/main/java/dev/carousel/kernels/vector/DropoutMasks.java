package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static jdk.incubator.vector.LongVector.broadcast;

import dev.carousel.kernel.Draws;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The masks of dropout. Two vectors of 64-bit draws make one of floats: those of the even places
 * and those of the odd ones, which so fall into the lower and the upper halves of 64 bits.
 *
 * <p>0.15 ns a value with 512 bits, 0.3 with 256 where AVX-512 multiplies 64 bits, 0.8 to 1.1 with
 * AVX2; scalar code takes 1.3 (family 26, JDK 17 and 25). With 128 bits not every processor
 * multiplies 64 bits in a vector: scalar code does it.
 */
final class DropoutMasks {
  private static final VectorSpecies<Long> LONGS = SPECIES.withLanes(long.class);
  // Made once: a vector that is made before the loop was an object in one of seven JVMs.
  private static final LongVector EVEN = LongVector.zero(LONGS).addIndex(2);
  private static final boolean WIDE = LENGTH > 4;
  private static final long UPPER_HALF = 0xFFFFFFFF00000000L;

  private DropoutMasks() {}

  /** How many of n values whole vectors take; the scalar code takes the others. */
  static int whole(int n) {
    return WIDE ? n - n % LENGTH : 0;
  }

  /** The first n places, in whole vectors. */
  static void write(int n, long key, int threshold, float scale, float[] mask, int at) {
    long both = (Float.floatToRawIntBits(scale) & ~UPPER_HALF) * 0x1_0000_0001L;
    long last = threshold - 1L;
    for (int j = 0; j < n; j += LENGTH) {
      LongVector a = EVEN.add(key + j).mul(Draws.GAMMA);
      LongVector b = EVEN.add(key + j + 1).mul(Draws.GAMMA);
      a = a.lanewise(VectorOperators.XOR, a.lanewise(VectorOperators.LSHR, 30)).mul(Draws.MIX_1);
      b = b.lanewise(VectorOperators.XOR, b.lanewise(VectorOperators.LSHR, 30)).mul(Draws.MIX_1);
      a = a.lanewise(VectorOperators.XOR, a.lanewise(VectorOperators.LSHR, 27)).mul(Draws.MIX_2);
      b = b.lanewise(VectorOperators.XOR, b.lanewise(VectorOperators.LSHR, 27)).mul(Draws.MIX_2);
      // The last exclusive or of Draws.mix reaches the lower 33 bits alone: no draw has them.
      // Negative where the value is kept: then all of the upper half is ones.
      a =
          broadcast(LONGS, last)
              .sub(a.lanewise(VectorOperators.LSHR, 33))
              .lanewise(VectorOperators.LSHR, 32);
      b = broadcast(LONGS, last).sub(b.lanewise(VectorOperators.LSHR, 33)).and(UPPER_HALF);
      a.or(b).and(both).reinterpretAsFloats().intoArray(mask, at + j);
    }
  }
}
