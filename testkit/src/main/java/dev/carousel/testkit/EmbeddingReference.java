package dev.carousel.testkit;

/** A table of vectors, one for each symbol: y(t) = table[x(t)]. Backward: dTable[x(t)] += dy(t). */
public final class EmbeddingReference {

  private final double[][] table;

  /**
   * Makes the layer.
   *
   * @param table {@code [vocabularySize][embeddingSize]}
   */
  public EmbeddingReference(double[][] table) {
    this.table = table;
  }

  /** {@code table}. */
  public Parameters parameters() {
    return new Parameters().with("table", table);
  }

  /**
   * Looks symbols up.
   *
   * @param symbols {@code [batchSize][timeSteps of that sequence]}, each from 0 to vocabularySize -
   *     1
   * @return {@code [batchSize][timeSteps of that sequence][embeddingSize]}
   * @throws IllegalArgumentException if a symbol is outside the table
   */
  public double[][][] forward(int[][] symbols) {
    double[][][] outputs = new double[symbols.length][][];
    for (int b = 0; b < symbols.length; b++) {
      outputs[b] = new double[symbols[b].length][];
      for (int t = 0; t < symbols[b].length; t++) {
        outputs[b][t] = table[row(symbols, b, t)].clone();
      }
    }
    return outputs;
  }

  /** Carries gradients of the outputs back to the rows looked up, adding to {@code gradients}. */
  public void backward(int[][] symbols, double[][][] dOutputs, Parameters gradients) {
    for (int b = 0; b < symbols.length; b++) {
      for (int t = 0; t < symbols[b].length; t++) {
        LinearAlgebra.add(dOutputs[b][t], gradients.matrix("table")[row(symbols, b, t)]);
      }
    }
  }

  private int row(int[][] symbols, int b, int t) {
    int symbol = symbols[b][t];
    if (symbol < 0 || symbol >= table.length) {
      throw new IllegalArgumentException(
          "symbols["
              + b
              + "]["
              + t
              + "]: expected 0 to "
              + (table.length - 1)
              + " (rows of table), got "
              + symbol);
    }
    return symbol;
  }
}
