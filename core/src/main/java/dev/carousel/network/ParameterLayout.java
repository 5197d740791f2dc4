package dev.carousel.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where each parameter of a network lies in one {@code float[]}, so that optimizer, clipping,
 * saving and gradient checks are single loops.
 *
 * <p>Weights are kept input-major, {@code [inputs, outputs]}, since the kernels run along the
 * outputs; files have PyTorch's {@code [outputs, inputs]}, and {@link Slice#transposedInFiles} says
 * where the two differ. Names are PyTorch's behind the index of the layer: {@code
 * layers.0.weight_ih_l0}, {@code layers.0.weight_hh_l0_reverse}.
 *
 * <p>Not PyTorch's are biases and peepholes. There is one bias for each gate block, {@code
 * bias_l0}. A reset-after GRU has {@code bias_hn_l0} in addition, the candidate's recurrent bias,
 * which cannot be merged since it stands inside {@code r (...)}. Peepholes are {@code
 * weight_ci_l0}, {@code weight_cf_l0}, {@code weight_co_l0}.
 */
public final class ParameterLayout {

  /** What a parameter is; weight decay and penalties apply to all but biases. */
  public enum Role {
    WEIGHT,
    RECURRENT_WEIGHT,
    BIAS,
    PEEPHOLE,
    EMBEDDING
  }

  /**
   * One parameter.
   *
   * @param name behind {@code layers.<index>.}
   * @param layer the index of its layer
   * @param offset of its first value in the parameter array
   * @param rows of the matrix as it is kept; 1 for a vector
   * @param columns of the matrix as it is kept
   * @param role what it is
   * @param blocks gate blocks along the columns
   * @param initializer how it starts
   */
  public record Slice(
      String name,
      int layer,
      int offset,
      int rows,
      int columns,
      Role role,
      int blocks,
      Initializer initializer) {
    /** The number of values. */
    public int size() {
      return rows * columns;
    }

    /** The columns of one gate block. */
    public int width() {
      return columns / blocks;
    }

    /** Units {@code [from, to)} of every gate block, kept at {@code offset}. */
    Slice units(int from, int to, int offset) {
      Objects.checkFromToIndex(from, to, width());
      int some = blocks * (to - from);
      return new Slice(name, layer, offset, rows, some, role, blocks, initializer);
    }

    /** Whether it is one row, written to files with one dimension. */
    public boolean isVector() {
      return role == Role.BIAS || role == Role.PEEPHOLE;
    }

    /** Whether files hold the transpose, {@code [columns, rows]}. */
    public boolean transposedInFiles() {
      return role == Role.WEIGHT || role == Role.RECURRENT_WEIGHT;
    }
  }

  private final List<Slice> slices;
  private final int size;

  private ParameterLayout(List<Slice> slices, int size) {
    this.slices = List.copyOf(slices);
    this.size = size;
  }

  static ParameterLayout of(Network network) {
    Placing placing = new Placing();
    List<Network.Signal> signals = network.signals();
    for (int i = 0; i < network.layers().size(); i++) {
      placing.layer = i;
      int inputSize = signals.get(i).size();
      Layer layer = network.layers().get(i);
      if (layer instanceof Layer.Embedding embedding) {
        int tokens = ((Input.Tokens) network.input()).count();
        placing.add("weight", tokens, embedding.size(), Role.EMBEDDING, 1, embedding.initializer());
      } else if (layer instanceof Layer.Recurrent recurrent) {
        placing.recurrent(recurrent, inputSize, "_l0");
      } else if (layer instanceof Layer.Bidirectional both) {
        Layer.Recurrent direction =
            new Layer.Recurrent(
                both.cell(),
                both.hiddenSize(),
                both.inputWeights(),
                both.recurrentWeights(),
                both.biases());
        placing.recurrent(direction, inputSize, "_l0");
        placing.recurrent(direction, inputSize, "_l0_reverse");
      } else if (layer instanceof Layer.Dense dense) {
        placing.add("weight", inputSize, dense.size(), Role.WEIGHT, 1, dense.initializer());
        placing.add("bias", 1, dense.size(), Role.BIAS, 1, ZERO);
      }
    }
    return new ParameterLayout(placing.slices, placing.offset);
  }

  private static final Initializer ZERO = new Initializer.Constant(0f);

  private static final class Placing {
    final List<Slice> slices = new ArrayList<>();
    int offset;
    int layer;

    void add(String name, int rows, int columns, Role role, int blocks, Initializer initializer) {
      String full = "layers." + layer + "." + name;
      slices.add(new Slice(full, layer, offset, rows, columns, role, blocks, initializer));
      offset = Network.checkedSize(offset + (long) rows * columns);
    }

    void recurrent(Layer.Recurrent spec, int inputSize, String suffix) {
      Cell cell = spec.cell();
      int h = spec.hiddenSize();
      int gates = cell.gates().size();
      int width = Network.checkedSize((long) gates * h);
      add("weight_ih" + suffix, inputSize, width, Role.WEIGHT, gates, spec.inputWeights());
      add("weight_hh" + suffix, h, width, Role.RECURRENT_WEIGHT, gates, spec.recurrentWeights());
      add("bias" + suffix, 1, width, Role.BIAS, gates, ZERO);
      if (cell instanceof Cell.Gru gru && gru.reset() == Cell.Gru.Reset.AFTER) {
        add("bias_hn" + suffix, 1, h, Role.BIAS, 1, ZERO);
      }
      if (cell instanceof Cell.Lstm lstm && lstm.peepholes()) {
        for (String gate : lstm.coupledInputForget() ? List.of("f", "o") : List.of("i", "f", "o")) {
          add("weight_c" + gate + suffix, 1, h, Role.PEEPHOLE, 1, ZERO);
        }
      }
    }
  }

  /** The slices, in order, without gaps. */
  public List<Slice> slices() {
    return slices;
  }

  /** The number of parameters. */
  public int size() {
    return size;
  }

  /**
   * The slice of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public Slice slice(String name) {
    return slices.stream()
        .filter(slice -> slice.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "parameter: expected one of "
                        + slices.stream().map(Slice::name).toList()
                        + ", got "
                        + name));
  }
}
