package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.kernel.RowPairs;
import dev.carousel.kernel.Stretch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Products of the shapes that occur in an LSTM, one thread, {@code megaflop} per millisecond being
 * GFLOP/s.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ProductBenchmark {
  /** One shape with its operands. */
  @State(Scope.Benchmark)
  public static class Operands {
    /** Rows: keys or sequences that run together. */
    @Param({"1", "20", "48", "64", "256"})
    public int m = 1;

    /** {@code k x n}: inputs or hidden units by the four gates, or hidden units by words. */
    @Param({"28x512", "128x512", "200x800", "512x2048", "200x10000"})
    public String shape = "128x512";

    @Param("vector")
    public String kernel = "vector";

    private Operation plain = () -> {};
    private Operation transposed = () -> {};
    private double megaflop;

    @Setup(Level.Trial)
    public void prepare() {
      int k = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
      int n = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
      megaflop = 2e-6 * m * k * n;
      Kernel chosen = Kernels.choose(kernel).kernel();
      warmUp(chosen);
      float[] a = RandomNumbers.of(m * k, 1);
      float[] b = RandomNumbers.of(k * n, 2);
      float[] c = new float[m * n];
      float[] bias = RandomNumbers.of(n, 3);
      PackedMatrix packed = chosen.packed(k, n);
      packed.pack(0, packed.panels(), b, 0, n);
      plain = () -> chosen.productFromBias(m, bias, 0, a, 0, k, packed, c, 0, n);
      float[] gradient = new float[k * n];
      transposed = () -> addGradient(chosen, m, k, n, a, c, gradient);
    }
  }

  /**
   * Has the kernel compiled by many small products, as a program would: in the interpreter, which
   * boxes every vector, a large one takes so long that only a loop in the middle of it is compiled.
   */
  private static void warmUp(Kernel kernel) {
    int k = 8;
    int n = 256;
    int rows = 64;
    float[] a = new float[rows * k];
    float[] c = new float[rows * n];
    float[] gradient = new float[k * n];
    PackedMatrix packed = kernel.packed(k, n);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    for (int m = 1; System.nanoTime() < end; m = m % rows + 1) {
      kernel.productFromBias(m, gradient, 0, a, 0, k, packed, c, 0, n);
      addGradient(kernel, m, k, n, a, c, gradient);
    }
  }

  private static void addGradient(
      Kernel kernel, int m, int k, int n, float[] a, float[] c, float[] gradient) {
    RowPairs rows = new Stretch().set(0, m);
    kernel.weightGradients(rows, n, c, 0, n, k, a, 0, 0, a, 0, gradient, 0, -1, -1, n);
  }

  /** What is measured. */
  private interface Operation {
    void run();
  }

  /** Counted beside the products. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Millions of floating-point operations. */
    public double megaflop;

    @Setup(Level.Iteration)
    public void clear() {
      megaflop = 0;
    }
  }

  /** {@code c = bias + a b}, a of m x k: a step forward. */
  @Benchmark
  public void product(Operands operands, Counts counts) {
    operands.plain.run();
    counts.megaflop += operands.megaflop;
  }

  /** {@code g += transpose(a) c}, a of m x k and c of m x n: the gradient of a weight. */
  @Benchmark
  public void transposed(Operands operands, Counts counts) {
    operands.transposed.run();
    counts.megaflop += operands.megaflop;
  }
}
