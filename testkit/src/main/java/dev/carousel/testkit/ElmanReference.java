package dev.carousel.testkit;

/**
 * The simple recurrent cell of Elman 1990, "Finding structure in time":
 *
 * <pre>
 *   h(t) = act(x(t) W + h(t-1) U + b)
 * </pre>
 *
 * <p>Backward, with a = x W + h U + b: da = dh * act'(a); dx = da W^T; dhPrevious = da U^T; dW +=
 * x^T da; dU += hPrevious^T da; db += da.
 */
public final class ElmanReference implements CellReference {

  private final Activation activation;
  private final double[][] weightIh;
  private final double[][] weightHh;
  private final double[] bias;

  /**
   * Makes a cell of these weights.
   *
   * @param weightIh W, {@code [inputSize][hiddenSize]}
   * @param weightHh U, {@code [hiddenSize][hiddenSize]}
   * @param bias b, {@code [hiddenSize]}
   * @throws IllegalArgumentException if a shape does not fit
   */
  public ElmanReference(
      Activation activation, double[][] weightIh, double[][] weightHh, double[] bias) {
    Shapes.requireCellWeights(weightIh, weightHh, bias, 1);
    this.activation = activation;
    this.weightIh = weightIh;
    this.weightHh = weightHh;
    this.bias = bias;
  }

  /**
   * Runs a cell of these weights over a ragged batch; see {@link
   * CellReference#forward(double[][][], double[][], double[][])}.
   */
  public static RecurrentRun forward(
      Activation activation,
      double[][] weightIh,
      double[][] weightHh,
      double[] bias,
      double[][][] inputs,
      double[][] h0) {
    return new ElmanReference(activation, weightIh, weightHh, bias)
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

  /** {@code weightIh}, {@code weightHh}, {@code bias}. */
  @Override
  public Parameters parameters() {
    return new Parameters()
        .with("weightIh", weightIh)
        .with("weightHh", weightHh)
        .with("bias", bias);
  }

  @Override
  public Step step(double[] input, double[] hPrevious, double[] cPrevious) {
    return new ElmanStep(input, hPrevious);
  }

  private final class ElmanStep implements Step {

    private final double[] input;
    private final double[] hPrevious;
    private final double[] a;
    private final double[] h;

    ElmanStep(double[] input, double[] hPrevious) {
      this.input = input;
      this.hPrevious = hPrevious;
      a = bias.clone();
      LinearAlgebra.addProduct(input, weightIh, a);
      LinearAlgebra.addProduct(hPrevious, weightHh, a);
      h = new double[a.length];
      for (int j = 0; j < h.length; j++) {
        h[j] = activation.apply(a[j]);
      }
    }

    @Override
    public StepGradients backward(double[] dh, double[] dc, Parameters gradients) {
      double[] da = new double[a.length];
      for (int j = 0; j < a.length; j++) {
        da[j] = dh[j] * activation.derivative(a[j]);
      }
      LinearAlgebra.addOuterProduct(input, da, gradients.matrix("weightIh"));
      LinearAlgebra.addOuterProduct(hPrevious, da, gradients.matrix("weightHh"));
      LinearAlgebra.add(da, gradients.vector("bias"));
      double[] dInput = new double[input.length];
      LinearAlgebra.addTransposedProduct(da, weightIh, dInput);
      double[] dhPrevious = new double[hPrevious.length];
      LinearAlgebra.addTransposedProduct(da, weightHh, dhPrevious);
      return new StepGradients(dInput, dhPrevious, new double[0]);
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
