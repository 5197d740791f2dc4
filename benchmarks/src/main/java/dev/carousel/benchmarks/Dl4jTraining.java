package dev.carousel.benchmarks;

import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.ParameterLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Training steps of Deeplearning4j: {@code fit} on batches that lie ready in its own layout,
 * [batchSize, inputSize, timeSteps]. For one LSTM layer, last step, dense and softmax.
 *
 * <p>Its gate blocks are g f o i. Its Adam adds epsilon elsewhere (see {@link
 * dev.carousel.training.Adam}), which costs the same.
 */
final class Dl4jTraining implements Contender {
  /** For each of its gate blocks the block of ours. */
  private static final int[] BLOCKS = {2, 1, 3, 0};

  private final Task task;
  private final MultiLayerNetwork network;
  private final List<INDArray> inputs = new ArrayList<>();
  private final List<INDArray> labels = new ArrayList<>();
  private int next;

  Dl4jTraining(Task task, int threads) {
    this.task = task;
    List<Layer> layers = task.network().layers();
    if (layers.size() != 3
        || !(layers.get(0) instanceof Layer.Recurrent recurrent)
        || !(recurrent.cell() instanceof Cell.Lstm lstm && lstm.isPlain())) {
      throw new IllegalArgumentException(
          "network: expected an LSTM, last step and dense, got " + layers);
    }
    Nd4j.getBackend(); // or the holder finds nothing
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    int inputSize = task.data().inputSize();
    int classes = task.network().outputSize();
    LSTM layer =
        new LSTM.Builder()
            .nIn(inputSize)
            .nOut(recurrent.hiddenSize())
            .activation(Activation.TANH)
            .gateActivationFunction(Activation.SIGMOID)
            .build();
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .updater(new Adam(1e-3))
            .list()
            .layer(new LastTimeStep(layer))
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(recurrent.hiddenSize())
                    .nOut(classes)
                    .activation(Activation.SOFTMAX)
                    .build())
            .build();
    network = new MultiLayerNetwork(configuration);
    network.init();
    fill();
    for (int batch = 0; batch < task.batches(); batch++) {
      INDArray timeMajor =
          Nd4j.create(task.features(batch), task.timeSteps(), task.batchSize(), inputSize);
      inputs.add(timeMajor.permute(1, 2, 0).dup('f'));
      INDArray wanted = Nd4j.zeros(task.batchSize(), classes);
      int[] of = task.classes(batch);
      for (int r = 0; r < of.length; r++) {
        wanted.putScalar(r, of[r], 1);
      }
      labels.add(wanted);
    }
  }

  private static String name(ParameterLayout.Slice slice) {
    return switch (slice.name()) {
      case "layers.0.weight_ih_l0" -> "0_W";
      case "layers.0.weight_hh_l0" -> "0_RW";
      case "layers.0.bias_l0" -> "0_b";
      case "layers.2.weight" -> "1_W";
      case "layers.2.bias" -> "1_b";
      default -> throw new IllegalArgumentException("parameter: has no name for " + slice.name());
    };
  }

  private void fill() {
    for (ParameterLayout.Slice slice : task.parameters().layout().slices()) {
      INDArray to = matrix(slice, network.getParam(name(slice)));
      for (int i = 0; i < slice.rows(); i++) {
        for (int j = 0; j < slice.columns(); j++) {
          to.putScalar(i, j, task.parameters().values()[slice.offset() + ours(slice, i, j)]);
        }
      }
    }
  }

  /** A view of a parameter with two dimensions: a bias has one, and takes any row for the first. */
  private static INDArray matrix(ParameterLayout.Slice slice, INDArray array) {
    return slice.isVector() ? array.reshape(1, array.length()) : array;
  }

  /** Where in a slice of ours the value stands that is its row i and column j. */
  private static int ours(ParameterLayout.Slice slice, int i, int j) {
    int size = slice.columns() / slice.blocks();
    int block = slice.blocks() == 1 ? 0 : BLOCKS[j / size];
    return i * slice.columns() + block * size + j % size;
  }

  @Override
  public Map<String, float[]> answer() {
    Map<String, float[]> answer = new LinkedHashMap<>();
    network.setInput(inputs.get(0));
    network.setLabels(labels.get(0));
    network.computeGradientAndScore();
    answer.put("loss", new float[] {(float) network.score()});
    answer.put("scores", network.output(inputs.get(0)).dup('c').data().asFloat());
    for (ParameterLayout.Slice slice : task.parameters().layout().slices()) {
      // Its gradients are sums over the batch: the updater divides.
      INDArray sum = matrix(slice, network.gradient().getGradientFor(name(slice)));
      float[] values = new float[slice.size()];
      for (int i = 0; i < slice.rows(); i++) {
        for (int j = 0; j < slice.columns(); j++) {
          values[ours(slice, i, j)] = sum.getFloat(i, j) / task.batchSize();
        }
      }
      answer.put("gradient of " + slice.name(), inFiles(slice, values));
    }
    network.clear();
    return answer;
  }

  private static float[] inFiles(ParameterLayout.Slice slice, float[] values) {
    float[] whole = new float[slice.offset() + values.length];
    System.arraycopy(values, 0, whole, slice.offset(), values.length);
    return CarouselTraining.inFiles(slice, whole);
  }

  @Override
  public void run() {
    network.fit(inputs.get(next), labels.get(next));
    next = (next + 1) % inputs.size();
  }

  @Override
  public void close() {
    network.close();
  }
}
