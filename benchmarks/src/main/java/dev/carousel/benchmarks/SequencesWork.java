package dev.carousel.benchmarks;

import dev.carousel.data.Sequences;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Scorer;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.IntStream;

/** Batches of whole sequences, each from a zero state, to the scores after their last step. */
final class SequencesWork {
  private SequencesWork() {}

  static final class Carousel implements Contender {
    private final Scorer scorer;
    private final Sequences batch;
    private final int classes;

    Carousel(Task task, int threads) {
      scorer = Predictor.of(EventWork.model(task)).scorer(threads);
      batch = task.data().select(IntStream.range(0, task.batchSize()).toArray());
      classes = task.network().outputSize();
    }

    @Override
    public Map<String, float[]> answer() {
      float[][] rows = scorer.scores(batch);
      float[] scores = new float[rows.length * classes];
      for (int r = 0; r < rows.length; r++) {
        System.arraycopy(rows[r], 0, scores, r * classes, classes);
      }
      return Map.of("scores", scores);
    }

    @Override
    public void run() {
      scorer.scores(batch);
    }

    @Override
    public void close() {
      scorer.close();
    }
  }

  /** The input lies in its tensor beforehand, and the scores are left in theirs. */
  static final class Onnx implements Contender {
    private final OnnxRun run;
    private final float[] zeros;

    Onnx(Task task, int threads) throws Exception {
      OnnxModel model = new OnnxModel(task.parameters());
      run = new OnnxRun(model, task.timeSteps(), task.batchSize(), threads);
      run.input().put(0, task.features(0));
      zeros = new float[task.batchSize() * model.hiddenSize()];
    }

    @Override
    public Map<String, float[]> answer() {
      run();
      FloatBuffer scores = run.scores();
      float[] copy = new float[scores.capacity()];
      scores.get(0, copy);
      return Map.of("scores", copy);
    }

    @Override
    public void run() {
      run.h().put(0, zeros);
      run.c().put(0, zeros);
      run.run();
    }

    @Override
    public void close() {
      run.close();
    }
  }
}
