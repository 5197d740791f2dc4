package dev.carousel.execution;

import dev.carousel.cell.Packing;
import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.network.Activation;
import dev.carousel.network.LayerParameters;
import dev.carousel.network.ParameterLayout;
import java.util.List;

/** {@code y = f(W x + b)} on every vector, wherever it stands. */
final class DenseLayer implements CompiledLayer {
  private static final float[] NONE = {};

  private final Kernel kernel;
  private final float[] parameters;
  private final int inputSize;
  private final int size;
  private final int weight;
  private final int bias;
  private final Activation activation;
  private final PackedMatrix packed;
  private final PackedMatrix packedTransposed;
  private final UnitShares<DenseLayer> shares;

  DenseLayer(Kernel kernel, LayerParameters layer, Activation activation) {
    ParameterLayout.Slice slice = layer.get("weight");
    this.kernel = kernel;
    this.parameters = layer.values();
    this.inputSize = slice.rows();
    this.size = slice.columns();
    this.weight = slice.offset();
    this.bias = layer.get("bias").offset();
    this.activation = activation;
    this.packed = kernel.packed(inputSize, size);
    this.packedTransposed = kernel.packed(size, inputSize);
    this.shares =
        new UnitShares<>(
            kernel,
            size,
            (from, to) -> {
              DenseLayer some = new DenseLayer(kernel, layer.units(from, to), activation);
              some.pack(0, 1, Packing.FORWARD);
              return some;
            });
  }

  @Override
  public void pack(int worker, int workers, Packing packing) {
    if (worker == 0) {
      shares.forget();
    }
    int panels = packed.panels();
    packed.pack(
        panels * worker / workers, panels * (worker + 1) / workers, parameters, weight, size);
    if (packing == Packing.BACKWARD_TO_INPUTS) {
      int transposed = packedTransposed.panels();
      packedTransposed.packTransposed(
          transposed * worker / workers,
          transposed * (worker + 1) / workers,
          parameters,
          weight,
          size);
    }
  }

  @Override
  public void align() {
    packed.align();
    packedTransposed.align();
    shares.each(DenseLayer::align);
  }

  @Override
  public LayerPass pass(Activations in) {
    return new DensePass(in);
  }

  /** {@code W x + b} for vectors without gaps between them, to where there may be. */
  private void product(int vectors, float[] x, int xAt, float[] y, int yAt, int yStride) {
    kernel.productFromBias(vectors, parameters, bias, x, xAt, inputSize, packed, y, yAt, yStride);
  }

  private final class DensePass extends LayerPass {
    private List<DenseLayer> members = List.of();

    DensePass(Activations in) {
      super(in, new Activations(size, in.perStep));
    }

    /** The slope follows from it. */
    @Override
    boolean readsOutput(Gradients wanted) {
      return wanted != Gradients.NONE && activation != Activation.LINEAR;
    }

    @Override
    void forward(Steps steps, RowRange range) {
      int first = in.start(range);
      int vectors = in.count(range);
      product(vectors, in.values, in.index(first), out.values, out.index(first), size);
      activate(vectors * size, out.index(first));
    }

    @Override
    boolean divide(int members) {
      int count = TeamStep.members(shares, (long) inputSize * size, members);
      this.members = count > 1 ? shares.of(count) : List.of();
      return count > 1;
    }

    @Override
    void stepShare(int member) {
      if (member < members.size()) {
        DenseLayer some = members.get(member);
        int to = out.index(0) + shares.from(member, members.size());
        some.product(1, in.values, in.index(0), out.values, to, size);
        activate(some.size, to);
      }
    }

    private void activate(int n, int at) {
      float[] y = out.values;
      switch (activation) {
        case LINEAR -> {}
        case TANH -> kernel.tanh(n, y, at);
        case SIGMOID -> kernel.sigmoid(n, y, at);
        case RELU -> {
          for (int i = at; i < at + n; i++) {
            y[i] = y[i] <= 0f ? 0f : y[i];
          }
        }
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      int first = in.start(range);
      int vectors = in.count(range);
      slope(vectors * size, out.index(first));
      if (in.hasGradients()) {
        kernel.product(
            vectors,
            out.gradients,
            out.index(first),
            size,
            packedTransposed,
            in.gradients,
            in.index(first),
            inputSize);
      }
    }

    private void slope(int n, int at) {
      float[] y = out.values;
      float[] dy = out.gradients;
      switch (activation) {
        case LINEAR -> {}
        case TANH -> {
          for (int i = at; i < at + n; i++) {
            dy[i] *= Math.fma(-y[i], y[i], 1f);
          }
        }
        case SIGMOID -> {
          for (int i = at; i < at + n; i++) {
            dy[i] *= y[i] * (1f - y[i]);
          }
        }
        case RELU -> {
          for (int i = at; i < at + n; i++) {
            dy[i] = y[i] > 0f ? dy[i] : 0f;
          }
        }
      }
    }

    @Override
    void weightGradients(
        Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
      int from = ColumnShares.first(kernel, size, share, shares);
      int to = ColumnShares.first(kernel, size, share + 1, shares);
      if (from >= to) {
        return;
      }
      kernel.weightGradients(
          in.order(group),
          to - from,
          out.gradients,
          out.at + from,
          size,
          inputSize,
          in.values,
          in.at,
          0,
          NONE,
          0,
          gradients,
          weight + from,
          -1,
          bias + from,
          size);
    }
  }
}
