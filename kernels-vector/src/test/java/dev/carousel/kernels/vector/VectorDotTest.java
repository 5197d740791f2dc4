package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorDotTest {
  @Test
  void addsTheScaledVectorInEveryLaneAndInTheTail() {
    int length = 2 * FloatVector.SPECIES_PREFERRED.length() + 1;
    float[] x = new float[length];
    float[] y = new float[length];
    for (int i = 0; i < length; i++) {
      x[i] = i;
      y[i] = 1;
    }
    VectorDot.multiplyAdd(2, x, y);
    for (int i = 0; i < length; i++) {
      assertThat(y[i]).isEqualTo(2 * i + 1);
    }
  }
}
