package dev.carousel.cell;

/**
 * Some units of a recurrent layer, which one member of a team takes through a step of one sequence
 * while others take the rest: a cell with the weights of these units, and a tape of its own. Its
 * products read the states of all units; its gates and cell state concern no other member. The same
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
    tape.reserve(cell, 1, 1, InputProduct.IN_STEP);
  }

  /**
   * One step.
   *
   * @param layer the tape of the whole layer, for one step; only read
   * @param x the input of its first row
   */
  public void forward(CellTape layer, float[] x, int xAt) {
    int units = cell.hiddenSize();
    System.arraycopy(layer.h, from, tape.h, 0, units);
    if (cell.hasCellState()) {
      System.arraycopy(layer.c, from, tape.c, 0, units);
    }
    tape.readStates(layer.h);
    cell.forward(tape, x, xAt, 0, 0, 1);
  }

  /** Writes these units' states after the step into the tape of the whole layer. */
  public void store(CellTape layer) {
    int units = cell.hiddenSize();
    int to = layer.batchSize * cell.recurrentSize + from;
    System.arraycopy(tape.h, units, layer.h, to, units);
    if (cell.hasCellState()) {
      System.arraycopy(tape.c, units, layer.c, to, units);
    }
  }
}
