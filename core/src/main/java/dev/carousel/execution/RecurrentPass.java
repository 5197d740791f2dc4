package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.cell.CellUnits;
import dev.carousel.cell.InputProduct;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.cell.StepRows;
import dev.carousel.kernel.RowPairs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one {@link RecurrentLayer}. Its output is the tape's own h, behind the initial
 * states.
 *
 * <p>The gradients of states are kept where they are asked for. Else dc has one row for each
 * sequence, which every step replaces; and so has dh, in two halves that take turns, where only the
 * last steps get a gradient from the next layer.
 */
final class RecurrentPass extends LayerPass {
  // At most so many rows are taken from the products to the new state at once: their z is still in
  // the nearest caches then. 256 rows of an LSTM 28 to 128 took 200 us so, and 230 in two halves.
  private static final int ROWS = 24;
  // What two workers write at every step lies so many small objects apart, in other cache lines.
  private static final int APART = 4;

  private final RecurrentCell cell;
  private final UnitShares<RecurrentCell> shares;
  private final int hiddenSize;
  final CellTape tape = new CellTape();
  // Whether no state was loaded: all are cleared when room is made.
  private boolean fromZero;
  // The first so many states before the first step are zero already. To clear them again would
  // take their cache lines from whoever runs them.
  private int zeroStates;
  private boolean keeps;
  private boolean dhRuns;
  private int batchSize;
  // At which step the gradients of a sequence's state had vanished, the last time.
  private int[] vanished = {};
  // Part p's is places[p * APART]: where the rows of a step lie.
  private StepRows[] places = {};

  private CellUnits[] members = {};
  private final @Nullable SharedInputs inputs;

  /**
   * @param inputs what steps with the same input may share; null if nothing
   */
  RecurrentPass(
      RecurrentCell cell,
      UnitShares<RecurrentCell> shares,
      Activations in,
      @Nullable SharedInputs inputs) {
    super(in, new Activations(cell.hiddenSize(), true));
    this.cell = cell;
    this.shares = shares;
    this.hiddenSize = cell.hiddenSize();
    this.inputs = inputs;
    out.lastSuffices = true;
  }

  /** Its output is its states. */
  @Override
  boolean readsOutput(Gradients wanted) {
    return true;
  }

  @Override
  void link() {
    if (in.tokens != null) {
      in.tokens.use();
    }
  }

  /** What the steps share of their inputs; null if this batch takes each input by itself. */
  private @Nullable SharedInputs shared() {
    return inputs != null && inputs.active() ? inputs : null;
  }

  @Override
  void reserve(Steps steps, Gradients wanted) {
    fromZero = true;
    // Of the batch before, only its own initial states stayed: behind them it wrote later ones.
    zeroStates = Math.min(zeroStates, batchSize);
    batchSize = steps.batchSize();
    int stepsOfParts = steps.timeSteps() * steps.parts();
    int rows = (steps.total() + stepsOfParts - 1) / stepsOfParts;
    if (inputs != null) {
      inputs.reserve(steps, wanted);
    }
    InputProduct input = InputProduct.IN_STEP;
    if (shared() != null) {
      input = InputProduct.SHARED;
    } else if (cell.inputAheadPays(steps.timeSteps(), rows)) {
      input = InputProduct.AHEAD;
    }
    tape.reserve(cell, batchSize, steps.total(), input);
    if (wanted != Gradients.NONE) {
      reserveGradients(steps, wanted == Gradients.ALL);
    }
    out.values = tape.h();
    out.at = batchSize * hiddenSize;
  }

  private void reserveGradients(Steps steps, boolean all) {
    keeps = all;
    dhRuns = !all && out.last != null;
    int states = batchSize + steps.total();
    tape.reserveGradients(
        cell, steps.total(), dhRuns ? 2 * batchSize : states, keeps ? states : batchSize);
    out.gradients = dhRuns ? Activations.NONE : tape.dh();
    if (vanished.length < batchSize) {
      vanished = new int[batchSize];
    }
    Arrays.fill(vanished, -1);
    int apart = steps.parts() * APART;
    if (places.length < apart) {
      places = Stream.generate(StepRows::new).limit(apart).toArray(StepRows[]::new);
    }
  }

