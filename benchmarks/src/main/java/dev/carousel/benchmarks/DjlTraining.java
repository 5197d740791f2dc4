package dev.carousel.benchmarks;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Training steps of PyTorch through DJL: its trainer, gradient collector, softmax cross-entropy and
 * Adam.
 *
 * <p>The batches lie ready as native arrays in PyTorch's own layout. Carousel copies its batch out
 * of the data set within the time it is measured for; that asymmetry is in the peer's favour. The
 * loss is not read back.
 */
final class DjlTraining implements Contender {
  private final DjlNetwork network;
  private final Model model;
  private final Trainer trainer;
  private final List<NDArray> inputs = new ArrayList<>();
  private final List<NDArray> labels = new ArrayList<>();
  private int next;

  DjlTraining(Task task, int threads) {
    DjlNetwork.load(threads);
    network = DjlNetwork.of(task.parameters());
    model = Model.newInstance("peer", DjlNetwork.ENGINE);
    model.setBlock(network.block());
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optInitializer(Initializer.ZEROS, (Parameter parameter) -> true)
                .optDevices(Engine.getEngine(DjlNetwork.ENGINE).getDevices(0))
                .optOptimizer(
                    Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build()));
    NDManager manager = trainer.getManager();
    for (int batch = 0; batch < task.batches(); batch++) {
      inputs.add(input(manager, task, batch));
      int[] classes = task.classes(batch);
      long[] wanted = new long[classes.length];
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = classes[i];
      }
      labels.add(owned(manager.create(wanted, shape(task, wanted.length))));
    }
    trainer.initialize(inputs.get(0).getShape());
    network.fill();
  }

  /** The input of a batch, time-major. */
  static NDArray input(NDManager manager, Task task, int batch) {
    if (task.data().hasTokens()) {
      return owned(
          manager.create(task.tokens(batch), new Shape(task.timeSteps(), task.batchSize())));
    }
    return owned(
        manager.create(
            task.features(batch),
            new Shape(task.timeSteps(), task.batchSize(), task.data().inputSize())));
  }

  /** A copy in memory that PyTorch allocated, aligned as it likes it; a new array is Java's. */
  private static NDArray owned(NDArray created) {
    try (created) {
      return created.duplicate();
    }
  }

  private static Shape shape(Task task, int labels) {
    return labels == task.batchSize()
        ? new Shape(labels)
        : new Shape(task.timeSteps(), task.batchSize());
  }

  @Override
  public Map<String, float[]> answer() {
    Map<String, float[]> answer = new LinkedHashMap<>();
    try (NDManager scope = trainer.getManager().newSubManager()) {
      attach(0, scope);
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList output = trainer.forward(new NDList(inputs.get(0)));
        NDArray loss = trainer.getLoss().evaluate(new NDList(labels.get(0)), output);
        collector.backward(loss);
        answer.put("loss", loss.toFloatArray());
        answer.put("scores", output.singletonOrThrow().softmax(-1).toFloatArray());
      }
      answer.putAll(network.gradients());
      network.clearGradients();
      attach(0, trainer.getManager());
    }
    return answer;
  }

  /** What is computed from an array belongs to the manager of the array, and is freed with it. */
  private void attach(int batch, NDManager manager) {
    inputs.get(batch).attach(manager);
    labels.get(batch).attach(manager);
  }

  @Override
  public void run() {
    try (NDManager scope = trainer.getManager().newSubManager()) {
      attach(next, scope);
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList output = trainer.forward(new NDList(inputs.get(next)));
        collector.backward(trainer.getLoss().evaluate(new NDList(labels.get(next)), output));
      }
      // Updates the parameters and sets the gradients to zero.
      trainer.step();
      attach(next, trainer.getManager());
    }
    next = (next + 1) % inputs.size();
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
