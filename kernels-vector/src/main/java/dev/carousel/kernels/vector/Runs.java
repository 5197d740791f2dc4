package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.FEW_REGISTERS;
import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Lanes.SPECIES;
import static java.lang.invoke.VarHandle.acquireFence;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.carousel.kernel.Functions;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Runs of sigmoid, tanh and exp, two vectors at a time, the steps of {@link Functions} written out.
 *
 * <p>Written out for two reasons: two independent chains hide each other's latency, and a method of
 * this size (above the 325 bytes of {@code FreqInlineSize}) is compiled on its own. Five of these
 * functions inlined into one LSTM step exceed the compiler's node budget, and what it then leaves
 * as calls is boxed: 245 kB for 32 rows of 128, and half the speed.
 *
 * <p>With 16 registers one chain runs after the other: both at once would load their constants anew
 * for every step, and the processor overlaps them all the same. Sigmoids take 10 to 20 % less time
 * so, tanhs as long. Reading x again behind a fence keeps the compiler from joining the chains.
 *
 * <p>Two steps differ from {@link Functions}, the results do not. Beyond the limits of an argument
 * the value at the limit is blended in at the end, not the limit at the start: the comparisons then
 * run beside the chain, 4.7 ns a vector to 3.8. And r has the opposite sign in the sigmoid, with it
 * the odd coefficients, so that -x need not be made first.
 */
final class Runs {
  private static final float EXP_LOW = Functions.exp(Functions.EXP_MIN);
  private static final float EXP_HIGH = Functions.exp(Functions.EXP_MAX);
  private static final float SIGMOID_LOW = Functions.sigmoid(-Functions.EXP_MAX);
  private static final float SIGMOID_HIGH = Functions.sigmoid(-Functions.EXP_MIN);
  private static final float TANH_HIGH = Functions.tanh(Functions.TANH_MAX);

  private Runs() {}

