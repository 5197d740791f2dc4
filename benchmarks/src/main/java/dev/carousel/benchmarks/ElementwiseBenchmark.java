package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a cell does with its products, one thread: nanoseconds for each value, which for the LSTM is
 * a hidden unit of a sequence with its four gates. Inputs are copied afresh where repeating in
 * place would end in denormal numbers, and that is in the time.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class ElementwiseBenchmark {
  // Small enough that the interpreter, which boxes every vector, gets through it often enough to
  // have it compiled during the warm-up.
  private static final int VALUES = 512;
  private static final int ROWS = 4;
  private static final int HIDDEN = 128;
  private static final int UNITS = ROWS * HIDDEN;

  @Param({"vector", "scalar"})
  public String kernel = "vector";

  private final float[] x = RandomNumbers.of(VALUES, 1);
  private final float[] mask = new float[VALUES];
  private final float[] activations = RandomNumbers.of(4 * UNITS, 2);
  private final float[] z = activations.clone();
  private final float[] cPrevious = RandomNumbers.of(UNITS, 3);
  private final float[] c = new float[UNITS];
  private final float[] tanhC = new float[UNITS];
  private final float[] h = new float[UNITS];
  private final float[] dh = RandomNumbers.of(UNITS, 4);
  private final float[] dcLater = RandomNumbers.of(UNITS, 5);
  private final float[] dc = new float[UNITS];
  private final float[] dcPrevious = new float[UNITS];
  private Kernel chosen = Kernels.choose("scalar").kernel();

  @Setup(Level.Trial)
  public void prepare() {
    chosen = Kernels.choose(kernel).kernel();
    lstmForward();
    System.arraycopy(z, 0, activations, 0, z.length);
  }

  @Benchmark
  @OperationsPerInvocation(VALUES)
  public void sigmoid() {
    chosen.sigmoid(VALUES, x, 0);
  }

  @Benchmark
  @OperationsPerInvocation(VALUES)
  public void tanh() {
    chosen.tanh(VALUES, x, 0);
  }

  /** With a shift of 1, since exp(x - 1) repeated stays near 1. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public float expSum() {
    return chosen.expSum(VALUES, 1f, x, 0);
  }

  @Benchmark
  @OperationsPerInvocation(VALUES)
  public void dropoutMask() {
    chosen.dropoutMask(VALUES, 7, 1 << 29, 1.25f, mask, 0);
  }

  @Benchmark
  @OperationsPerInvocation(UNITS)
  public void lstmForward() {
    chosen.lstmForward(ROWS, HIDDEN, z, 0, cPrevious, 0, c, 0, tanhC, 0, h, 0);
  }

  @Benchmark
  @OperationsPerInvocation(UNITS)
  public void lstmBackward() {
    System.arraycopy(activations, 0, z, 0, z.length);
    System.arraycopy(dcLater, 0, dc, 0, dc.length);
    chosen.lstmBackward(ROWS, HIDDEN, cPrevious, 0, tanhC, 0, dh, 0, dc, 0, z, 0, dcPrevious, 0);
  }
}
