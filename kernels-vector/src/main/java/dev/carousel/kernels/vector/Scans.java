package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What softmax and its loss look for in a row of scores, four vectors in a turn: with one, each
 * comparison or addition would wait for the one before.
 */
final class Scans {
  private static final int TURN = 4 * LENGTH;

  // Lanes count as floats, which is exact below 2^24.
  private static final int MOST_TURNS = 1 << 20;

  private static final ThreadLocal<float[]> LANES =
      ThreadLocal.withInitial(() -> new float[LENGTH]);

  private Scans() {}

  /** How many of n values whole turns take; the scalar code takes the others. */
  static int whole(int n) {
    return Math.min(MOST_TURNS, n / TURN) * TURN;
  }

  /** The largest of n values, in whole turns; of zeros any; NaN is passed over. */
  static float maximum(int n, float[] x, int at) {
    FloatVector a = broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = at; i < at + n; i += TURN) {
      FloatVector xA = fromArray(SPECIES, x, i);
      FloatVector xB = fromArray(SPECIES, x, i + LENGTH);
      FloatVector xC = fromArray(SPECIES, x, i + 2 * LENGTH);
      FloatVector xD = fromArray(SPECIES, x, i + 3 * LENGTH);
      a = a.blend(xA, xA.compare(VectorOperators.GT, a));
      b = b.blend(xB, xB.compare(VectorOperators.GT, b));
      c = c.blend(xC, xC.compare(VectorOperators.GT, c));
      d = d.blend(xD, xD.compare(VectorOperators.GT, d));
    }
    a = a.blend(b, b.compare(VectorOperators.GT, a));
    c = c.blend(d, d.compare(VectorOperators.GT, c));
    float[] lanes = LANES.get();
    a.blend(c, c.compare(VectorOperators.GT, a)).intoArray(lanes, 0);
    float largest = lanes[0];
    for (float lane : lanes) {
      largest = Math.max(largest, lane);
    }
    return largest;
  }

  /** How many of n values, in whole turns, are smaller than a limit. */
  static int below(int n, float limit, float[] x, int at) {
    FloatVector zero = broadcast(SPECIES, 0f);
    FloatVector one = broadcast(SPECIES, 1f);
    FloatVector a = zero;
    FloatVector b = zero;
    FloatVector c = zero;
    FloatVector d = zero;
    for (int i = at; i < at + n; i += TURN) {
      FloatVector xA = fromArray(SPECIES, x, i);
      FloatVector xB = fromArray(SPECIES, x, i + LENGTH);
      FloatVector xC = fromArray(SPECIES, x, i + 2 * LENGTH);
      FloatVector xD = fromArray(SPECIES, x, i + 3 * LENGTH);
      a = a.add(zero.blend(one, xA.compare(VectorOperators.LT, limit)));
      b = b.add(zero.blend(one, xB.compare(VectorOperators.LT, limit)));
      c = c.add(zero.blend(one, xC.compare(VectorOperators.LT, limit)));
      d = d.add(zero.blend(one, xD.compare(VectorOperators.LT, limit)));
    }
    float[] lanes = LANES.get();
    a.add(b).add(c.add(d)).intoArray(lanes, 0);
    int below = 0;
    for (float count : lanes) {
      below += (int) count;
    }
    return below;
  }
}
