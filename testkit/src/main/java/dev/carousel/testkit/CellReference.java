package dev.carousel.testkit;

/**
 * A recurrent cell with its weights: one step forward, and the same step backward.
 *
 * <p>{@link #forward} runs it over a ragged batch. To add a cell, implement {@link #step}; the run
 * over time and its backward pass are the same for all.
 */
public interface CellReference {

  /** Features of one input. */
  int inputSize();

  /** Elements of the output h. */
  int hiddenSize();

  /**
   * Elements of the cell state c; 0 for a cell that has none, whose arrays for c are then empty.
   */
  int cellSize();

  /** The weights by name, held and not copied. */
  Parameters parameters();

  /**
   * Runs one step of one sequence.
   *
   * @param input x(t), {@code [inputSize]}
   * @param hPrevious h(t-1), {@code [hiddenSize]}
   * @param cPrevious c(t-1), {@code [cellSize]}
   */
  Step step(double[] input, double[] hPrevious, double[] cPrevious);

  /** What one step computed, kept for its backward pass. */
  interface Step {

    /** h(t), {@code [hiddenSize]}. */
    double[] h();

    /** c(t), {@code [cellSize]}. */
    double[] c();

    /**
     * Carries the gradients of the loss with respect to h(t) and c(t) back through the step.
     *
     * @param dh {@code [hiddenSize]}, everything that reaches h(t): from the output and from step
     *     t+1
     * @param dc {@code [cellSize]}, what reaches c(t) from step t+1
     * @param gradients of the weights; this step's share is added to it
     */
    StepGradients backward(double[] dh, double[] dc, Parameters gradients);
  }

  /**
   * Gradients with respect to what a step was given.
   *
   * @param dInput {@code [inputSize]}
   * @param dhPrevious {@code [hiddenSize]}
   * @param dcPrevious {@code [cellSize]}
   */
  record StepGradients(double[] dInput, double[] dhPrevious, double[] dcPrevious) {}

  /**
   * Runs the cell over a ragged batch from given states.
   *
   * @param inputs {@code [batchSize][timeSteps of that sequence][inputSize]}; a sequence may be
   *     empty
   * @param h0 {@code [batchSize][hiddenSize]}
   * @param c0 {@code [batchSize][cellSize]}
   * @throws IllegalArgumentException if a shape does not fit
   */
  default RecurrentRun forward(double[][][] inputs, double[][] h0, double[][] c0) {
    return new RecurrentRun(this, inputs, h0, c0);
  }

  /**
   * Runs the cell over a ragged batch from states of zero; see {@link #forward(double[][][],
   * double[][], double[][])}.
   */
  default RecurrentRun forward(double[][][] inputs) {
    return forward(
        inputs, new double[inputs.length][hiddenSize()], new double[inputs.length][cellSize()]);
  }
}
