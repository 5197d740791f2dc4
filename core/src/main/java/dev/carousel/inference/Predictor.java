package dev.carousel.inference;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Steps;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import java.util.stream.IntStream;

/**
 * A model ready to run: its weights in the kernel's layout. Immutable and shared by threads; a
 * {@link Session} is one thread's.
 */
public final class Predictor {
  private static final int ROWS = 256;

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
    return new Session(model, compiled, 1);
  }

  /**
   * A session that steps up to {@code keys} independent sequences in one call.
   *
   * @throws IllegalStateException if the network cannot be run one input at a time
   */
  public Session session(int keys) {
    return new Session(model, compiled, keys);
  }

  /**
   * The scores of many independent sequences, each from a zero state.
   *
   * @param data whose inputs fit the network; targets are not looked at
   * @return for each sequence its scores: {@code outputSize} values, or {@code length x outputSize}
   *     for a network with scores at every step
   * @throws IllegalArgumentException naming what the first layer expects and what the data has
   */
  public float[][] scores(Sequences data) {
    Network network = model.network();
    InputCheck.check(network, data);
    int size = network.outputSize();
    float[][] scores = new float[data.size()][];
    int[] all = IntStream.range(0, data.size()).toArray();
    Batch batch = new Batch(data);
    NetworkPass pass = NetworkPass.forInference(compiled);
    for (int at = 0; at < all.length; at += ROWS) {
      batch.select(all, at, Math.min(ROWS, all.length - at));
      batch.window(pass, 0, batch.longest());
      RowRange range = RowRange.all(pass.steps());
      batch.fill(pass, range);
      pass.forward(range);
      for (int r = 0; r < batch.size(); r++) {
        scores[batch.sequence(r)] = scores(pass, r, size);
      }
    }
    return scores;
  }

  private float[] scores(NetworkPass pass, int r, int size) {
    Steps steps = pass.steps();
    boolean perStep = pass.output().perStep();
    int vectors = perStep ? steps.length(r) : 1;
    float[] scores = new float[vectors * size];
    for (int t = 0; t < vectors; t++) {
      int from = pass.output().index(perStep ? steps.offset(t) + r : r);
      System.arraycopy(pass.output().values(), from, scores, t * size, size);
    }
    Scores.apply(compiled.kernel(), model.network().head(), vectors, size, scores, 0);
    return scores;
  }
}
