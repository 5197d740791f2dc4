package dev.carousel.benchmarks;

import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.State;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * One event of one key, from an array and a state to scores, one thread. With {@code -prof gc}:
 * nothing is allocated.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@org.openjdk.jmh.annotations.State(Scope.Benchmark)
public class SessionStepBenchmark {
  private static final int EVENTS = 64;

  @Param({"lstm-28-128", "lstm-16-64", "embedding-32-lstm-128"})
  public String network = "lstm-28-128";

  @Param({"vector", "scalar"})
  public String kernel = "vector";

  private float[][] events = {};
  private int next;
  private @Nullable Session session;
  private @Nullable State state;

  @Setup(Level.Trial)
  public void prepare() {
    Network specification =
        switch (network) {
          case "lstm-28-128" -> Network.input(28).lstm(128).dense(10).softmax();
          case "lstm-16-64" -> Network.input(16).lstm(64).dense(10).softmax();
          case "embedding-32-lstm-128" ->
              Network.tokens(EVENTS).embedding(32).lstm(128).dense(EVENTS).softmax();
          default -> throw new IllegalArgumentException("network: no such network, got " + network);
        };
    int size = network.equals("lstm-16-64") ? 16 : 28;
    events = new float[EVENTS][];
    for (int i = 0; i < EVENTS; i++) {
      events[i] = RandomNumbers.of(size, i);
    }
    Model model =
        new Model(
            Parameters.initialize(specification, 7),
            Encoding.custom(),
            Provenance.of("random numbers"),
            List.of());
    session = Predictor.of(model, Kernels.choose(kernel).kernel()).session();
    state = model.initialState();
  }

  @Benchmark
  public float[] step() {
    next = (next + 1) % EVENTS;
    Session running = Objects.requireNonNull(session);
    State memory = Objects.requireNonNull(state);
    if (network.startsWith("embedding")) {
      return running.step(next, memory);
    }
    return running.step(events[next], memory);
  }
}
