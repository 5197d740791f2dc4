package dev.carousel.benchmarks;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import java.util.List;

/**
 * The ONNX form of a network of one LSTM layer, its last step, a dense layer and softmax: what ONNX
 * Runtime is given.
 *
 * <p>Inputs {@code x} [timeSteps, batchSize, inputSize], {@code h0} and {@code c0} [1, batchSize,
 * hiddenSize]; outputs {@code scores} [1, batchSize, classes], {@code h} and {@code c} like those
 * of before.
 */
final class OnnxModel {
  // For each gate block of ONNX, i o f c, the one of Carousel, i f g o.
  private static final int[] BLOCKS = {0, 3, 1, 2};

  private final Parameters parameters;
  private final int inputSize;
  private final int hiddenSize;
  private final int classes;

  /**
   * @param parameters of an LSTM, layer 0, and a dense layer, layer 2
   */
  OnnxModel(Parameters parameters) {
    this.parameters = parameters;
    ParameterLayout.Slice weight = slice("layers.0.weight_ih_l0");
    this.inputSize = weight.rows();
    this.hiddenSize = weight.columns() / BLOCKS.length;
    this.classes = slice("layers.2.weight").columns();
  }

  int inputSize() {
    return inputSize;
  }

  int hiddenSize() {
    return hiddenSize;
  }

  int classes() {
    return classes;
  }

  /** The bytes of a model for sequences of that length, in batches of that size. */
  byte[] bytes(int timeSteps, int batchSize) {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("lstm")
            .addAllInput(
                List.of(
                    value("x", timeSteps, batchSize, inputSize),
                    value("h0", 1, batchSize, hiddenSize),
                    value("c0", 1, batchSize, hiddenSize)))
            .addAllOutput(
                List.of(
                    value("scores", 1, batchSize, classes),
                    value("h", 1, batchSize, hiddenSize),
                    value("c", 1, batchSize, hiddenSize)))
            .addAllInitializer(
                List.of(
                    tensor("w", gates("layers.0.weight_ih_l0"), 1, 4 * hiddenSize, inputSize),
                    tensor("r", gates("layers.0.weight_hh_l0"), 1, 4 * hiddenSize, hiddenSize),
                    // The input's biases, then the recurrent ones: Carousel has their sum.
                    tensor(
                        "b",
                        Arrays.copyOf(gates("layers.0.bias_l0"), 8 * hiddenSize),
                        1,
                        8 * hiddenSize),
                    tensor("dense", values("layers.2.weight"), hiddenSize, classes),
                    tensor("bias", values("layers.2.bias"), classes)))
            .addNode(
                node("LSTM", List.of("x", "w", "r", "b", "", "h0", "c0"), "", "h", "c")
                    .addAttribute(attribute("hidden_size", hiddenSize)))
            .addNode(node("MatMul", List.of("h", "dense"), "product"))
            .addNode(node("Add", List.of("product", "bias"), "sum"))
            .addNode(node("Softmax", List.of("sum"), "scores").addAttribute(attribute("axis", 2)))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(14))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private ParameterLayout.Slice slice(String name) {
    return parameters.layout().slice(name);
  }

  private float[] values(String name) {
    ParameterLayout.Slice slice = slice(name);
    return Arrays.copyOfRange(parameters.values(), slice.offset(), slice.offset() + slice.size());
  }

  /** [inputs, 4 hiddenSize] in Carousel's order to [4 hiddenSize, inputs] in that of ONNX. */
  private float[] gates(String name) {
    float[] from = values(name);
    int rows = slice(name).rows();
    int columns = slice(name).columns();
    float[] to = new float[from.length];
    for (int block = 0; block < BLOCKS.length; block++) {
      for (int j = 0; j < hiddenSize; j++) {
        for (int i = 0; i < rows; i++) {
          to[(block * hiddenSize + j) * rows + i] =
              from[i * columns + BLOCKS[block] * hiddenSize + j];
        }
      }
    }
    return to;
  }

  private static ValueInfoProto value(String name, int... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (int size : shape) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  private static TensorProto tensor(String name, float[] values, int... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
    for (int size : shape) {
      tensor.addDims(size);
    }
    for (float value : values) {
      tensor.addFloatData(value);
    }
    return tensor.build();
  }

  private static NodeProto.Builder node(String operator, List<String> inputs, String... outputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addAllInput(inputs)
        .addAllOutput(List.of(outputs));
  }

  private static AttributeProto attribute(String name, int value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }
}
