package dev.carousel.benchmarks;

import java.util.Arrays;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The two loops that {@link Ceiling} is measured with, on the Vector API. */
final class CeilingProbe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();
  // Twice what two units with a latency of four or five cycles need, and with the two operands no
  // more than the 16 registers of AVX2.
  private static final int CHAINS = 12;
  private static final int STREAMS = 8;
  private static final int TRIES = 25;
  private static final int LINE = 64;
  private static final long TRY_NANOS = 4_000_000;
  private static final long WARM_UP_NANOS = 500_000_000;

  @SuppressWarnings("unused") // written so that the compiler keeps the loops
  private static volatile float sink;

  private CeilingProbe() {}

  /** Floating-point operations per second of that many threads together. */
  static double multiplyAdds(int threads) {
    int steps = 1 << 10;
    warmUp(() -> run(8, 1));
    long start = System.nanoTime();
    run(steps, 100);
    long calls = Math.max(1, 100 * TRY_NANOS / (System.nanoTime() - start));
    double seconds = together(threads, () -> run(steps, calls));
    return threads * calls * steps * CHAINS * 2.0 * LANES / seconds;
  }

  /** Until the loop is compiled for good, in many short calls: few long ones make worse code. */
  private static void warmUp(Runnable shortWork) {
    long end = System.nanoTime() + WARM_UP_NANOS;
    while (System.nanoTime() < end) {
      shortWork.run();
    }
  }

  private static void run(int steps, long calls) {
    float sum = 0;
    for (long i = 0; i < calls; i++) {
      sum += multiplyAdds(steps, 1e-3f, 1e-3f);
    }
    sink = sum;
  }

  /** The shortest time that the threads took for the work each, begun at once. */
  private static double together(int threads, Runnable work) {
    double[][] seconds = new double[threads][TRIES];
    CyclicBarrier start = new CyclicBarrier(threads);
    Thread[] others = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      double[] mine = seconds[i];
      others[i] = new Thread(() -> tries(start, work, mine), "ceiling-" + i);
      others[i].start();
    }
    try {
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("ceiling: interrupted", e);
    }
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIES; i++) {
      int round = i;
      best = Math.min(best, Arrays.stream(seconds).mapToDouble(s -> s[round]).max().orElseThrow());
    }
    return best;
  }

  private static void tries(CyclicBarrier start, Runnable work, double[] seconds) {
    try {
      for (int i = 0; i < TRIES; i++) {
        start.await();
        long begun = System.nanoTime();
        work.run();
        seconds[i] = (System.nanoTime() - begun) * 1e-9;
      }
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("ceiling: interrupted", e);
    }
  }

  /** Reads about that many bytes over and over, at every place that an array may have in a line. */
  static Ceiling.Level level(String name, long bytes, long capacity) {
    int block = STREAMS * LANES;
    int count = Math.toIntExact(bytes / Float.BYTES) / block * block;
    int lineFloats = LINE / Float.BYTES;
    float[] data = new float[count + lineFloats];
    Arrays.fill(data, 1e-3f);
    int calls = Math.max(1, (int) ((32L << 20) / bytes));
    warmUp(() -> sink = sum(data, 0, 4 * block));
    // Objects begin at multiples of 8 bytes: one of every second place is that of a whole line.
    double[] best = new double[lineFloats / 2];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    int rounds = capacity == Long.MAX_VALUE ? 2 : 12;
    for (int round = 0; round < rounds; round++) {
      for (int place = 0; place < best.length; place++) {
        long start = System.nanoTime();
        float sum = 0;
        for (int i = 0; i < calls; i++) {
          sum += sum(data, 2 * place, count);
        }
        best[place] = Math.min(best[place], (double) (System.nanoTime() - start) / calls);
        sink = sum;
      }
    }
    Arrays.sort(best);
    double perSecond = 1e9 * Float.BYTES * count;
    return new Ceiling.Level(
        name,
        (long) count * Float.BYTES,
        capacity,
        perSecond / best[0],
        perSecond / Comparison.median(best));
  }

  // The accumulators are local variables, and the operand that is added, as in the products: an
  // array of vectors is boxed, and another operand costs a copy for each.
  private static float multiplyAdds(int steps, float factor, float other) {
    FloatVector x = FloatVector.broadcast(SPECIES, factor);
    FloatVector y = FloatVector.broadcast(SPECIES, other);
    FloatVector a0 = x;
    FloatVector a1 = a0.add(y);
    FloatVector a2 = a1.add(y);
    FloatVector a3 = a2.add(y);
    FloatVector a4 = a3.add(y);
    FloatVector a5 = a4.add(y);
    FloatVector a6 = a5.add(y);
    FloatVector a7 = a6.add(y);
    FloatVector a8 = a7.add(y);
    FloatVector a9 = a8.add(y);
    FloatVector a10 = a9.add(y);
    FloatVector a11 = a10.add(y);
    for (int i = 0; i < steps; i++) {
      a0 = x.fma(y, a0);
      a1 = x.fma(y, a1);
      a2 = x.fma(y, a2);
      a3 = x.fma(y, a3);
      a4 = x.fma(y, a4);
      a5 = x.fma(y, a5);
      a6 = x.fma(y, a6);
      a7 = x.fma(y, a7);
      a8 = x.fma(y, a8);
      a9 = x.fma(y, a9);
      a10 = x.fma(y, a10);
      a11 = x.fma(y, a11);
    }
    FloatVector low = a0.add(a1).add(a2.add(a3)).add(a4.add(a5));
    FloatVector high = a6.add(a7).add(a8.add(a9)).add(a10.add(a11));
    return low.add(high).lane(0);
  }

  private static float sum(float[] a, int from, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int i = from; i < from + count; i += STREAMS * LANES) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, a, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, a, i + LANES));
      s2 = s2.add(FloatVector.fromArray(SPECIES, a, i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(SPECIES, a, i + 3 * LANES));
      s4 = s4.add(FloatVector.fromArray(SPECIES, a, i + 4 * LANES));
      s5 = s5.add(FloatVector.fromArray(SPECIES, a, i + 5 * LANES));
      s6 = s6.add(FloatVector.fromArray(SPECIES, a, i + 6 * LANES));
      s7 = s7.add(FloatVector.fromArray(SPECIES, a, i + 7 * LANES));
    }
    return s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6.add(s7))).lane(0);
  }
}
