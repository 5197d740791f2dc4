package dev.carousel.testkit;

/**
 * The gated recurrent unit. With a = x(t) W + b and u = h(t-1) U in blocks r, z, n and s the gate
 * activation:
 *
 * <pre>
 *   r = s(a_r + u_r)      z = s(a_z + u_z)      h(t) = (1 - z) * n + z * h(t-1)
 *   n = tanh(a_n + (r * h(t-1)) U_n)            reset before the product
 *   n = tanh(a_n + r * (u_n + recurrentBias))   reset after it
 * </pre>
 *
 * <p>Reset-before is the unit of Cho et al. 2014, "Learning phrase representations using RNN
 * encoder-decoder for statistical machine translation"; reset-after is cuDNN's variant, also
 * PyTorch's and, by default, Keras's.
 *
 * <p>Backward, with k = r * hPrevious and m = u_n + recurrentBias, dn_ the gradient of the argument
 * of tanh, likewise dr_, dz_:
 *
 * <pre>
 *   dz_ = dh * (hPrevious - n) * s'      dn_ = dh * (1 - z) * (1 - n^2)
 *   dhPrevious = dh * z + dr_ U_r^T + dz_ U_z^T + ...
 *   before:  dk = dn_ U_n^T      dr_ = dk * hPrevious * s'
 *            dhPrevious += dk * r      dU_n += k^T dn_
 *   after:   dm = dn_ * r      dr_ = dn_ * m * s'
 *            dhPrevious += dm U_n^T      dU_n += hPrevious^T dm      dRecurrentBias += dm
 * </pre>
 */
public final class GruReference implements CellReference {

  /** Where the reset gate works. */
  public enum Reset {
    /** On h(t-1), before the product with U_n. */
    BEFORE,
    /** On the product, after it. */
    AFTER
  }

  /**
   * Which GRU.
   *
   * @param reset where the reset gate works
   * @param gateActivation s
   */
  public record Options(Reset reset, GateActivation gateActivation) {

    /** Reset before the product, with the logistic sigmoid. */
    public static Options resetBefore() {
      return new Options(Reset.BEFORE, GateActivation.SIGMOID);
    }

    /** Reset after the product, with the logistic sigmoid. */
    public static Options resetAfter() {
      return new Options(Reset.AFTER, GateActivation.SIGMOID);
    }

    /** The same with another gate activation. */
    public Options withGateActivation(GateActivation activation) {
      return new Options(reset, activation);
    }
  }

  private final Options options;
  private final double[][] weightIh;
  private final double[][] weightHh;
  private final double[] bias;
  private final double[] recurrentBias;

  /**
   * Makes a cell.
   *
   * @param weightIh W, {@code [inputSize][3 * hiddenSize]}, blocks r z n
   * @param weightHh U, {@code [hiddenSize][3 * hiddenSize]}
   * @param bias b, {@code [3 * hiddenSize]}
   * @param recurrentBias of the candidate, inside r * (...), {@code [hiddenSize]}; empty when the
   *     reset is before the product
   * @throws IllegalArgumentException if a shape does not fit
   */
  public GruReference(
      Options options,
      double[][] weightIh,
      double[][] weightHh,
      double[] bias,
      double[] recurrentBias) {
    Shapes.requireCellWeights(weightIh, weightHh, bias, 3);
    boolean after = options.reset() == Reset.AFTER;
    Shapes.requireVector(
        "recurrentBias",
        recurrentBias,
        after ? weightHh.length : 0,
        after ? "hiddenSize" : "reset-before has none");
    this.options = options;
    this.weightIh = weightIh;
    this.weightHh = weightHh;
    this.bias = bias;
    this.recurrentBias = recurrentBias;
  }

  /**
   * Runs a cell of these weights over a ragged batch; see {@link
   * CellReference#forward(double[][][], double[][], double[][])}.
   */
  public static RecurrentRun forward(
      Options options,
      double[][] weightIh,
      double[][] weightHh,
      double[] bias,
      double[] recurrentBias,
      double[][][] inputs,
      double[][] h0) {
    return new GruReference(options, weightIh, weightHh, bias, recurrentBias)
        .forward(inputs, h0, new double[inputs.length][0]);
  }

  @Override
  public int inputSize() {
    return weightIh.length;
  }

  @Override
  public int hiddenSize() {
    return weightHh.length;
  }

  @Override
  public int cellSize() {
    return 0;
  }

  /**
   * {@code weightIh}, {@code weightHh}, {@code bias}, and {@code recurrentBias} when the reset is
   * after the product.
   */
  @Override
  public Parameters parameters() {
    Parameters parameters =
        new Parameters().with("weightIh", weightIh).with("weightHh", weightHh).with("bias", bias);
    if (options.reset() == Reset.AFTER) {
      parameters.with("recurrentBias", recurrentBias);
    }
    return parameters;
  }

