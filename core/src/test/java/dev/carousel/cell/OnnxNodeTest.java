package dev.carousel.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.testkit.AbsoluteError;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.Layout;
import dev.carousel.testkit.Parameters;
import dev.carousel.testkit.SharedData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The twelve RNN, LSTM and GRU node tests of ONNX. Which inputs a node has follows from their
 * number; the only attribute that matters is the layout, which the batchwise tests set to 1.
 */
class OnnxNodeTest {
  /** A TensorProto of floats or, for lengths, of integers whose values are not needed. */
  private record Tensor(List<Integer> shape, float[] values) {
    static Tensor read(Path file) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      List<Integer> shape = new java.util.ArrayList<>();
      float[] values = {};
      while (bytes.hasRemaining()) {
        int key = varint(bytes);
        if ((key & 7) == 0) {
          int value = varint(bytes);
          if (key >> 3 == 1) {
            shape.add(value);
          }
          continue;
        }
        assertThat(key & 7).as("wire type").isEqualTo(2);
        ByteBuffer field = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        int length = varint(field);
        int start = field.position();
        if (key >> 3 == 9 || key >> 3 == 4) {
          values = new float[length / 4];
          field.asFloatBuffer().get(values);
        }
        bytes.position(bytes.position() + start + length);
      }
      return new Tensor(shape, values);
    }

    private static int varint(ByteBuffer bytes) {
      int value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes.get();
        value |= (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    /** The first matrix of a tensor {@code [1, rows, columns]}. */
    double[][] matrix() {
      return FloatArrays.matrix(values, 0, shape.get(1), shape.get(2));
    }

    double[][][] cube() {
      double[][][] cube = new double[shape.get(0)][][];
      int size = shape.get(1) * shape.get(2);
      Arrays.setAll(cube, k -> FloatArrays.matrix(values, k * size, shape.get(1), shape.get(2)));
      return cube;
    }

    double[] vector(int from, int length) {
      return FloatArrays.vector(values, from, length);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gru_batchwise",
        "gru_defaults",
        "gru_seq_length",
        "gru_with_initial_bias",
        "lstm_batchwise",
        "lstm_defaults",
        "lstm_with_initial_bias",
        "lstm_with_peepholes",
        "rnn_seq_length",
        "simple_rnn_batchwise",
        "simple_rnn_defaults",
        "simple_rnn_with_initial_bias"
      })
  void node(String name) throws IOException {
    Path set = SharedData.path("reference/onnx_node_tests/test_" + name).resolve("test_data_set_0");
    boolean batchMajor = name.endsWith("batchwise");
    Cell cell = cell(name);
    Tensor w = Tensor.read(set.resolve("input_1.pb"));
    Tensor r = Tensor.read(set.resolve("input_2.pb"));
    int hiddenSize = r.shape().get(2);
    int width = cell.gates().size() * hiddenSize;
    double[] biases = new double[2 * width];
    if (Files.exists(set.resolve("input_3.pb"))) {
      biases = Tensor.read(set.resolve("input_3.pb")).vector(0, 2 * width);
    }
    Parameters parameters =
        Foreign.twoBiases(
            cell,
            w.matrix(),
            r.matrix(),
            Arrays.copyOf(biases, width),
            Arrays.copyOfRange(biases, width, 2 * width),
            order(cell));
    if (name.endsWith("peepholes")) {
      Tensor p = Tensor.read(set.resolve("input_7.pb"));
      parameters
          .with("peepholeI", p.vector(0, hiddenSize))
          .with("peepholeO", p.vector(hiddenSize, hiddenSize))
          .with("peepholeF", p.vector(2 * hiddenSize, hiddenSize));
    }
    double[][][] x = Tensor.read(set.resolve("input_0.pb")).cube();
    SequenceRun run = Foreign.run(cell, parameters).on(batchMajor ? x : Layout.swapped(x));
    if (name.endsWith("peepholes")) {
      double[][] h = Tensor.read(set.resolve("input_5.pb")).matrix();
      run.from(Foreign.states(h, Tensor.read(set.resolve("input_6.pb")).matrix()));
    }
    run.forward();
    double[][][] expected =
        Tensor.read(set.resolve(batchMajor ? "output_1.pb" : "output_0.pb")).cube();
    double[][] last = batchMajor ? Layout.swapped(expected)[0] : expected[0];
    double[][] actual =
        Arrays.stream(run.states())
            .map(state -> Arrays.copyOf(state, hiddenSize))
            .toArray(double[][]::new);
    AbsoluteError.assertBelow(5e-7, "Y_h", last, actual);
  }

  private static Cell cell(String name) {
    if (name.startsWith("gru")) {
      return new Cell.Gru(Cell.Gru.Reset.BEFORE);
    }
    if (name.startsWith("lstm")) {
      return name.endsWith("peepholes") ? new Cell.Lstm().withPeepholes() : new Cell.Lstm();
    }
    return new Cell.Elman(Activation.TANH);
  }

  /** ONNX has z r h, and i o f c. */
  private static int[] order(Cell cell) {
    return switch (cell.gates().size()) {
      case 1 -> new int[] {0};
      case 3 -> new int[] {1, 0, 2};
      default -> new int[] {0, 2, 3, 1};
    };
  }
}
