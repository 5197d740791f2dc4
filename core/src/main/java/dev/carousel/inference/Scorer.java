package dev.carousel.inference;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowParts;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Steps;
import dev.carousel.execution.Workers;
import dev.carousel.network.Network;
import java.util.stream.IntStream;

/**
 * Scores whole sequences, each from a zero state, with a team of threads and buffers that are kept
 * between calls. The threads share the sequences, so their number cannot change a bit.
 *
 * <p>One thread calls; {@link #close} ends the others.
 */
public final class Scorer implements AutoCloseable {
  private final CompiledNetwork compiled;
  private final Network network;
  private final NetworkPass pass;
  private final int outputSize;
  private final Workers workers;
  private final RowParts parts;

  Scorer(CompiledNetwork compiled, int threads) {
    this.compiled = compiled;
    this.network = compiled.network();
    this.outputSize = network.outputSize();
    this.pass = NetworkPass.forInference(compiled);
    this.workers = new Workers(threads);
    this.parts = new RowParts(threads);
  }

  /**
   * The scores of many independent sequences.
   *
   * @param data whose inputs fit the network; targets are not looked at
   * @return for each sequence its scores: {@code outputSize} values, or {@code length x outputSize}
   *     for a network with scores at every step
   * @throws IllegalArgumentException naming what the first layer expects and what the data has
   */
  public float[][] scores(Sequences data) {
    InputCheck.check(network, data);
    float[][] scores = new float[data.size()][];
    int[] all = IntStream.range(0, data.size()).toArray();
    Batch batch = new Batch(data);
    int rows = 0;
    for (int at = 0; at < all.length; at += rows) {
      rows = compiled.sequencesAtOnce(data, at, Integer.MAX_VALUE);
      batch.select(all, at, rows);
      batch.window(pass, 0, batch.longest(), workers.count());
      parts.set(pass.steps());
      pass.alignWeights(pass.steps().total());
      workers.run(
          (worker, count) ->
              parts.each(
                  worker,
                  range -> {
                    batch.fill(pass, range);
                    pass.forward(range);
                    for (int r = range.from(); r < range.to(); r++) {
                      scores[batch.sequence(r)] = scores(r);
                    }
                  }));
    }
    return scores;
  }

  private float[] scores(int r) {
    Steps steps = pass.steps();
    boolean perStep = pass.output().perStep();
    int vectors = perStep ? steps.length(r) : 1;
    float[] scores = new float[vectors * outputSize];
    for (int t = 0; t < vectors; t++) {
      int from = pass.output().index(perStep ? steps.vector(r, t) : r);
      System.arraycopy(pass.output().values(), from, scores, t * outputSize, outputSize);
    }
    Scores.apply(compiled.kernel(), network.head(), vectors, outputSize, scores, 0);
    return scores;
  }

  /** Ends the other threads. */
  @Override
  public void close() {
    workers.close();
  }
}
