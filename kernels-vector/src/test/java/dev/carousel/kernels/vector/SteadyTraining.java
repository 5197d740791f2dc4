package dev.carousel.kernels.vector;

import com.sun.management.ThreadMXBean;
import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.training.Adam;
import dev.carousel.training.Clipping;
import dev.carousel.training.GradientStep;
import dev.carousel.training.ParameterUpdate;
import dev.carousel.training.Penalty;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Trains, in a JVM of its own, until a step allocates nothing; prints the bytes of the best step.
 */
final class SteadyTraining {
  private static final int BATCH = 64;
  private static final int TIME_STEPS = 28;
  private static final int INPUT = 28;
  private static final int HIDDEN = 128;
  private static final int CLASSES = 10;
  private static final int WORDS = 500;
  private static final int MOST_STEPS = 8_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private SteadyTraining() {}

  public static void main(String[] arguments) {
    boolean words = arguments[0].equals("words");
    Network network = words ? wordModel() : classifier(arguments[0].equals("lstm"));
    Parameters parameters = Parameters.initialize(network, 1);
    Kernel kernel = Kernels.choose("vector").kernel();
    productsFirst(kernel);
    try (Workers workers = new Workers(2)) {
      Batch batch = new Batch(words ? text() : rows());
      GradientStep gradient =
          new GradientStep(new CompiledNetwork(parameters, kernel), workers, batch);
      ParameterUpdate update =
          new ParameterUpdate(
              kernel,
              workers,
              parameters,
              gradient.gradients(),
              Adam.withLearningRate(1e-3),
              new Clipping.None(),
              Penalty.NONE);
      int[] order = new int[BATCH];
      Arrays.setAll(order, i -> i);
      long[] threads = ids();
      long least = Long.MAX_VALUE;
      for (int step = 0; step < MOST_STEPS && least > 0; step++) {
        long before = allocated(threads);
        batch.select(order, 0, BATCH);
        gradient.open(batch, 0, batch.longest(), 0);
        gradient.pass().activateDropout(step);
        gradient.run();
        update.step(update.measure(), 1e-3);
        least = Math.min(least, allocated(threads) - before);
      }
      System.out.println(least);
    }
  }

  /** What a large first product does: the compiler sees fused multiply-adds and nothing else. */
  private static void productsFirst(Kernel kernel) {
    PackedMatrix b = kernel.packed(HIDDEN, 4 * HIDDEN);
    float[] a = new float[BATCH * HIDDEN];
    float[] c = new float[BATCH * 4 * HIDDEN];
    long end = System.nanoTime() + 1_000_000_000L;
    while (System.nanoTime() < end) {
      kernel.product(BATCH, a, 0, HIDDEN, b, c, 0, 4 * HIDDEN);
    }
  }

  private static Network classifier(boolean lstm) {
    Network.Builder input = Network.input(INPUT);
    return (lstm ? input.lstm(HIDDEN) : input.gru(HIDDEN)).lastStep().dense(CLASSES).softmax();
  }

  /** Dropout, and softmax over more classes than a few vectors, at every step. */
  private static Network wordModel() {
    return Network.tokens(WORDS).embedding(INPUT).lstm(HIDDEN).dropout(0.3).dense(WORDS).softmax();
  }

  private static Sequences text() {
    SplittableRandom random = new SplittableRandom(1);
    int[] tokens = random.ints(BATCH * TIME_STEPS, 0, WORDS).toArray();
    int[] next = random.ints(tokens.length, 0, WORDS).toArray();
    return Sequences.ofTokens(tokens, lengths(), WORDS, new Targets.StepClasses(next, WORDS));
  }

  private static int[] lengths() {
    int[] lengths = new int[BATCH];
    Arrays.fill(lengths, TIME_STEPS);
    return lengths;
  }

  private static Sequences rows() {
    SplittableRandom random = new SplittableRandom(1);
    float[] features = new float[BATCH * TIME_STEPS * INPUT];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextDouble(-1, 1);
    }
    int[] classes = random.ints(BATCH, 0, CLASSES).toArray();
    return Sequences.ofFeatures(features, lengths(), INPUT, new Targets.Classes(classes, CLASSES));
  }

  /** This thread and the workers. */
  private static long[] ids() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t == Thread.currentThread() || t.getName().startsWith("carousel-worker-"))
        .mapToLong(SteadyTraining::id)
        .toArray();
  }

  @SuppressWarnings("deprecation") // threadId() is of JDK 19.
  private static long id(Thread thread) {
    return thread.getId();
  }

  private static long allocated(long[] threads) {
    long sum = 0;
    for (long thread : threads) {
      sum += THREADS.getThreadAllocatedBytes(thread);
    }
    return sum;
  }
}
