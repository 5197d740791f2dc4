package dev.carousel.inference;

import dev.carousel.data.Sequences;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Model;
import java.lang.ref.WeakReference;
import java.util.Arrays;

/**
 * A model ready to run: its weights in the kernel's layout. Shared by threads; a {@link Session} is
 * one thread's.
 *
 * <p>Where the weights fit a near cache, as many sessions and scorers as there are processors have
 * weights of their own, since the kernel reads them faster at some places of the memory than at
 * others, and nobody may move what others read. All others share one copy.
 */
public final class Predictor {
  private final Model model;
  private final CompiledNetwork compiled;
  // Those that one session or scorer has for itself, as long as it lives.
  private final WeakReference<CompiledNetwork>[] own;

  private Predictor(Model model, Kernel kernel) {
    this.model = model;
    this.compiled = new CompiledNetwork(model.parameters(), kernel);
    compiled.pack();
    own = references(compiled.isLarge() ? 0 : Runtime.getRuntime().availableProcessors());
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private static WeakReference<CompiledNetwork>[] references(int count) {
    WeakReference[] references = new WeakReference[count];
    Arrays.setAll(references, i -> new WeakReference<>(null));
    return references;
  }

  private synchronized Weights weights() {
    for (int i = 0; i < own.length; i++) {
      if (own[i].refersTo(null)) {
        CompiledNetwork network = new CompiledNetwork(model.parameters(), compiled.kernel());
        network.pack();
        own[i] = new WeakReference<>(network);
        return new Weights(network, true);
      }
    }
    return new Weights(compiled, false);
  }

  /** On the kernel found; see {@link Kernels#chosen}. */
  public static Predictor of(Model model) {
    return of(model, Kernels.chosen().kernel());
  }

  public static Predictor of(Model model, Kernel kernel) {
    return new Predictor(model, kernel);
  }

  public Model model() {
    return model;
  }

  /**
   * A session for one thread.
   *
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session() {
    return new Session(model, weights(), 1, 1);
  }

  /**
   * A session that steps up to {@code keys} independent sequences in one call.
   *
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session(int keys) {
    return new Session(model, weights(), keys, 1);
  }

  /**
   * A session of {@code threads} threads that step up to {@code keys} independent sequences in one
   * call; {@link Session#close} ends them.
   *
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session(int keys, int threads) {
    return new Session(model, weights(), keys, threads);
  }

  /** A scorer of whole sequences with {@code threads} threads. */
  public Scorer scorer(int threads) {
    return new Scorer(weights(), threads);
  }

  /** The scores of many independent sequences on the calling thread; see {@link Scorer#scores}. */
  public float[][] scores(Sequences data) {
    try (Scorer scorer = new Scorer(new Weights(compiled, false), 1)) {
      return scorer.scores(data);
    }
  }
}