  /**
   * Replaces the first whole pairs of vectors of n values by their sigmoid; returns how many values
   * that are.
   */
  static int sigmoid(int n, float[] x, int at) {
    int i = 0;
    for (; i + 2 * LENGTH <= n; i += 2 * LENGTH) {
      FloatVector xA = fromArray(SPECIES, x, at + i);
      // With few registers it is read behind the fence; what stands here is not used.
      FloatVector xB = FEW_REGISTERS ? xA : fromArray(SPECIES, x, at + i + LENGTH);
      VectorMask<Float> lowA = xA.compare(VectorOperators.LT, -Functions.EXP_MAX);
      VectorMask<Float> highA = xA.compare(VectorOperators.GT, -Functions.EXP_MIN);
      FloatVector shiftedA =
          xA.fma(broadcast(SPECIES, -Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsA = shiftedA.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleA = bitsA.add(0x3F800000).reinterpretAsFloats();
      FloatVector nA = shiftedA.sub(Functions.ROUNDER);
      FloatVector rA =
          nA.fma(
              broadcast(SPECIES, Functions.LN2_LOW),
              nA.fma(broadcast(SPECIES, Functions.LN2_HIGH), xA));
      FloatVector pA = rA.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, -Functions.E5));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E4));
      pA = pA.fma(rA, broadcast(SPECIES, -Functions.E3));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E2));
      pA = pA.fma(rA.mul(rA), rA.neg());
      FloatVector yA = broadcast(SPECIES, 1f).div(pA.fma(scaleA, scaleA).add(1f));
      yA =
          yA.blend(broadcast(SPECIES, SIGMOID_LOW), lowA)
              .blend(broadcast(SPECIES, SIGMOID_HIGH), highA);
      yA.intoArray(x, at + i);
      if (FEW_REGISTERS) {
        acquireFence();
        xB = fromArray(SPECIES, x, at + i + LENGTH);
      }
      VectorMask<Float> lowB = xB.compare(VectorOperators.LT, -Functions.EXP_MAX);
      VectorMask<Float> highB = xB.compare(VectorOperators.GT, -Functions.EXP_MIN);
      FloatVector shiftedB =
          xB.fma(broadcast(SPECIES, -Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsB = shiftedB.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleB = bitsB.add(0x3F800000).reinterpretAsFloats();
      FloatVector nB = shiftedB.sub(Functions.ROUNDER);
      FloatVector rB =
          nB.fma(
              broadcast(SPECIES, Functions.LN2_LOW),
              nB.fma(broadcast(SPECIES, Functions.LN2_HIGH), xB));
      FloatVector pB = rB.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, -Functions.E5));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E4));
      pB = pB.fma(rB, broadcast(SPECIES, -Functions.E3));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E2));
      pB = pB.fma(rB.mul(rB), rB.neg());
      FloatVector yB = broadcast(SPECIES, 1f).div(pB.fma(scaleB, scaleB).add(1f));
      yB =
          yB.blend(broadcast(SPECIES, SIGMOID_LOW), lowB)
              .blend(broadcast(SPECIES, SIGMOID_HIGH), highB);
      yB.intoArray(x, at + i + LENGTH);
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
      FloatVector xA = fromArray(SPECIES, x, at + i);
      // With few registers it is read behind the fence; what stands here is not used.
      FloatVector xB = FEW_REGISTERS ? xA : fromArray(SPECIES, x, at + i + LENGTH);
      VectorMask<Float> lowA = xA.compare(VectorOperators.LT, -Functions.TANH_MAX);
      VectorMask<Float> highA = xA.compare(VectorOperators.GT, Functions.TANH_MAX);
      xA = xA.add(xA);
      FloatVector shiftedA =
          xA.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsA = shiftedA.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleA = bitsA.add(0x3F800000).reinterpretAsFloats();
      FloatVector nA = shiftedA.sub(Functions.ROUNDER);
      FloatVector rA =
          nA.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nA.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xA));
      FloatVector pA = rA.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E4));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E3));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E2));
      pA = pA.fma(rA.mul(rA), rA);
      pA = pA.fma(scaleA, scaleA.sub(1f));
      FloatVector yA = pA.div(pA.add(2f));
      yA =
          yA.blend(broadcast(SPECIES, -TANH_HIGH), lowA)
              .blend(broadcast(SPECIES, TANH_HIGH), highA);
      yA.intoArray(x, at + i);
      if (FEW_REGISTERS) {
        acquireFence();
        xB = fromArray(SPECIES, x, at + i + LENGTH);
      }
      VectorMask<Float> lowB = xB.compare(VectorOperators.LT, -Functions.TANH_MAX);
      VectorMask<Float> highB = xB.compare(VectorOperators.GT, Functions.TANH_MAX);
      xB = xB.add(xB);
      FloatVector shiftedB =
          xB.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsB = shiftedB.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleB = bitsB.add(0x3F800000).reinterpretAsFloats();
      FloatVector nB = shiftedB.sub(Functions.ROUNDER);
      FloatVector rB =
          nB.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nB.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xB));
      FloatVector pB = rB.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E4));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E3));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E2));
      pB = pB.fma(rB.mul(rB), rB);
      pB = pB.fma(scaleB, scaleB.sub(1f));
      FloatVector yB = pB.div(pB.add(2f));
      yB =
          yB.blend(broadcast(SPECIES, -TANH_HIGH), lowB)
              .blend(broadcast(SPECIES, TANH_HIGH), highB);
      yB.intoArray(x, at + i + LENGTH);
    }
    return i;
  }

  /**
   * Replaces the first whole pairs of vectors of n values by {@code exp(x - shift)}; returns how
   * many values that are.
   */
  static int exp(int n, float shift, float[] x, int at) {
    int i = 0;
    for (; i + 2 * LENGTH <= n; i += 2 * LENGTH) {
      FloatVector xA = fromArray(SPECIES, x, at + i).sub(shift);
      // With few registers it is read behind the fence; what stands here is not used.
      FloatVector xB = FEW_REGISTERS ? xA : fromArray(SPECIES, x, at + i + LENGTH).sub(shift);
      VectorMask<Float> lowA = xA.compare(VectorOperators.LT, Functions.EXP_MIN);
      VectorMask<Float> highA = xA.compare(VectorOperators.GT, Functions.EXP_MAX);
      FloatVector shiftedA =
          xA.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsA = shiftedA.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleA = bitsA.add(0x3F800000).reinterpretAsFloats();
      FloatVector nA = shiftedA.sub(Functions.ROUNDER);
      FloatVector rA =
          nA.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nA.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xA));
      FloatVector pA = rA.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E4));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E3));
      pA = pA.fma(rA, broadcast(SPECIES, Functions.E2));
      pA = pA.fma(rA.mul(rA), rA);
      FloatVector yA = pA.fma(scaleA, scaleA);
      yA = yA.blend(broadcast(SPECIES, EXP_LOW), lowA).blend(broadcast(SPECIES, EXP_HIGH), highA);
      yA.intoArray(x, at + i);
      if (FEW_REGISTERS) {
        acquireFence();
        xB = fromArray(SPECIES, x, at + i + LENGTH).sub(shift);
      }
      VectorMask<Float> lowB = xB.compare(VectorOperators.LT, Functions.EXP_MIN);
      VectorMask<Float> highB = xB.compare(VectorOperators.GT, Functions.EXP_MAX);
      FloatVector shiftedB =
          xB.fma(broadcast(SPECIES, Functions.LOG2_E), broadcast(SPECIES, Functions.ROUNDER));
      IntVector bitsB = shiftedB.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector scaleB = bitsB.add(0x3F800000).reinterpretAsFloats();
      FloatVector nB = shiftedB.sub(Functions.ROUNDER);
      FloatVector rB =
          nB.fma(
              broadcast(SPECIES, -Functions.LN2_LOW),
              nB.fma(broadcast(SPECIES, -Functions.LN2_HIGH), xB));
      FloatVector pB = rB.fma(broadcast(SPECIES, Functions.E6), broadcast(SPECIES, Functions.E5));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E4));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E3));
      pB = pB.fma(rB, broadcast(SPECIES, Functions.E2));
      pB = pB.fma(rB.mul(rB), rB);
      FloatVector yB = pB.fma(scaleB, scaleB);
      yB = yB.blend(broadcast(SPECIES, EXP_LOW), lowB).blend(broadcast(SPECIES, EXP_HIGH), highB);
      yB.intoArray(x, at + i + LENGTH);
    }
    return i;
  }
}
