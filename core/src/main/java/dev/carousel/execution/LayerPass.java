package dev.carousel.execution;

/**
 * The buffers of one layer in one {@link NetworkPass}, and its forward and backward computation
 * over them.
 *
 * <p>The order of a training step is {@link #reserve}, {@link #loadState}, {@link #forward}, {@link
 * #clearGradients}, {@link #backward}, {@link #weightGradients}, {@link #finishWeightGradients};
 * or, where the parts of the rows are groups, {@link #backwardAndSum} instead of the last three.
 * Row ranges are disjoint between workers, and so are the shares of weight gradients.
 */
abstract class LayerPass {
  final Activations in;
  final Activations out;

  LayerPass(Activations in, Activations out) {
    this.in = in;
    this.out = out;
  }

  /**
   * Whether {@link #backward}, if gradients are wanted, or {@link #storeState} reads the values of
   * {@link #out}, which must then be as {@link #forward} left them. Those of a network's last layer
   * become its scores.
   */
  boolean readsOutput(Gradients wanted) {
    return false;
  }

  /** Called once, of the last layer first, when all passes of a network are made. */
  void link() {}

  /** Makes room for a batch; called by one thread. */
  void reserve(Steps steps, Gradients wanted) {
    out.reserve(steps, wanted != Gradients.NONE);
  }

  /** Values of one sequence's state in this layer. */
  int stateSize() {
    return 0;
  }

  /** Sets what sequence {@code row} remembers before the first step. */
  void loadState(int row, float[] state, int at) {}

  /** Copies what sequence {@code row} remembers after {@code taken} of its steps. */
  void storeState(Steps steps, int row, int taken, float[] state, int at) {}

  /** Sets what sequence {@code row} remembers before the first step to nothing. */
  void clearState(int row) {}

  abstract void forward(Steps steps, RowRange range);

  /**
   * Makes ready to divide one step of one sequence by units between the members of a team, if this
   * layer is worth it; whether it is.
   */
  boolean divide(int members) {
    return false;
  }

  /** A member's share of {@link #forward} of the first row, where this layer was divided. */
  void stepShare(int member) {
    throw new IllegalStateException("layer: expected one that was divided");
  }

  /** Brings the shares together, when all are done. */
  void gather() {}

  /** Sets to zero what {@link #backward} of the next layer and of this one add to. */
  void clearGradients(Steps steps, RowRange range) {
    out.clearGradients(range);
    clearInnerGradients(steps, range);
  }

  /**
   * Sets to zero what {@link #backward} adds to within this layer; enough where the gradients of
   * {@link #out} are written, not added to.
   */
  void clearInnerGradients(Steps steps, RowRange range) {}

  /** Adds to {@code in}'s gradients, or else to those of {@code in.last}, where it has any. */
  abstract void backward(Steps steps, RowRange range);

  /**
   * {@link #backward} of a part that is a group, and {@link #weightGradients} of that group on the
   * way: the same bits.
   */
  void backwardAndSum(Steps steps, RowRange range, SumOrder.Group group, float[] gradients) {
    backward(steps, range);
    weightGradients(steps, group, gradients, 0, 1);
    finishWeightGradients(steps, group, gradients, 0, 1);
  }

  /**
   * Adds a share, by columns, of the gradients of this layer's parameters, summed over a group of
   * sequences.
   */
  void weightGradients(
      Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {}

  /**
   * A share of what can be computed of the gradients only when all shares of {@link
   * #weightGradients} of the group are there; of the last layer first.
   */
  void finishWeightGradients(
      Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {}
}
