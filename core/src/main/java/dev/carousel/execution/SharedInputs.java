package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.cell.InputWeights;
import dev.carousel.kernel.RowPairs;
import java.util.Arrays;

/**
 * What a recurrent layer has of {@link TokenVectors}: of each distinct token of a part the product
 * with the input weights, and of each distinct token of a group the sum of dz over the steps it
 * occurs at. Where batches are single steps, the products are those of {@link TableProducts}.
 */
final class SharedInputs {
  private final InputWeights weights;
  private final TokenVectors tokens;
  private final TableProducts table;
  private final boolean reversed;
  private boolean tabled;
  // Part p's, and group g's.
  private float[][] products = {};
  private float[][] sums = {};

  /**
   * @param reversed whether each sequence is taken from its end
   */
  SharedInputs(InputWeights weights, TokenVectors tokens, TableProducts table, boolean reversed) {
    this.weights = weights;
    this.tokens = tokens;
    this.table = table;
    this.reversed = reversed;
  }

  private int[] order() {
    return reversed ? tokens.reversed : tokens.tokens;
  }

  /** Whether this batch has them; after {@link #reserve}. */
  boolean active() {
    return tabled || tokens.shared();
  }

  void reserve(Steps steps, Gradients wanted) {
    tabled = tokens.isStep(steps) && table.areWorthIt(tokens);
    if (tabled) {
      table.of(tokens); // Made now: steps allocate nothing.
    }
    if (!tokens.shared()) {
      return;
    }
    products = grown(products, steps.parts());
    for (int p = 0; p < steps.parts(); p++) {
      products[p] = grown(products[p], tokens.most(steps, p));
    }
    if (wanted != Gradients.NONE) {
      sums = grown(sums, steps.groups());
      for (int g = 0; g < steps.groups(); g++) {
        sums[g] = grown(sums[g], tokens.most(steps, steps.sums().group(g)));
      }
    }
  }

  private static float[][] grown(float[][] arrays, int count) {
    int from = arrays.length;
    if (from >= count) {
      return arrays;
    }
    float[][] all = Arrays.copyOf(arrays, count);
    Arrays.fill(all, from, count, Activations.NONE);
    return all;
  }

  private float[] grown(float[] array, int rows) {
    int size = Math.multiplyExact(rows, weights.columns());
    return array.length >= size ? array : new float[size];
  }

  /** The products of a part, before its first step. */
  void multiply(RowRange range) {
    if (tabled) {
      return;
    }
    DistinctTokens distinct = tokens.ofPart(range);
    weights.products(distinct.count(), distinct.values, 0, products[range.part()]);
  }

  /** Brings the products to some vectors of a part, before their step. */
  void begin(CellTape tape, RowRange range, int vector, int count) {
    if (tabled) {
      float[] all = table.of(tokens);
      for (int v = vector; v < vector + count; v++) {
        weights.begin(tape, v, all, tokens.tokens[v]);
      }
      return;
    }
    DistinctTokens distinct = tokens.ofPart(range);
    int[] order = order();
    for (int v = vector; v < vector + count; v++) {
      weights.begin(tape, v, products[range.part()], distinct.number(order[v]));
    }
  }

  /** Makes the sums of a group, or a share of their columns, zero. */
  void clear(Steps steps, SumOrder.Group group, int share, int shares) {
    int rows = tokens.ofGroup(steps, group).count();
    weights.clear(sums[group.number()], rows, share, shares);
  }

  /** Adds a share of dz of some vectors of a group. */
  void add(
      CellTape tape, Steps steps, SumOrder.Group group, RowPairs vectors, int share, int shares) {
    DistinctTokens distinct = tokens.ofGroup(steps, group);
    float[] to = sums[group.number()];
    int[] order = order();
    for (int s = 0; s < vectors.stretches(); s++) {
      int start = vectors.right(s);
      for (int v = start; v < start + vectors.count(s); v++) {
        weights.add(tape, v, to, distinct.number(order[v]), share, shares);
      }
    }
  }

  /** A share of the gradients of the input weights, when its columns are added up. */
  void weightGradients(
      Steps steps, SumOrder.Group group, float[] gradients, int share, int shares) {
    DistinctTokens distinct = tokens.ofGroup(steps, group);
    weights.weightGradients(
        distinct.values, sums[group.number()], distinct.rows(), gradients, share, shares);
  }

  /** The gradients of a share of the group's tokens, when all columns are added up. */
  void inputGradients(Steps steps, SumOrder.Group group, int share, int shares) {
    DistinctTokens distinct = tokens.ofGroup(steps, group);
    int from = distinct.first(share, shares);
    int rows = distinct.first(share + 1, shares) - from;
    weights.inputGradients(from, rows, sums[group.number()], distinct.gradients);
  }
}