  @Override
  int stateSize() {
    return cell.hasCellState() ? 2 * hiddenSize : hiddenSize;
  }

  @Override
  void loadState(int row, float[] state, int at) {
    // Not written for every row: workers would take the cache line from each other.
    if (fromZero || zeroStates > 0) {
      fromZero = false;
      zeroStates = 0;
    }
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
    if (row < zeroStates) {
      return;
    }
    int from = row * hiddenSize;
    Arrays.fill(tape.h(), from, from + hiddenSize, 0f);
    if (cell.hasCellState()) {
      Arrays.fill(tape.c(), from, from + hiddenSize, 0f);
    }
    if (row == zeroStates) {
      zeroStates++;
    }
  }

  @Override
  void forward(Steps steps, RowRange range) {
    SharedInputs shared = shared();
    if (shared != null) {
      shared.multiply(range);
    }
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
        if (shared != null) {
          shared.begin(tape, range, row + r, some);
        }
        if (t == 0 && fromZero) {
          cell.forwardFromZero(tape, in.values, in.at, row + r, previous + r, some);
        } else {
          cell.forward(tape, in.values, in.at, row + r, previous + r, some);
        }
      }
    }
  }

  @Override
  boolean divide(int members) {
    int count = TeamStep.members(shares, cell.weights(), members);
    if (count == 1 || !cell.unitsStandAlone()) {
      return false;
    }
    List<RecurrentCell> cells = shares.of(count);
    this.members = new CellUnits[count];
    for (int member = 0; member < count; member++) {
      this.members[member] = new CellUnits(cells.get(member), shares.from(member, count));
    }
    return true;
  }

  @Override
  void stepShare(int member) {
    if (member < members.length) {
      members[member].forward(tape, in.values, in.index(0));
    }
  }

  @Override
  void gather() {
    for (CellUnits member : members) {
      member.store(tape);
    }
  }

  @Override
  void clearInnerGradients(Steps steps, RowRange range) {
    if (!dhRuns) {
      tape.clearHiddenGradients(range.from(), range.to() - range.from(), hiddenSize);
    }
    if (!keeps) {
      return;
    }
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
    int first = backward(steps, range, 0, steps.timeSteps());
    withoutGradient(range, 0, first);
    if (shared() == null && in.hasGradients()) {
      int done = first * (range.to() - range.from());
      cell.inputGradient(tape, in.gradients, in.at, range.start() + done, range.count() - done);
    }
  }

  @Override
  void backwardAndSum(Steps steps, RowRange range, SumOrder.Group group, float[] gradients) {
    boolean ended = false;
    SharedInputs shared = shared();
    if (shared != null) {
      shared.clear(steps, group, 0, 1);
    }
    for (int w = 0; w < group.windows(); w++) {
      SumOrder.Group.Window window = group.window(w);
      int begin = window.begin();
      int first = ended ? window.end() : backward(steps, range, begin, window.end());
      withoutGradient(range, begin, first);
      ended = first > begin;
      if (shared != null) {
        shared.add(tape, steps, group, window.vectors(), 0, 1);
      } else if (in.hasGradients() && first < window.end()) {
        int start = steps.vector(range.from(), begin);
        cell.inputGradient(tape, in.gradients, in.at, start, window.count());
      }
      // Zeros are added too: 0 times infinity is not zero, on whichever way a sum is made.
      sum(window.vectors(), window.transitions(), gradients, 0, 1);
    }
    if (shared != null) {
      shared.weightGradients(steps, group, gradients, 0, 1);
      shared.inputGradients(steps, group, 0, 1);
    }
  }

  /**
   * Steps {@code [from, to)}, the last one first, or fewer: where every gradient has vanished and
   * none will be added, there is nothing to take further.
   *
   * @return the first step with a gradient
   */
  private int backward(Steps steps, RowRange range, int from, int to) {
    StepRows at = places[range.part() * APART];
    int row = range.from();
    for (int t = to - 1; t >= from; t--) {
      at.count = range.count(steps, t);
      if (at.count == 0) {
        continue;
      }
      at.packed = steps.vector(row, t);
      at.previous = steps.stateRow(row, t);
      at.dh = dhRuns ? half(t + 1) + row : steps.stateRow(row, t + 1);
      at.dhPrevious = dhRuns ? half(t) + row : at.previous;
      at.dc = keeps ? steps.stateRow(row, t + 1) : row;
      at.dcPrevious = keeps ? at.previous : row;
      if (!keeps) {
        begin(at, row, t + 1 < steps.timeSteps() ? range.count(steps, t + 1) : 0);
        boolean nothingLeft = vanish(at, row, t);
        boolean allRun = at.count == range.to() - row;
        if (nothingLeft && allRun && dhRuns) {
          return t + 1;
        }
      }
      cell.backward(tape, at);
      if (!keeps) {
        zeroVanished(at, row, t);
      }
      if (keeps || t > 0) {
        cell.backwardToState(tape, at);
      }
    }
    return from;
  }

  /** Sets to zero what has vanished; whether there is no gradient left in any row. */
  private boolean vanish(StepRows at, int row, int t) {
    boolean all = true;
    for (int r = 0; r < at.count; r++) {
      if (tape.vanish(at.dh + r, at.dc + r, hiddenSize)) {
        vanished[row + r] = t;
      } else {
        all = false;
      }
    }
    return all;
  }

  /**
   * What became of zeros is +0, as where the way back has ended: -0, and 0 times infinity, would
   * show in a sum.
   */
  private void zeroVanished(StepRows at, int row, int t) {
    for (int r = 0; r < at.count; r++) {
      if (vanished[row + r] == t) {
        cell.noGradient(tape, at.packed + r, 1);
      }
    }
  }

  /** Steps {@code [from, to)}, which all sequences have. */
  private void withoutGradient(RowRange range, int from, int to) {
    if (from < to) {
      int rows = range.to() - range.from();
      cell.noGradient(tape, range.start() + from * rows, (to - from) * rows);
    }
  }

  /** Where dh after so many steps is. */
  private int half(int taken) {
    return (taken & 1) * batchSize;
  }

  /** Gradients of the last states of the sequences that end with this step, those behind some. */
  private void begin(StepRows at, int row, int running) {
    int rows = at.count - running;
    tape.clearCellGradients(at.dc + running, rows, hiddenSize);
    Activations last = out.last;
    if (dhRuns && last != null) {
      tape.clearHiddenGradients(at.dhPrevious, at.count, hiddenSize);
      System.arraycopy(
          last.gradients,
          last.index(row + running),
          tape.dh(),
          (at.dh + running) * hiddenSize,
          rows * hiddenSize);
    }
  }

  @Override
  void weightGradients(
      Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
    sum(group.vectors(), group.transitions(), gradients, share, shares);
    SharedInputs shared = shared();
    if (shared != null) {
      shared.clear(steps, group, share, shares);
      shared.add(tape, steps, group, group.vectors(), share, shares);
      shared.weightGradients(steps, group, gradients, share, shares);
    }
  }

  @Override
  void finishWeightGradients(
      Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
    SharedInputs shared = shared();
    if (shared != null) {
      shared.inputGradients(steps, group, share, shares);
    }
  }

  private void sum(
      RowPairs vectors, RowPairs transitions, float[] gradients, int share, int shares) {
    cell.weightGradients(tape, in.values, in.at, vectors, transitions, gradients, share, shares);
  }
}
