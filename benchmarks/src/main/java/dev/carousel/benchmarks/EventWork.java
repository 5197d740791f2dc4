package dev.carousel.benchmarks;

import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.State;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One event after the other of one sequence that never ends, one step of the network for each: an
 * array of features in, an array of scores out, and the state stays with whoever calls.
 */
abstract class EventWork implements Contender {
  private static final int ANSWERED = 16;

  private final float[][] events;
  private int next;

  /**
   * @param task whose sequences give the events, in any order
   */
  EventWork(Task task) {
    int inputSize = task.data().inputSize();
    events = new float[task.data().size()][inputSize];
    for (int i = 0; i < events.length; i++) {
      task.data().copyFeatures(i, i % task.timeSteps(), events[i], 0);
    }
  }

  /** The scores after an event; valid until the next. */
  abstract float[] step(float[] event);

  @Override
  public Map<String, float[]> answer() {
    float[] scores = new float[0];
    for (int i = 0; i < ANSWERED; i++) {
      float[] one = step(events[i]);
      scores = Arrays.copyOf(scores, scores.length + one.length);
      System.arraycopy(one, 0, scores, scores.length - one.length, one.length);
    }
    return Map.of("scores", scores);
  }

  @Override
  public void run() {
    step(events[next]);
    next = next + 1 < events.length ? next + 1 : 0;
  }

  static Model model(Task task) {
    return new Model(
        task.parameters(), Encoding.custom(), Provenance.of("random numbers"), List.of());
  }

  static final class Carousel extends EventWork {
    private final Session session;
    private final State state;

    Carousel(Task task, int threads) {
      super(task);
      Model model = model(task);
      session = Predictor.of(model).session(1, threads);
      state = model.initialState();
    }

    @Override
    float[] step(float[] event) {
      return session.step(event, state);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  static final class Onnx extends EventWork {
    private final OnnxRun run;
    private final float[] scores;

    Onnx(Task task, int threads) throws Exception {
      super(task);
      OnnxModel model = new OnnxModel(task.parameters());
      run = new OnnxRun(model, 1, 1, threads);
      scores = new float[model.classes()];
    }

    @Override
    float[] step(float[] event) {
      run.input().put(0, event);
      run.run();
      run.scores().get(0, scores);
      return scores;
    }

    @Override
    public void close() {
      run.close();
    }
  }
}
