package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.Functions;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Runs of sigmoid and tanh, two vectors at a time, the steps of {@link Functions} written out.
 *
 * <p>Written out for two reasons: two independent chains hide each other's latency, and a method of
 * this size (above the 325 bytes of {@code FreqInlineSize}) is compiled on its own. Five of these
 * functions inlined into one LSTM step exceed the compiler's node budget, and what it then leaves
 * as calls is boxed: 245 kB for 32 rows of 128, and half the speed.
 */
final class Runs {
  private Runs() {}

  /**
   * Replaces the first whole pairs of vectors of n values by their sigmoid; returns how many values
   * that are.
   */
  static int sigmoid(int n, float[] x, int at) {
    int i = 0;
    for (; i + 2 * LENGTH <= n; i += 2 * LENGTH) {
      FloatVector xa = broadcast(SPECIES, 0f).sub(fromArray(SPECIES, x, at + i));
      FloatVector xb = broadcast(SPECIES, 0f).sub(fromArray(SPECIES, x, at + i + LENGTH));
      xa =
          xa.blend(
              broadcast(SPECIES, Functions.EXP_MIN),
              xa.compare(VectorOperators.LT, Functions.EXP_MIN));
      xb =
          xb.blend(
              broadcast(SPECIES, Functions.EXP_MIN),
              xb.compare(VectorOperators.LT, Functions.EXP_MIN));
      xa =
          xa.blend(
              broadcast(SPECIES, Functions.EXP_MAX),
              xa.compare(VectorOperators.GT, Functions.EXP_MAX));
      xb =
          xb.blend(
              broadcast(SPECIES, Functions.EXP_MAX),
              xb.compare(VectorOperators.GT, Functions.EXP_MAX));
      FloatVector shiftedA =
          xa.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      FloatVector shiftedB =
          xb.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsA = shiftedA.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      IntVector bitsB = shiftedB.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleA = bitsA.add(0x3F800000).reinterpretAsFloats();
      FloatVector scaleB = bitsB.add(0x3F800000).reinterpretAsFloats();
      FloatVector nA = shiftedA.sub(Functions.ROUNDER);
      FloatVector nB = shiftedB.sub(Functions.ROUNDER);
      FloatVector rA =
          nA.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nA.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xa));
      FloatVector rB =
          nB.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nB.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xb));
      FloatVector pA = rA.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      FloatVector pB = rB.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E4));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E4));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E3));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E3));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E2));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E2));
      pA = pA.fma(rA.mul(rA), rA);
      pB = pB.fma(rB.mul(rB), rB);
      broadcast(SPECIES, 1f).div(pA.fma(scaleA, scaleA).add(1f)).intoArray(x, at + i);
      broadcast(SPECIES, 1f).div(pB.fma(scaleB, scaleB).add(1f)).intoArray(x, at + i + LENGTH);
    }
    return i;
  }

  /**
   * Replaces the first whole pairs of vectors of n values by their tanh; returns how many values
   * that are.
   */
  static int tanh(int n, float[] x, int at) {
    int i = 0;
    for (; i + 2 * LENGTH <= n; i += 2 * LENGTH) {
      FloatVector xa = fromArray(SPECIES, x, at + i);
      FloatVector xb = fromArray(SPECIES, x, at + i + LENGTH);
      xa =
          xa.blend(
              broadcast(SPECIES, -Functions.TANH_MAX),
              xa.compare(VectorOperators.LT, -Functions.TANH_MAX));
      xb =
          xb.blend(
              broadcast(SPECIES, -Functions.TANH_MAX),
              xb.compare(VectorOperators.LT, -Functions.TANH_MAX));
      xa =
          xa.blend(
              broadcast(SPECIES, Functions.TANH_MAX),
              xa.compare(VectorOperators.GT, Functions.TANH_MAX));
      xb =
          xb.blend(
              broadcast(SPECIES, Functions.TANH_MAX),
              xb.compare(VectorOperators.GT, Functions.TANH_MAX));
      xa = xa.add(xa);
      xb = xb.add(xb);
      FloatVector shiftedA =
          xa.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      FloatVector shiftedB =
          xb.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsA = shiftedA.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      IntVector bitsB = shiftedB.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleA = bitsA.add(0x3F800000).reinterpretAsFloats();
      FloatVector scaleB = bitsB.add(0x3F800000).reinterpretAsFloats();
      FloatVector nA = shiftedA.sub(Functions.ROUNDER);
      FloatVector nB = shiftedB.sub(Functions.ROUNDER);
      FloatVector rA =
          nA.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nA.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xa));
      FloatVector rB =
          nB.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nB.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xb));
      FloatVector pA = rA.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      FloatVector pB = rB.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E4));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E4));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E3));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E3));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E2));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E2));
      pA = pA.fma(rA.mul(rA), rA);
      pB = pB.fma(rB.mul(rB), rB);
      pA = pA.fma(scaleA, scaleA.sub(1f));
      pB = pB.fma(scaleB, scaleB.sub(1f));
      pA.div(pA.add(2f)).intoArray(x, at + i);
      pB.div(pB.add(2f)).intoArray(x, at + i + LENGTH);
    }
    return i;
  }
}
