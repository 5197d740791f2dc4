package dev.carousel.inference;

import dev.carousel.data.Sequences;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Model;

/**
 * A model ready to run: its weights in the kernel's layout. Immutable and shared by threads; a
 * {@link Session} is one thread's.
 */
public final class Predictor {
  private final Model model;
  private final CompiledNetwork compiled;

  private Predictor(Model model, Kernel kernel) {
    this.model = model;
    this.compiled = new CompiledNetwork(model.parameters(), kernel);
    compiled.pack();
  }

  /** On the kernel found; see {@link Kernels#chosen}. */
  public static Predictor of(Model model) {
    return of(model, Kernels.chosen().kernel());
  }

  /** On a kernel of the caller's choice; the answers are the same bits. */
  public static Predictor of(Model model, Kernel kernel) {
    return new Predictor(model, kernel);
  }

  /** The model that runs. */
  public Model model() {
    return model;
  }

  /**
   * A session for one thread.
   *
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session() {
    return new Session(model, compiled, 1, 1);
  }

  /**
   * A session that steps up to {@code keys} independent sequences in one call.
   *
   * @throws IllegalArgumentException if there is not at least 1 key
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session(int keys) {
    return new Session(model, compiled, keys, 1);
  }

  /**
   * A session of {@code threads} threads that step up to {@code keys} independent sequences in one
   * call, or one sequence of a network whose weights do not fit one core's cache; {@link
   * Session#close} ends them.
   *
   * @throws IllegalArgumentException if there is not at least 1 key and 1 thread
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session(int keys, int threads) {
    return new Session(model, compiled, keys, threads);
  }

  /** A scorer of whole sequences with {@code threads} threads. */
  public Scorer scorer(int threads) {
    return new Scorer(compiled, threads);
  }

  /** The scores of many independent sequences on the calling thread; see {@link Scorer#scores}. */
  public float[][] scores(Sequences data) {
    try (Scorer scorer = scorer(1)) {
      return scorer.scores(data);
    }
  }
}
