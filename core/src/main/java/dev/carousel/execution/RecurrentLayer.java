package dev.carousel.execution;

import dev.carousel.cell.InputWeights;
import dev.carousel.cell.Packing;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Cell;
import dev.carousel.network.LayerParameters;
import org.jspecify.annotations.Nullable;

/** A recurrent layer: the cell, taken through the steps. */
final class RecurrentLayer implements CompiledLayer {
  private final RecurrentCell cell;
  private final UnitShares<RecurrentCell> shares;
  private final InputWeights inputWeights;
  private final TableProducts table;

  RecurrentLayer(Cell spec, Kernel kernel, LayerParameters layer) {
    this.cell = RecurrentCell.of(spec, kernel, layer);
    this.inputWeights = new InputWeights(cell);
    this.table = new TableProducts(inputWeights);
    this.shares =
        new UnitShares<>(
            kernel,
            cell.hiddenSize(),
            (from, to) -> {
              RecurrentCell some = RecurrentCell.of(spec, kernel, layer.units(from, to));
              some.pack(0, 1, Packing.FORWARD);
              return some;
            });
  }

  RecurrentCell cell() {
    return cell;
  }

  @Override
  public void pack(int worker, int workers, Packing packing) {
    cell.pack(worker, workers, packing);
    if (worker == 0) {
      shares.forget();
      table.forget();
    }
  }

  @Override
  public void align() {
    cell.align();
    shares.each(RecurrentCell::align);
  }

  @Override
  public RecurrentPass pass(Activations in) {
    return pass(in, in.tokens, false);
  }

  /**
   * The same where the tokens behind the inputs, if there are any, are given.
   *
   * @param reversed whether the inputs are sequences from their ends
   */
  RecurrentPass pass(Activations in, @Nullable TokenVectors tokens, boolean reversed) {
    SharedInputs inputs =
        tokens == null ? null : new SharedInputs(inputWeights, tokens, table, reversed);
    return new RecurrentPass(cell, shares, in, inputs);
  }
}
