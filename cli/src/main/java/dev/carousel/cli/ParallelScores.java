package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.util.stream.IntStream;

/**
 * The scores of sequences, one vector for each, on several threads and in bounded memory. Neither
 * changes a bit.
 */
final class ParallelScores {
  /** Steps run at once by a thread; a longer sequence is run step by step. */
  private static final int MOST_STEPS = 1 << 14;

  private final Predictor predictor;
  private final Workers workers;

  ParallelScores(Predictor predictor, Workers workers) {
    this.predictor = predictor;
    this.workers = workers;
  }

  /** The scores of each sequence. */
  float[][] of(Sequences data) {
    float[][] scores = new float[data.size()][];
    workers.run(
        (worker, count) -> {
          int end = (int) ((long) data.size() * (worker + 1) / count);
          int from = (int) ((long) data.size() * worker / count);
          while (from < end) {
            int to = from + 1;
            long steps = data.length(from);
            while (to < end && steps + data.length(to) <= MOST_STEPS) {
              steps += data.length(to);
              to++;
            }
            Sequences part = data.select(IntStream.range(from, to).toArray());
            float[][] found = stepped(steps) ? step(part) : predictor.scores(part);
            System.arraycopy(found, 0, scores, from, found.length);
            from = to;
          }
        });
    return scores;
  }

  private boolean stepped(long steps) {
    return steps > MOST_STEPS && predictor.model().network().canStep();
  }

  private float[][] step(Sequences one) {
    Model model = predictor.model();
    Session session = predictor.session();
    State state = model.initialState();
    float[] features = new float[one.inputSize()];
    float[] last = {};
    for (int t = 0; t < one.length(0); t++) {
      if (one.hasTokens()) {
        last = session.step(one.token(0, t), state);
      } else {
        one.copyFeatures(0, t, features, 0);
        last = session.step(features, state);
      }
    }
    return new float[][] {last.clone()};
  }
}
