package dev.carousel.testkit;

/**
 * The LSTM cell of Hochreiter and Schmidhuber 1997, "Long short-term memory", with the forget gate
 * of Gers, Schmidhuber and Cummins 2000, "Learning to forget". With a = x(t) W + h(t-1) U + b in
 * blocks i, f, g, o and s the gate activation:
 *
 * <pre>
 *   i = s(a_i + p_I * c(t-1))        f = s(a_f + p_F * c(t-1))        g = tanh(a_g)
 *   c(t) = clip(f * c(t-1) + i * g, -cellClip, cellClip)
 *   o = s(a_o + p_O * c(t))          h(t) = o * tanh(c(t))
 * </pre>
 *
 * <p>The peepholes p (vectors, one weight for each unit) are those of Gers and Schmidhuber 2000,
 * "Recurrent nets that time and count". With the coupled gate of Greff et al. 2017, "LSTM: a search
 * space odyssey", i = 1 - f: there is no block i and no p_I, and the blocks are f, g, o. The clip
 * is TensorFlow's {@code cell_clip}; where it takes effect, the derivative is zero.
 *
 * <p>Backward, with z the argument of a gate's activation:
 *
 * <pre>
 *   dz_o = dh * tanh(c) * s'(z_o)
 *   dc   += dh * o * (1 - tanh(c)^2) + dz_o * p_O, then 0 where clipped
 *   dz_f = dc * cPrevious * s'(z_f)      coupled: dc * (cPrevious - g) * s'(z_f)
 *   dz_i = dc * g * s'(z_i)              dz_g = dc * i * (1 - g^2)
 *   dcPrevious = dc * f + dz_i * p_I + dz_f * p_F
 * </pre>
 */
public final class LstmReference implements CellReference {

  /**
   * Which LSTM.
   *
   * @param coupled whether i = 1 - f
   * @param peepholes whether the gates see the cell state
   * @param cellClip the largest magnitude of c, positive; infinite for none
   * @param gateActivation s
   */
  public record Options(
      boolean coupled, boolean peepholes, double cellClip, GateActivation gateActivation) {

    /** Checks the clip. */
    public Options {
      if (!(cellClip > 0)) {
        throw new IllegalArgumentException(
            "cellClip: expected a positive number (infinite for none), got " + cellClip);
      }
    }

    /** Four gates, no peepholes, no clip, the logistic sigmoid. */
    public static Options standard() {
      return new Options(false, false, Double.POSITIVE_INFINITY, GateActivation.SIGMOID);
    }

    /** The same with i = 1 - f. */
    public Options withCoupledGate() {
      return new Options(true, peepholes, cellClip, gateActivation);
    }

    /** The same with peepholes. */
    public Options withPeepholes() {
      return new Options(coupled, true, cellClip, gateActivation);
    }

    /** The same with another clip. */
    public Options withCellClip(double clip) {
      return new Options(coupled, peepholes, clip, gateActivation);
    }

    /** The same with another gate activation. */
    public Options withGateActivation(GateActivation activation) {
      return new Options(coupled, peepholes, cellClip, activation);
    }

    /** Blocks in the columns of the weights: 4, or 3 with the coupled gate. */
    public int gates() {
      return coupled ? 3 : 4;
    }
  }

  private final Options options;
  private final double[][] weightIh;
  private final double[][] weightHh;
  private final double[] bias;
  private final double[] peepholeI;
  private final double[] peepholeF;
  private final double[] peepholeO;

  /**
   * Makes a cell without peepholes.
   *
   * @param weightIh W, {@code [inputSize][gates * hiddenSize]}, blocks i f g o, or f g o with the
   *     coupled gate
   * @param weightHh U, {@code [hiddenSize][gates * hiddenSize]}
   * @param bias b, {@code [gates * hiddenSize]}
   * @throws IllegalArgumentException if a shape does not fit or the options ask for peepholes
   */
  public LstmReference(Options options, double[][] weightIh, double[][] weightHh, double[] bias) {
    this(options, weightIh, weightHh, bias, new double[0], new double[0], new double[0]);
  }

  /**
   * Makes a cell.
   *
   * @param weightIh W, {@code [inputSize][gates * hiddenSize]}, blocks i f g o, or f g o with the
   *     coupled gate
   * @param weightHh U, {@code [hiddenSize][gates * hiddenSize]}
   * @param bias b, {@code [gates * hiddenSize]}
   * @param peepholeI p_I, {@code [hiddenSize]}; empty without peepholes or with the coupled gate
   * @param peepholeF p_F, {@code [hiddenSize]}; empty without peepholes
   * @param peepholeO p_O, {@code [hiddenSize]}; empty without peepholes
   * @throws IllegalArgumentException if a shape does not fit
   */
  public LstmReference(
      Options options,
      double[][] weightIh,
      double[][] weightHh,
      double[] bias,
      double[] peepholeI,
      double[] peepholeF,
      double[] peepholeO) {
    Shapes.requireCellWeights(weightIh, weightHh, bias, options.gates());
    int peepholes = options.peepholes() ? weightHh.length : 0;
    String origin = options.peepholes() ? "hiddenSize" : "the options have no peepholes";
    Shapes.requireVector(
        "peepholeI",
        peepholeI,
        options.coupled() ? 0 : peepholes,
        options.coupled() ? "the coupled gate has no gate i" : origin);
    Shapes.requireVector("peepholeF", peepholeF, peepholes, origin);
    Shapes.requireVector("peepholeO", peepholeO, peepholes, origin);
    this.options = options;
    this.weightIh = weightIh;
    this.weightHh = weightHh;
    this.bias = bias;
    this.peepholeI = peepholeI;
    this.peepholeF = peepholeF;
    this.peepholeO = peepholeO;
  }

