package dev.carousel.benchmarks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Scores of whole batches of sequences from PyTorch through DJL. The batches lie ready as native
 * arrays, as in {@link DjlTraining}; the scores are read back into Java, as whoever wants them has
 * to.
 */
final class DjlInference implements Contender {
  private final DjlNetwork network;
  private final Model model;
  private final ParameterStore parameters;
  private final List<NDArray> inputs = new ArrayList<>();
  private int next;

  DjlInference(Task task, int threads) {
    DjlNetwork.load(threads);
    network = DjlNetwork.of(task.parameters());
    model = Model.newInstance("peer", DjlNetwork.ENGINE);
    model.setBlock(network.block());
    NDManager manager = model.getNDManager();
    for (int batch = 0; batch < task.batches(); batch++) {
      inputs.add(DjlTraining.input(manager, task, batch));
    }
    network.block().initialize(manager, DataType.FLOAT32, inputs.get(0).getShape());
    network.fill();
    parameters = new ParameterStore(manager, false);
  }

  private float[] scores(int batch) {
    NDArray input = inputs.get(batch);
    try (NDManager scope = model.getNDManager().newSubManager()) {
      // What is computed from an array belongs to the manager of the array, and is freed with it.
      input.attach(scope);
      NDList output = network.block().forward(parameters, new NDList(input), false);
      float[] scores = output.singletonOrThrow().softmax(-1).toFloatArray();
      input.attach(model.getNDManager());
      return scores;
    }
  }

  @Override
  public Map<String, float[]> answer() {
    return Map.of("scores", scores(0));
  }

  @Override
  public void run() {
    scores(next);
    next = (next + 1) % inputs.size();
  }

  @Override
  public void close() {
    model.close();
  }
}
