package dev.carousel.execution;

import dev.carousel.cell.Packing;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import dev.carousel.network.Activation;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;

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

  DenseLayer(Kernel kernel, Parameters parameters, int layer, Activation activation) {
    ParameterLayout.Slice slice = parameters.layout().slice("layers." + layer + ".weight");
    this.kernel = kernel;
    this.parameters = parameters.values();
    this.inputSize = slice.rows();
    this.size = slice.columns();
    this.weight = slice.offset();
    this.bias = parameters.layout().slice("layers." + layer + ".bias").offset();
    this.activation = activation;
    this.packed = kernel.packed(inputSize, size);
    this.packedTransposed = kernel.packed(size, inputSize);
  }

  @Override
  public void pack(int worker, int workers, Packing packing) {
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
  }

  @Override
  public LayerPass pass(Activations in) {
    return new DensePass(in);
  }

  private final class DensePass extends LayerPass {
    DensePass(Activations in) {
      super(in, new Activations(size, in.perStep));
    }

    @Override
    void forward(Steps steps, RowRange range) {
      int first = in.start(range);
      int vectors = in.count(range);
      kernel.productFromBias(
          vectors,
          parameters,
          bias,
          in.values,
          in.index(first),
          inputSize,
          packed,
          out.values,
          out.index(first),
          size);
      activate(vectors * size, out.index(first));
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
    void weightGradients(SumOrder.Group group, float[] gradients, int share, int shares) {
      int units = (size + kernel.columnAlignment() - 1) / kernel.columnAlignment();
      int from = units * share / shares * kernel.columnAlignment();
      int to = Math.min(size, units * (share + 1) / shares * kernel.columnAlignment());
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
