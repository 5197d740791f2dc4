package dev.carousel.testkit;

import static dev.carousel.testkit.Shapes.requireMatrix;
import static dev.carousel.testkit.Shapes.requireRows;

/**
 * A cell run over a ragged batch, and its backpropagation through time (Werbos 1990,
 * "Backpropagation through time: what it does and how to do it").
 */
public final class RecurrentRun {

  private final CellReference cell;
  private final CellReference.Step[][] steps;
  private final double[][] h0;
  private final double[][] c0;

  RecurrentRun(CellReference cell, double[][][] inputs, double[][] h0, double[][] c0) {
    requireMatrix("h0", h0, inputs.length, cell.hiddenSize(), "one state for each sequence");
    requireMatrix("c0", c0, inputs.length, cell.cellSize(), "one state for each sequence");
    this.cell = cell;
    this.h0 = h0;
    this.c0 = c0;
    this.steps = new CellReference.Step[inputs.length][];
    for (int b = 0; b < inputs.length; b++) {
      requireMatrix(
          "inputs[" + b + "]", inputs[b], inputs[b].length, cell.inputSize(), "inputSize");
      steps[b] = new CellReference.Step[inputs[b].length];
      double[] h = h0[b];
      double[] c = c0[b];
      for (int t = 0; t < inputs[b].length; t++) {
        steps[b][t] = cell.step(inputs[b][t], h, c);
        h = steps[b][t].h();
        c = steps[b][t].c();
      }
    }
  }

  /** h after every step, {@code [batchSize][timeSteps of that sequence][hiddenSize]}. */
  public double[][][] outputs() {
    double[][][] outputs = new double[steps.length][][];
    for (int b = 0; b < steps.length; b++) {
      outputs[b] = new double[steps[b].length][];
      for (int t = 0; t < steps[b].length; t++) {
        outputs[b][t] = steps[b][t].h().clone();
      }
    }
    return outputs;
  }

  /**
   * h after the last step of each sequence, {@code [batchSize][hiddenSize]}; h0 for an empty one.
   */
  public double[][] finalH() {
    double[][] last = new double[steps.length][];
    for (int b = 0; b < steps.length; b++) {
      last[b] = (steps[b].length == 0 ? h0[b] : steps[b][steps[b].length - 1].h()).clone();
    }
    return last;
  }

  /** c after the last step of each sequence, {@code [batchSize][cellSize]}; c0 for an empty one. */
  public double[][] finalC() {
    double[][] last = new double[steps.length][];
    for (int b = 0; b < steps.length; b++) {
      last[b] = (steps[b].length == 0 ? c0[b] : steps[b][steps[b].length - 1].c()).clone();
    }
    return last;
  }

  /**
   * Backpropagates through all steps.
   *
   * @param dOutputs gradient with respect to every {@link #outputs() output}, in its shape
   * @param dFinalH gradient with respect to {@link #finalH()}, added to that of the last output
   * @param dFinalC gradient with respect to {@link #finalC()}
   * @throws IllegalArgumentException if a shape does not fit
   */
  public RecurrentGradients backward(
      double[][][] dOutputs, double[][] dFinalH, double[][] dFinalC) {
    int batchSize = steps.length;
    requireRows("dOutputs", dOutputs.length, batchSize, "batchSize");
    requireMatrix("dFinalH", dFinalH, batchSize, cell.hiddenSize(), "the shape of finalH");
    requireMatrix("dFinalC", dFinalC, batchSize, cell.cellSize(), "the shape of finalC");
    Parameters gradients = cell.parameters().zerosLike();
    double[][][] dInputs = new double[batchSize][][];
    double[][] dh0 = new double[batchSize][];
    double[][] dc0 = new double[batchSize][];
    for (int b = 0; b < batchSize; b++) {
      requireMatrix(
          "dOutputs[" + b + "]",
          dOutputs[b],
          steps[b].length,
          cell.hiddenSize(),
          "the shape of the outputs");
      dInputs[b] = new double[steps[b].length][];
      double[] dh = dFinalH[b].clone();
      double[] dc = dFinalC[b].clone();
      for (int t = steps[b].length - 1; t >= 0; t--) {
        LinearAlgebra.add(dOutputs[b][t], dh);
        CellReference.StepGradients back = steps[b][t].backward(dh, dc, gradients);
        dInputs[b][t] = back.dInput();
        dh = back.dhPrevious();
        dc = back.dcPrevious();
      }
      dh0[b] = dh;
      dc0[b] = dc;
    }
    return new RecurrentGradients(gradients, dInputs, dh0, dc0);
  }
}
