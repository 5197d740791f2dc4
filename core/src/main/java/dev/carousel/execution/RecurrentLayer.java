package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.cell.Packing;
import dev.carousel.cell.RecurrentCell;

/** A recurrent layer: the cell, taken through the steps. */
record RecurrentLayer(RecurrentCell cell) implements CompiledLayer {
  // At most so many rows are taken from the products to the new state at once: their z is still in
  // the nearest caches then. 256 rows of an LSTM 28 to 128 took 200 us so, and 230 in two halves.
  private static final int ROWS = 24;

  @Override
  public void pack(int worker, int workers, Packing packing) {
    cell.pack(worker, workers, packing);
  }

  @Override
  public RecurrentPass pass(Activations in) {
    return new RecurrentPass(cell, in);
  }

  /** Its output is the tape's own h, behind the initial states. */
  static final class RecurrentPass extends LayerPass {
    private final RecurrentCell cell;
    private final int hiddenSize;
    final CellTape tape = new CellTape();

    RecurrentPass(RecurrentCell cell, Activations in) {
      super(in, new Activations(cell.hiddenSize(), true));
      this.cell = cell;
      this.hiddenSize = cell.hiddenSize();
    }

    @Override
    void reserve(Steps steps, boolean gradients) {
      int places = steps.timeSteps() * steps.parts();
      int rows = (steps.total() + places - 1) / places;
      boolean ahead = cell.inputAheadPays(steps.timeSteps(), rows);
      tape.reserve(cell, steps.batchSize(), steps.total(), ahead, gradients);
      out.values = tape.h();
      out.gradients = tape.dh();
      out.at = steps.batchSize() * hiddenSize;
    }

    @Override
    int stateSize() {
      return cell.hasCellState() ? 2 * hiddenSize : hiddenSize;
    }

    @Override
    void loadState(int row, float[] state, int at) {
      System.arraycopy(state, at, tape.h(), row * hiddenSize, hiddenSize);
      if (cell.hasCellState()) {
        System.arraycopy(state, at + hiddenSize, tape.c(), row * hiddenSize, hiddenSize);
      }
    }

    @Override
    void storeState(Steps steps, int row, int taken, float[] state, int at) {
      int from = steps.stateRow(row, taken) * hiddenSize;
      System.arraycopy(tape.h(), from, state, at, hiddenSize);
      if (cell.hasCellState()) {
        System.arraycopy(tape.c(), from, state, at + hiddenSize, hiddenSize);
      }
    }

    @Override
    void clearState(int row) {
      int from = row * hiddenSize;
      java.util.Arrays.fill(tape.h(), from, from + hiddenSize, 0f);
      if (cell.hasCellState()) {
        java.util.Arrays.fill(tape.c(), from, from + hiddenSize, 0f);
      }
    }

    @Override
    void forward(Steps steps, RowRange range) {
      cell.inputAhead(tape, in.values, in.at, range.start(), range.count());
      for (int t = 0; t < steps.timeSteps(); t++) {
        int rows = range.count(steps, t);
        if (rows == 0) {
          break;
        }
        int row = steps.vector(range.from(), t);
        int previous = steps.stateRow(range.from(), t);
        int parts = (rows + ROWS - 1) / ROWS;
        for (int part = 0; part < parts; part++) {
          int r = rows * part / parts;
          int some = rows * (part + 1) / parts - r;
          cell.forward(tape, in.values, in.at, row + r, previous + r, some);
        }
      }
    }

    @Override
    void clearInnerGradients(Steps steps, RowRange range) {
      tape.clearHiddenGradients(range.from(), range.to() - range.from(), hiddenSize);
      // Of the cell states those after a sequence's last step; the step after it writes any other.
      int running = 0;
      for (int t = steps.timeSteps() - 1; t >= 0; t--) {
        int rows = range.count(steps, t);
        if (rows > running) {
          int last = steps.stateRow(range.from() + running, t + 1);
          tape.clearCellGradients(last, rows - running, hiddenSize);
          running = rows;
        }
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      for (int t = steps.timeSteps() - 1; t >= 0; t--) {
        int rows = range.count(steps, t);
        if (rows > 0) {
          int row = steps.vector(range.from(), t);
          cell.backward(tape, row, steps.stateRow(range.from(), t), rows);
        }
      }
      if (in.hasGradients()) {
        cell.inputGradient(tape, in.gradients, in.at, range.start(), range.count());
      }
    }

    @Override
    void weightGradients(Steps.Group group, float[] gradients, int share, int shares) {
      cell.weightGradients(
          tape, in.values, in.at, group.vectors(), group.transitions(), gradients, share, shares);
    }
  }
}