  /**
   * Runs a cell without peepholes over a ragged batch; see {@link
   * CellReference#forward(double[][][], double[][], double[][])}.
   */
  public static RecurrentRun forward(
      Options options,
      double[][] weightIh,
      double[][] weightHh,
      double[] bias,
      double[][][] inputs,
      double[][] h0,
      double[][] c0) {
    return new LstmReference(options, weightIh, weightHh, bias).forward(inputs, h0, c0);
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
    return weightHh.length;
  }

  /**
   * {@code weightIh}, {@code weightHh}, {@code bias}, and those of {@code peepholeI, peepholeF,
   * peepholeO} that there are.
   */
  @Override
  public Parameters parameters() {
    Parameters parameters =
        new Parameters().with("weightIh", weightIh).with("weightHh", weightHh).with("bias", bias);
    if (options.peepholes() && !options.coupled()) {
      parameters.with("peepholeI", peepholeI);
    }
    if (options.peepholes()) {
      parameters.with("peepholeF", peepholeF).with("peepholeO", peepholeO);
    }
    return parameters;
  }

  @Override
  public Step step(double[] input, double[] hPrevious, double[] cPrevious) {
    return new LstmStep(input, hPrevious, cPrevious);
  }

  private double peephole(double[] weights, int unit) {
    return weights.length == 0 ? 0 : weights[unit];
  }

  private final class LstmStep implements Step {

    private final double[] input;
    private final double[] hPrevious;
    private final double[] cPrevious;
    private final int size = weightHh.length;
    // Columns of the first unit of each block; blockI is used only without the coupled gate.
    private final int blockI = 0;
    private final int blockF = options.coupled() ? 0 : size;
    private final int blockG = blockF + size;
    private final int blockO = blockG + size;
    // The arguments of the activations.
    private final double[] z;
    private final double[] i = new double[size];
    private final double[] f = new double[size];
    private final double[] g = new double[size];
    private final double[] o = new double[size];
    private final boolean[] clipped = new boolean[size];
    private final double[] c = new double[size];
    private final double[] h = new double[size];

    LstmStep(double[] input, double[] hPrevious, double[] cPrevious) {
      this.input = input;
      this.hPrevious = hPrevious;
      this.cPrevious = cPrevious;
      z = bias.clone();
      LinearAlgebra.addProduct(input, weightIh, z);
      LinearAlgebra.addProduct(hPrevious, weightHh, z);
      for (int j = 0; j < size; j++) {
        z[blockF + j] += peephole(peepholeF, j) * cPrevious[j];
        f[j] = options.gateActivation().apply(z[blockF + j]);
        if (options.coupled()) {
          i[j] = 1 - f[j];
        } else {
          z[blockI + j] += peephole(peepholeI, j) * cPrevious[j];
          i[j] = options.gateActivation().apply(z[blockI + j]);
        }
        g[j] = Math.tanh(z[blockG + j]);
        double unclipped = f[j] * cPrevious[j] + i[j] * g[j];
        c[j] = Math.max(-options.cellClip(), Math.min(options.cellClip(), unclipped));
        clipped[j] = c[j] != unclipped;
        z[blockO + j] += peephole(peepholeO, j) * c[j];
        o[j] = options.gateActivation().apply(z[blockO + j]);
        h[j] = o[j] * Math.tanh(c[j]);
      }
    }

    @Override
    public StepGradients backward(double[] dh, double[] dcNext, Parameters gradients) {
      double[] dz = new double[z.length];
      double[] dcPrevious = new double[size];
      for (int j = 0; j < size; j++) {
        double tanhC = Math.tanh(c[j]);
        dz[blockO + j] = dh[j] * tanhC * options.gateActivation().derivative(z[blockO + j]);
        double dc =
            dcNext[j]
                + dh[j] * o[j] * (1 - tanhC * tanhC)
                + dz[blockO + j] * peephole(peepholeO, j);
        if (clipped[j]) {
          dc = 0;
        }
        double df = dc * cPrevious[j];
        double di = dc * g[j];
        if (options.coupled()) {
          df -= di;
        } else {
          dz[blockI + j] = di * options.gateActivation().derivative(z[blockI + j]);
          dcPrevious[j] += dz[blockI + j] * peephole(peepholeI, j);
        }
        dz[blockF + j] = df * options.gateActivation().derivative(z[blockF + j]);
        dz[blockG + j] = dc * i[j] * (1 - g[j] * g[j]);
        dcPrevious[j] += dc * f[j] + dz[blockF + j] * peephole(peepholeF, j);
      }
      addWeightGradients(dz, gradients);
      double[] dInput = new double[input.length];
      LinearAlgebra.addTransposedProduct(dz, weightIh, dInput);
      double[] dhPrevious = new double[size];
      LinearAlgebra.addTransposedProduct(dz, weightHh, dhPrevious);
      return new StepGradients(dInput, dhPrevious, dcPrevious);
    }

    private void addWeightGradients(double[] dz, Parameters gradients) {
      LinearAlgebra.addOuterProduct(input, dz, gradients.matrix("weightIh"));
      LinearAlgebra.addOuterProduct(hPrevious, dz, gradients.matrix("weightHh"));
      LinearAlgebra.add(dz, gradients.vector("bias"));
      if (!options.peepholes()) {
        return;
      }
      for (int j = 0; j < size; j++) {
        gradients.vector("peepholeF")[j] += dz[blockF + j] * cPrevious[j];
        gradients.vector("peepholeO")[j] += dz[blockO + j] * c[j];
        if (!options.coupled()) {
          gradients.vector("peepholeI")[j] += dz[blockI + j] * cPrevious[j];
        }
      }
    }

    @Override
    public double[] h() {
      return h;
    }

    @Override
    public double[] c() {
      return c;
    }
  }
}
