package dev.carousel.cell;

/**
 * Some units of a recurrent layer, which one member of a team takes through a step of one sequence
 * while others take the rest: a cell with the weights of these units, and a tape of its own. Its
 * products read the states of all units; its gates and its cell state are nobody else's. The same
 * bits as the whole cell's.
 *
 * <p>All members call {@link #forward}; when they are done, one thread calls {@link #store} of
 * each.
 */
public final class CellUnits {
  private final RecurrentCell cell;
  private final int from;
  private final CellTape tape = new CellTape();

  /**
   * @param cell with the units {@code [from, from + cell.hiddenSize())} of a layer
   * @throws IllegalArgumentException if these need more of the others than their states before the
   *     step
   */
  public CellUnits(RecurrentCell cell, int from) {
    if (!cell.unitsStandAlone()) {
      throw new IllegalArgumentException(
          "units: expected a cell whose units stand alone, got a reset-before GRU");
    }
    this.cell = cell;
    this.from = from;
    tape.reserve(cell, 1, 1, false);
  }

  /**
   * One step.
   *
   * @param x the layer's input
   * @param state the layer's h before the step, from {@code at} on, and behind it c, if the cell
   *     has one; only read
   */
  public void forward(float[] x, int xAt, float[] state, int at) {
    int units = cell.hiddenSize();
    System.arraycopy(state, at + from, tape.h, 0, units);
    if (cell.hasCellState()) {
      System.arraycopy(state, at + cell.recurrentSize() + from, tape.c, 0, units);
    }
    tape.readStates(state, at);
    cell.forward(tape, x, xAt, 0, 0, 1);
  }

  /** Writes these units' states after the step among those of the layer, and h to its output. */
  public void store(float[] state, int at, float[] output, int outputAt) {
    int units = cell.hiddenSize();
    System.arraycopy(tape.h, units, state, at + from, units);
    System.arraycopy(tape.h, units, output, outputAt + from, units);
    if (cell.hasCellState()) {
      System.arraycopy(tape.c, units, state, at + cell.recurrentSize() + from, units);
    }
  }
}