  @Override
  public Step step(double[] input, double[] hPrevious, double[] cPrevious) {
    return new GruStep(input, hPrevious);
  }

  private final class GruStep implements Step {

    private final double[] input;
    private final double[] hPrevious;
    private final int size = weightHh.length;
    private final double[][] candidateHh = LinearAlgebra.columns(weightHh, 2 * size, 3 * size);
    // x W + b, then the arguments of the activations.
    private final double[] a = bias.clone();
    private final double[] r = new double[size];
    private final double[] z = new double[size];
    private final double[] n = new double[size];
    // r * hPrevious, for reset-before.
    private final double[] k = new double[size];
    // hPrevious U_n + recurrentBias, for reset-after.
    private final double[] m = new double[size];
    private final double[] h = new double[size];

    GruStep(double[] input, double[] hPrevious) {
      this.input = input;
      this.hPrevious = hPrevious;
      LinearAlgebra.addProduct(input, weightIh, a);
      double[] u = new double[3 * size];
      LinearAlgebra.addProduct(hPrevious, weightHh, u);
      for (int j = 0; j < size; j++) {
        a[j] += u[j];
        a[size + j] += u[size + j];
        r[j] = options.gateActivation().apply(a[j]);
        z[j] = options.gateActivation().apply(a[size + j]);
      }
      double[] recurrent = new double[size];
      if (options.reset() == Reset.BEFORE) {
        for (int j = 0; j < size; j++) {
          k[j] = r[j] * hPrevious[j];
        }
        LinearAlgebra.addProduct(k, candidateHh, recurrent);
      } else {
        for (int j = 0; j < size; j++) {
          m[j] = u[2 * size + j] + recurrentBias[j];
          recurrent[j] = r[j] * m[j];
        }
      }
      for (int j = 0; j < size; j++) {
        a[2 * size + j] += recurrent[j];
        n[j] = Math.tanh(a[2 * size + j]);
        h[j] = (1 - z[j]) * n[j] + z[j] * hPrevious[j];
      }
    }

    @Override
    public StepGradients backward(double[] dh, double[] dc, Parameters gradients) {
      double[] da = new double[3 * size];
      double[] dn = new double[size];
      double[] dhPrevious = new double[size];
      for (int j = 0; j < size; j++) {
        dn[j] = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
        da[2 * size + j] = dn[j];
        da[size + j] =
            dh[j] * (hPrevious[j] - n[j]) * options.gateActivation().derivative(a[size + j]);
        dhPrevious[j] = dh[j] * z[j];
      }
      // du: gradient of hPrevious U; its third block stays zero when the reset is before the
      // product.
      double[] du = new double[3 * size];
      double[] dr =
          options.reset() == Reset.BEFORE
              ? backwardBefore(dn, dhPrevious, gradients)
              : backwardAfter(dn, du, gradients);
      for (int j = 0; j < size; j++) {
        da[j] = dr[j] * options.gateActivation().derivative(a[j]);
        du[j] = da[j];
        du[size + j] = da[size + j];
      }
      LinearAlgebra.addOuterProduct(input, da, gradients.matrix("weightIh"));
      LinearAlgebra.addOuterProduct(hPrevious, du, gradients.matrix("weightHh"));
      LinearAlgebra.add(da, gradients.vector("bias"));
      double[] dInput = new double[input.length];
      LinearAlgebra.addTransposedProduct(da, weightIh, dInput);
      LinearAlgebra.addTransposedProduct(du, weightHh, dhPrevious);
      return new StepGradients(dInput, dhPrevious, new double[0]);
    }

    private double[] backwardBefore(double[] dn, double[] dhPrevious, Parameters gradients) {
      double[] dk = new double[size];
      LinearAlgebra.addTransposedProduct(dn, candidateHh, dk);
      double[] dr = new double[size];
      double[][] dWeightHh = gradients.matrix("weightHh");
      for (int j = 0; j < size; j++) {
        dr[j] = dk[j] * hPrevious[j];
        dhPrevious[j] += dk[j] * r[j];
        for (int column = 0; column < size; column++) {
          dWeightHh[j][2 * size + column] += k[j] * dn[column];
        }
      }
      return dr;
    }

    private double[] backwardAfter(double[] dn, double[] du, Parameters gradients) {
      double[] dRecurrentBias = gradients.vector("recurrentBias");
      double[] dr = new double[size];
      for (int j = 0; j < size; j++) {
        dr[j] = dn[j] * m[j];
        du[2 * size + j] = dn[j] * r[j];
        dRecurrentBias[j] += du[2 * size + j];
      }
      return dr;
    }

    @Override
    public double[] h() {
      return h;
    }

    @Override
    public double[] c() {
      return new double[0];
    }
  }
}
