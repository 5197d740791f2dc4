package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.cell.Packing;
import dev.carousel.cell.RecurrentCell;

/** A recurrent layer: the cell, taken through the steps. */
record RecurrentLayer(RecurrentCell cell) implements CompiledLayer {
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
      tape.reserve(cell, steps.batchSize(), steps.total(), gradients);
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
      cell.inputAhead(tape, in.values, in.at, range);
      for (int t = 0; t < steps.timeSteps(); t++) {
        int rows = range.count(steps, t);
        if (rows == 0) {
          break;
        }
        int row = steps.offset(t) + range.from();
        cell.forward(tape, in.values, in.at, row, steps.previous(t) + range.from(), rows);
      }
    }

    @Override
    void clearGradients(Steps steps, RowRange range) {
      tape.clearGradients(range.from(), range.to() - range.from(), hiddenSize);
      for (int s = 0; s < range.segments(); s++) {
        tape.clearGradients(steps.batchSize() + range.start(s), range.count(s), hiddenSize);
      }
    }

    @Override
    void backward(Steps steps, RowRange range) {
      for (int t = steps.timeSteps() - 1; t >= 0; t--) {
        int rows = range.count(steps, t);
        if (rows > 0) {
          cell.backward(
              tape, steps.offset(t) + range.from(), steps.previous(t) + range.from(), rows);
        }
      }
      if (in.hasGradients()) {
        cell.inputGradient(tape, in.gradients, in.at, range);
      }
    }

    @Override
    void weightGradients(Steps steps, float[] gradients, int worker, int workers) {
      cell.inputWeightGradient(tape, in.values, in.at, steps.total(), gradients, worker, workers);
      // As long as no sequence ends, the states before the steps follow each other like the steps:
      // one product.
      int t = 0;
      while (t < steps.timeSteps()) {
        int last = t;
        while (last + 1 < steps.timeSteps()
            && steps.previous(last + 1) == steps.previous(last) + steps.rows(last)) {
          last++;
        }
        int count = steps.offset(last) + steps.rows(last) - steps.offset(t);
        cell.recurrentWeightGradient(
            tape, steps.offset(t), steps.previous(t), count, gradients, worker, workers);
        t = last + 1;
      }
    }
  }
}
