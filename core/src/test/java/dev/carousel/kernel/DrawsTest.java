package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DrawsTest {
  private static final long[] VALUES = {
    0, 1, 2, -1, 1L << 31, 1L << 32, 0x9E37_79B9_7F4A_7C15L, Long.MIN_VALUE, Long.MAX_VALUE
  };

  /** The JDK's generator mixes its seed, a multiple of the same number, in the same way. */
  private static long expectedMix(long value) {
    return new SplittableRandom((value - 1) * Draws.GAMMA).nextLong();
  }

  @Test
  void mixesAsSplitMix64() {
    for (long value : VALUES) {
      assertThat(Draws.mix(value)).as("mix(%d)", value).isEqualTo(expectedMix(value));
    }
  }

  @Test
  void aMaskIsTheScaleWhereTheDrawReachesTheThreshold() {
    for (long key : VALUES) {
      for (int threshold : new int[] {0, 1, 1 << 29, 1 << 30, Integer.MAX_VALUE}) {
        float[] mask = new float[9];
        new ScalarKernel().dropoutMask(7, key, threshold, 1.25f, mask, 1);
        for (int j = 0; j < 7; j++) {
          long draw = expectedMix(key + j) >>> 33;
          assertThat(mask[1 + j])
              .as("key %d, threshold %d, place %d", key, threshold, j)
              .isEqualTo(draw < threshold ? 0f : 1.25f);
        }
        assertThat(mask[0] + mask[8]).as("what is beside it").isZero();
      }
    }
  }
}
