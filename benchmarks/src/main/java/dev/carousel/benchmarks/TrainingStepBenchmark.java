package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import dev.carousel.network.Cell;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Training steps per second of an LSTM 28 to 128 over 28 steps with a batch of 64, and the
 * sequences that makes; Carousel alone. With {@code -prof gc}: what a step allocates.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TrainingStepBenchmark {
  private static final int BATCH_SIZE = 64;

  /** What is trained, by whom. */
  @State(Scope.Benchmark)
  public static class Training {
    @Param({"vector", "scalar"})
    public String kernel = "vector";

    @Param({"1", "2"})
    public int threads = 1;

    private @Nullable CarouselTraining training;

    @Setup(Level.Trial)
    public void prepare() {
      Task task = Task.classify(new Cell.Lstm(), 28, 128, 28, BATCH_SIZE);
      training = new CarouselTraining(task, Kernels.choose(kernel).kernel(), threads);
    }

    CarouselTraining training() {
      return Objects.requireNonNull(training);
    }

    @TearDown(Level.Trial)
    public void close() {
      training().close();
    }
  }

  /** Counted beside the steps. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /** Sequences trained on. */
    public long sequences;

    @Setup(Level.Iteration)
    public void clear() {
      sequences = 0;
    }
  }

  @Benchmark
  public void step(Training state, Counts counts) {
    state.training().run();
    counts.sequences += BATCH_SIZE;
  }
}
