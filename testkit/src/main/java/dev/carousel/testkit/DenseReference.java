package dev.carousel.testkit;

/** A linear map of rows, y = x W + b. Backward: dx = dy W^T; dW += x^T dy; db += dy. */
public final class DenseReference {

  private final double[][] weight;
  private final double[] bias;

  /**
   * Makes the layer.
   *
   * @param weight W, {@code [inputSize][outputSize]}
   * @param bias b, {@code [outputSize]}
   * @throws IllegalArgumentException if a shape does not fit
   */
  public DenseReference(double[][] weight, double[] bias) {
    Shapes.requireMatrix("weight", weight, weight.length, bias.length, "outputSize, from bias");
    this.weight = weight;
    this.bias = bias;
  }

  /** {@code weight}, {@code bias}. */
  public Parameters parameters() {
    return new Parameters().with("weight", weight).with("bias", bias);
  }

  /** Maps rows {@code [rows][inputSize]} to {@code [rows][outputSize]}. */
  public double[][] forward(double[][] inputs) {
    Shapes.requireMatrix("inputs", inputs, inputs.length, weight.length, "rows of weight");
    double[][] outputs = new double[inputs.length][];
    for (int row = 0; row < inputs.length; row++) {
      outputs[row] = bias.clone();
      LinearAlgebra.addProduct(inputs[row], weight, outputs[row]);
    }
    return outputs;
  }

  /**
   * Maps every step of a ragged batch, {@code [batchSize][timeSteps of that sequence][inputSize]}.
   */
  public double[][][] forward(double[][][] inputs) {
    double[][][] outputs = new double[inputs.length][][];
    for (int b = 0; b < inputs.length; b++) {
      outputs[b] = forward(inputs[b]);
    }
    return outputs;
  }

  /**
   * Carries gradients of the outputs back.
   *
   * @param inputs as in {@link #forward(double[][])}
   * @param dOutputs {@code [rows][outputSize]}
   * @param gradients of the weights; these rows' share is added to it
   * @return gradient of the inputs
   */
  public double[][] backward(double[][] inputs, double[][] dOutputs, Parameters gradients) {
    Shapes.requireMatrix("dOutputs", dOutputs, inputs.length, bias.length, "the outputs' shape");
    double[][] dInputs = new double[inputs.length][weight.length];
    for (int row = 0; row < inputs.length; row++) {
      LinearAlgebra.addOuterProduct(inputs[row], dOutputs[row], gradients.matrix("weight"));
      LinearAlgebra.add(dOutputs[row], gradients.vector("bias"));
      LinearAlgebra.addTransposedProduct(dOutputs[row], weight, dInputs[row]);
    }
    return dInputs;
  }

  /**
   * Carries gradients of every step's outputs back; see {@link #backward(double[][], double[][],
   * Parameters)}.
   */
  public double[][][] backward(double[][][] inputs, double[][][] dOutputs, Parameters gradients) {
    Shapes.requireRows("dOutputs", dOutputs.length, inputs.length, "batchSize");
    double[][][] dInputs = new double[inputs.length][][];
    for (int b = 0; b < inputs.length; b++) {
      dInputs[b] = backward(inputs[b], dOutputs[b], gradients);
    }
    return dInputs;
  }
}
