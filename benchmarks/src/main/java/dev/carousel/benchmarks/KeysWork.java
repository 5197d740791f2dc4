package dev.carousel.benchmarks;

import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.util.Map;

/**
 * One event of each of many keys in one step of the network. Each key has its state in an array of
 * its own, as a store would hold it: gathering the states before the step and writing them back
 * after it is part of the work.
 */
abstract class KeysWork implements Contender {
  final int keys;
  private final float[][] events;
  private int next;

  /**
   * @param task whose batches give one event for each key
   */
  KeysWork(Task task) {
    keys = task.batchSize();
    int inputSize = task.data().inputSize();
    events = new float[task.timeSteps()][keys * inputSize];
    for (int t = 0; t < events.length; t++) {
      for (int key = 0; key < keys; key++) {
        task.data().copyFeatures(key, t, events[t], key * inputSize);
      }
    }
  }

  /**
   * The scores after an event of each key, [keys, classes]; valid until the next.
   *
   * @param events [keys, inputSize]
   */
  abstract float[] step(float[] events);

  /** The last scores when every key has had all its events. */
  @Override
  public Map<String, float[]> answer() {
    float[] scores = {};
    for (float[] step : events) {
      scores = step(step);
    }
    return Map.of("scores", scores.clone());
  }

  @Override
  public void run() {
    step(events[next]);
    next = next + 1 < events.length ? next + 1 : 0;
  }

  static final class Carousel extends KeysWork {
    private final Session session;
    private final State[] states;

    Carousel(Task task, int threads) {
      super(task);
      Model model = EventWork.model(task);
      session = Predictor.of(model).session(keys, threads);
      states = new State[keys];
      for (int key = 0; key < keys; key++) {
        states[key] = model.initialState();
      }
    }

    @Override
    float[] step(float[] events) {
      return session.step(events, states, keys);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  static final class Onnx extends KeysWork {
    private final OnnxRun run;
    private final int hiddenSize;
    private final float[][] states;
    private final float[] scores;

    Onnx(Task task, int threads) throws Exception {
      super(task);
      OnnxModel model = new OnnxModel(task.parameters());
      run = new OnnxRun(model, 1, keys, threads);
      hiddenSize = model.hiddenSize();
      states = new float[keys][2 * hiddenSize];
      scores = new float[keys * model.classes()];
    }

    @Override
    float[] step(float[] events) {
      run.input().put(0, events);
      for (int key = 0; key < keys; key++) {
        run.h().put(key * hiddenSize, states[key], 0, hiddenSize);
        run.c().put(key * hiddenSize, states[key], hiddenSize, hiddenSize);
      }
      run.run();
      for (int key = 0; key < keys; key++) {
        run.h().get(key * hiddenSize, states[key], 0, hiddenSize);
        run.c().get(key * hiddenSize, states[key], hiddenSize, hiddenSize);
      }
      run.scores().get(0, scores);
      return scores;
    }

    @Override
    public void close() {
      run.close();
    }
  }
}
