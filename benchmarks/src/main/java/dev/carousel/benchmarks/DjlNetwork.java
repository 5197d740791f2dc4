package dev.carousel.benchmarks;

import ai.djl.engine.Engine;
import ai.djl.modality.nlp.DefaultVocabulary;
import ai.djl.modality.nlp.embedding.TrainableWordEmbedding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import dev.carousel.network.Cell;
import dev.carousel.network.Input;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A network of Carousel's as blocks of DJL on the PyTorch engine.
 *
 * <p>Recurrent layers of one kind and size that follow each other are one block with several
 * layers: that is how PyTorch wants them. Data is time-major, PyTorch's own order. PyTorch has two
 * biases where Carousel has one; the second starts at 0, but for the candidate of a GRU.
 */
final class DjlNetwork {
  static final String ENGINE = "PyTorch";

  private final SequentialBlock block = new SequentialBlock();
  // For each layer of ours that has parameters, the block that has them and its layer within.
  private final Map<Integer, Block> blocks = new LinkedHashMap<>();
  private final Map<Integer, Integer> depths = new LinkedHashMap<>();
  private final Parameters parameters;

  private DjlNetwork(Parameters parameters) {
    this.parameters = parameters;
  }

  /**
   * Loads the engine.
   *
   * @param threads for the products; the engine takes them when it is first loaded
   * @throws RuntimeException or a {@link LinkageError} if its native library does not load
   */
  static void load(int threads) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Engine.getEngine(ENGINE);
  }

  static DjlNetwork of(Parameters parameters) {
    DjlNetwork made = new DjlNetwork(parameters);
    List<Layer> layers = parameters.network().layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (layer instanceof Layer.Recurrent recurrent) {
        int count = 1;
        while (i + count < layers.size() && layers.get(i + count).equals(layer)) {
          count++;
        }
        Block stack = made.recurrent(recurrent, count);
        for (int depth = 0; depth < count; depth++) {
          made.blocks.put(i + depth, stack);
          made.depths.put(i + depth, depth);
        }
        i += count - 1;
      } else if (layer instanceof Layer.Embedding embedding) {
        int tokens = ((Input.Tokens) parameters.network().input()).count();
        List<String> words = IntStream.range(0, tokens).mapToObj(Integer::toString).toList();
        made.put(
            i,
            TrainableWordEmbedding.builder()
                .setVocabulary(DefaultVocabulary.builder().add(words).build())
                .setEmbeddingSize(embedding.size())
                .build());
      } else if (layer instanceof Layer.Dense dense) {
        made.put(i, Linear.builder().setUnits(dense.size()).build());
      } else if (layer.equals(new Layer.Pool(Layer.Pool.Kind.LAST))) {
        NDIndex last = new NDIndex(-1);
        made.block.addSingleton(array -> array.get(last));
      } else {
        throw new IllegalArgumentException("layer " + i + ": has no block yet: " + layer.label());
      }
    }
    return made;
  }

  private void put(int layer, Block made) {
    block.add(made);
    blocks.put(layer, made);
  }

  private Block recurrent(Layer.Recurrent layer, int count) {
    Block made;
    if (layer.cell() instanceof Cell.Lstm lstm && lstm.isPlain()) {
      made =
          LSTM.builder()
              .setStateSize(layer.hiddenSize())
              .setNumLayers(count)
              .optBatchFirst(false)
              .build();
    } else if (layer.cell().equals(new Cell.Gru(Cell.Gru.Reset.AFTER))) {
      made =
          GRU.builder()
              .setStateSize(layer.hiddenSize())
              .setNumLayers(count)
              .optBatchFirst(false)
              .build();
    } else {
      throw new IllegalArgumentException("cell: PyTorch has none like " + layer.cell());
    }
    block.add(made);
    return made;
  }

  Block block() {
    return block;
  }

  Network network() {
    return parameters.network();
  }

  /** Copies the parameters into the blocks, which have been initialized. */
  void fill() {
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      float[] values = CarouselTraining.inFiles(slice, parameters.values());
      if (slice.name().contains(".bias_l0")) {
        set(bias(slice, "i2h"), values);
        set(bias(slice, "h2h"), new float[values.length]);
      } else if (slice.name().contains(".bias_hn_l0")) {
        float[] whole = new float[3 * values.length];
        System.arraycopy(values, 0, whole, 2 * values.length, values.length);
        set(bias(slice, "h2h"), whole);
      } else {
        set(array(slice), values);
      }
    }
  }

  private static void set(NDArray array, float[] values) {
    if (array.size() != values.length) {
      throw new IllegalStateException(
          "parameter of DJL: expected " + values.length + " values, got " + array.getShape());
    }
    // Not array.set: it would put a buffer of Java's under the array, and not keep hold of it.
    try (NDArray copy = array.getManager().create(values, array.getShape())) {
      copy.copyTo(array);
    }
  }

  /** The gradients of all parameters, named and laid out as {@link CarouselTraining#answer} has. */
  Map<String, float[]> gradients() {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      float[] values;
      if (slice.name().contains(".bias_hn_l0")) {
        float[] whole = gradient(bias(slice, "h2h"));
        values = Arrays.copyOfRange(whole, 2 * whole.length / 3, whole.length);
      } else {
        values = gradient(array(slice));
      }
      gradients.put("gradient of " + slice.name(), values);
    }
    return gradients;
  }

  /** Sets all gradients to zero: PyTorch adds to what is there. */
  void clearGradients() {
    block
        .getParameters()
        .forEach(
            pair -> {
              try (NDArray gradient = pair.getValue().getArray().getGradient()) {
                gradient.subi(gradient);
              }
            });
  }

  private static float[] gradient(NDArray array) {
    try (NDArray gradient = array.getGradient()) {
      return gradient.toFloatArray();
    }
  }

  private NDArray array(ParameterLayout.Slice slice) {
    if (slice.name().contains(".weight_ih_l0")) {
      return find(slice, "i2h_WEIGHT");
    }
    if (slice.name().contains(".weight_hh_l0")) {
      return find(slice, "h2h_WEIGHT");
    }
    if (slice.name().contains(".bias_l0")) {
      return bias(slice, "i2h");
    }
    return switch (slice.role()) {
      case EMBEDDING -> find(slice, "embedding");
      case BIAS -> find(slice, "bias");
      default -> find(slice, "weight");
    };
  }

  private NDArray bias(ParameterLayout.Slice slice, String side) {
    return find(slice, side + "_BIAS");
  }

  private NDArray find(ParameterLayout.Slice slice, String name) {
    Integer depth = depths.get(slice.layer());
    String full = depth == null ? name : "l_" + depth + "_" + name;
    Block owner = blocks.get(slice.layer());
    if (owner == null) {
      throw new IllegalStateException(slice.name() + ": its layer has no block");
    }
    return owner.getDirectParameters().get(full).getArray();
  }
}
