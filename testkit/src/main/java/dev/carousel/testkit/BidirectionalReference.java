package dev.carousel.testkit;

/**
 * Two cells over the same sequences, one from the first step to the last and one from the last to
 * the first (Schuster and Paliwal 1997, "Bidirectional recurrent neural networks"); at each step
 * their outputs are merged. The backward cell starts at the last step of each sequence's own
 * length.
 */
public final class BidirectionalReference {

  /** How the two outputs of a step become one. */
  public enum Merge {
    /** Forward's elements, then backward's: {@code 2 * hiddenSize}. */
    CONCATENATE,
    /** Their sum. */
    ADD,
    /** Half their sum. */
    MEAN
  }

  private final CellReference forwardCell;
  private final CellReference backwardCell;
  private final Merge merge;

  /**
   * Makes the layer.
   *
   * @throws IllegalArgumentException if the cells' sizes differ
   */
  public BidirectionalReference(
      CellReference forwardCell, CellReference backwardCell, Merge merge) {
    if (forwardCell.inputSize() != backwardCell.inputSize()
        || forwardCell.hiddenSize() != backwardCell.hiddenSize()) {
      throw new IllegalArgumentException(
          "backward cell: expected "
              + forwardCell.inputSize()
              + " -> "
              + forwardCell.hiddenSize()
              + " (the forward cell), got "
              + backwardCell.inputSize()
              + " -> "
              + backwardCell.hiddenSize());
    }
    this.forwardCell = forwardCell;
    this.backwardCell = backwardCell;
    this.merge = merge;
  }

  /**
   * Runs both cells over a ragged batch.
   *
   * @param inputs {@code [batchSize][timeSteps of that sequence][inputSize]}
   * @param forwardH0 and the next three: {@code [batchSize][hiddenSize]} or {@code
   *     [batchSize][cellSize]}; the backward cell's are its states before the last step of each
   *     sequence
   */
  public Run forward(
      double[][][] inputs,
      double[][] forwardH0,
      double[][] forwardC0,
      double[][] backwardH0,
      double[][] backwardC0) {
    return new Run(
        forwardCell.forward(inputs, forwardH0, forwardC0),
        backwardCell.forward(reversed(inputs), backwardH0, backwardC0));
  }

  /** Runs both cells over a ragged batch from states of zero. */
  public Run forward(double[][][] inputs) {
    return new Run(forwardCell.forward(inputs), backwardCell.forward(reversed(inputs)));
  }

  /** Each sequence with its steps in the opposite order; the steps are shared, not copied. */
  static double[][][] reversed(double[][][] sequences) {
    double[][][] reversed = new double[sequences.length][][];
    for (int b = 0; b < sequences.length; b++) {
      int timeSteps = sequences[b].length;
      reversed[b] = new double[timeSteps][];
      for (int t = 0; t < timeSteps; t++) {
        reversed[b][t] = sequences[b][timeSteps - 1 - t];
      }
    }
    return reversed;
  }

  /** What the two cells computed. */
  public final class Run {

    private final RecurrentRun forwardRun;
    private final RecurrentRun backwardRun;

    private Run(RecurrentRun forwardRun, RecurrentRun backwardRun) {
      this.forwardRun = forwardRun;
      this.backwardRun = backwardRun;
    }

    /** The forward cell's run, with its final states. */
    public RecurrentRun forwardRun() {
      return forwardRun;
    }

    /**
     * The backward cell's run in its own order, last step first; its final states are those after
     * the sequences' first steps.
     */
    public RecurrentRun backwardRun() {
      return backwardRun;
    }

    /**
     * The merged outputs in the sequences' order, {@code [batchSize][timeSteps of that
     * sequence][hiddenSize or twice that]}.
     */
    public double[][][] outputs() {
      double[][][] ahead = forwardRun.outputs();
      double[][][] back = reversed(backwardRun.outputs());
      double[][][] outputs = new double[ahead.length][][];
      for (int b = 0; b < ahead.length; b++) {
        outputs[b] = new double[ahead[b].length][];
        for (int t = 0; t < ahead[b].length; t++) {
          outputs[b][t] = merged(ahead[b][t], back[b][t]);
        }
      }
      return outputs;
    }

    /** Backpropagates gradients of the merged outputs; the final states have none. */
    public Gradients backward(double[][][] dOutputs) {
      int batchSize = dOutputs.length;
      return backward(
          dOutputs,
          new double[batchSize][forwardCell.hiddenSize()],
          new double[batchSize][forwardCell.cellSize()],
          new double[batchSize][backwardCell.hiddenSize()],
          new double[batchSize][backwardCell.cellSize()]);
    }

    /**
     * Backpropagates gradients of the merged outputs and of the final states of both cells.
     *
     * @param dOutputs in the shape of {@link #outputs()}
     * @param dForwardH and the next three: gradients of the final states of {@link #forwardRun()}
     *     and {@link #backwardRun()}
     */
    public Gradients backward(
        double[][][] dOutputs,
        double[][] dForwardH,
        double[][] dForwardC,
        double[][] dBackwardH,
        double[][] dBackwardC) {
      double[][][] dAhead = new double[dOutputs.length][][];
      double[][][] dBack = new double[dOutputs.length][][];
      for (int b = 0; b < dOutputs.length; b++) {
        dAhead[b] = new double[dOutputs[b].length][];
        dBack[b] = new double[dOutputs[b].length][];
        for (int t = 0; t < dOutputs[b].length; t++) {
          dAhead[b][t] = share(dOutputs[b][t], 0);
          dBack[b][t] = share(dOutputs[b][t], forwardCell.hiddenSize());
        }
      }
      RecurrentGradients ahead = forwardRun.backward(dAhead, dForwardH, dForwardC);
      RecurrentGradients back = backwardRun.backward(reversed(dBack), dBackwardH, dBackwardC);
      double[][][] dInputs = reversed(back.dInputs());
      for (int b = 0; b < dInputs.length; b++) {
        for (int t = 0; t < dInputs[b].length; t++) {
          dInputs[b][t] = dInputs[b][t].clone();
          LinearAlgebra.add(ahead.dInputs()[b][t], dInputs[b][t]);
        }
      }
      return new Gradients(ahead, back, dInputs);
    }

    private double[] merged(double[] ahead, double[] back) {
      int size = ahead.length;
      double[] output = new double[merge == Merge.CONCATENATE ? 2 * size : size];
      for (int j = 0; j < size; j++) {
        switch (merge) {
          case CONCATENATE -> {
            output[j] = ahead[j];
            output[size + j] = back[j];
          }
          case ADD -> output[j] = ahead[j] + back[j];
          case MEAN -> output[j] = (ahead[j] + back[j]) / 2;
        }
      }
      return output;
    }

    private double[] share(double[] dOutput, int offset) {
      int size = forwardCell.hiddenSize();
      Shapes.requireVector(
          "dOutput", dOutput, merge == Merge.CONCATENATE ? 2 * size : size, "merge " + merge);
      double[] share = new double[size];
      for (int j = 0; j < size; j++) {
        share[j] =
            switch (merge) {
              case CONCATENATE -> dOutput[offset + j];
              case ADD -> dOutput[j];
              case MEAN -> dOutput[j] / 2;
            };
      }
      return share;
    }
  }

  /**
   * Gradients of both directions.
   *
   * @param forward of the forward cell's weights and initial states
   * @param backward of the backward cell's, its steps in its own order
   * @param dInputs the sum of both, in the sequences' order
   */
  public record Gradients(
      RecurrentGradients forward, RecurrentGradients backward, double[][][] dInputs) {}
}
