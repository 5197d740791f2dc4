package dev.carousel.cell;

import java.util.Arrays;

/**
 * What one recurrent layer computed over one window of steps: kept by the forward pass, consumed by
 * the backward pass. See the package for the shapes. Arrays only grow, so a steady state allocates
 * nothing.
 */
public final class CellTape {
  /**
   * In training, where all gradients in a state are smaller than this in magnitude, 7.9e-31, they
   * are taken for zero: beside what else a sum is made of they do not count, but numbers that go on
   * shrinking end below 2^-126, where some processors take hundreds of cycles for an operation.
   */
  public static final float VANISHED = 0x1p-100f;

  private static final float[] NONE = {};

  float[] z = NONE;
  float[] h = NONE;
  float[] c = NONE;
  float[] extra = NONE;
  float[] dh = NONE;
  float[] dc = NONE;
  float[] dExtra = NONE;
  int batchSize;
  // What the products read of the states before, state row 0 first.
  float[] states = NONE;
  InputProduct input = InputProduct.IN_STEP;

  /** Empty until {@link #reserve}. */
  public CellTape() {}

  /**
   * Makes room for a batch.
   *
   * @param batchSize sequences, B
   * @param total steps of all sequences, N
   * @param input when the products with the input are made
   */
  public void reserve(RecurrentCell cell, int batchSize, int total, InputProduct input) {
    this.batchSize = batchSize;
    this.input = input;
    int values = Math.multiplyExact(Math.addExact(batchSize, total), cell.hiddenSize());
    z = grown(z, Math.multiplyExact(total, cell.zStride()));
    h = grown(h, values);
    readStates(h);
    c = grown(c, cell.hasCellState() ? values : 0);
    extra = grown(extra, Math.multiplyExact(total, cell.extraSize()));
  }

  /**
   * Makes room for a backward pass, after {@link #reserve}.
   *
   * @param total steps of all sequences, N
   * @param dhRows rows of dh
   * @param dcRows rows of dc, if the cell has one
   */
  public void reserveGradients(RecurrentCell cell, int total, int dhRows, int dcRows) {
    int h = cell.hiddenSize();
    dh = grown(dh, Math.multiplyExact(dhRows, h));
    dc = grown(dc, cell.hasCellState() ? Math.multiplyExact(dcRows, h) : 0);
    dExtra = grown(dExtra, Math.multiplyExact(total, cell.gradientExtraSize()));
  }

  /** Makes the products read the states of all units of a layer, where these are only some. */
  void readStates(float[] all) {
    states = all;
  }

  private static float[] grown(float[] array, int size) {
    return array.length >= size ? array : new float[size];
  }

  /**
   * The hidden states: row 0 to B - 1 the initial ones, from row B on those of the packed steps. To
   * be read: a pass knows which initial ones are zero by what was loaded into it.
   */
  public float[] h() {
    return h;
  }

  /** The cell states, laid out like {@link #h}; empty for cells without. */
  public float[] c() {
    return c;
  }

  /**
   * After a backward pass that keeps them: the gradient of the loss in each hidden state, laid out
   * like {@link #h}.
   */
  public float[] dh() {
    return dh;
  }

  /**
   * After a backward pass that keeps them: the gradient of the loss in each cell state, laid out
   * like {@link #c}.
   */
  public float[] dc() {
    return dc;
  }

  /**
   * The gates' activations after the forward pass, {@code [N, zStride]}; replaced by gradients in
   * the backward pass.
   */
  public float[] z() {
    return z;
  }

  /** Sets {@code rows} rows of dh from row {@code from} on to zero. */
  public void clearHiddenGradients(int from, int rows, int hiddenSize) {
    Arrays.fill(dh, from * hiddenSize, (from + rows) * hiddenSize, 0f);
  }

  /** The same for dc, if there is one. */
  public void clearCellGradients(int from, int rows, int hiddenSize) {
    if (dc.length > 0) {
      Arrays.fill(dc, from * hiddenSize, (from + rows) * hiddenSize, 0f);
    }
  }

  /**
   * Sets a row of dh, and one of dc, if there is one, to zero if nothing in them reaches {@link
   * #VANISHED}; whether they are zero now.
   */
  public boolean vanish(int dhRow, int dcRow, int hiddenSize) {
    int dcAt = dc.length > 0 ? dcRow * hiddenSize : 0;
    int dcEnd = dc.length > 0 ? dcAt + hiddenSize : 0;
    int dhAt = dhRow * hiddenSize;
    if (!isVanished(dh, dhAt, dhAt + hiddenSize) || !isVanished(dc, dcAt, dcEnd)) {
      return false;
    }
    Arrays.fill(dh, dhAt, dhAt + hiddenSize, 0f);
    Arrays.fill(dc, dcAt, dcEnd, 0f);
    return true;
  }

  private static boolean isVanished(float[] gradients, int from, int to) {
    for (int i = from; i < to; i++) {
      // NaN has not.
      if (!(Math.abs(gradients[i]) < VANISHED)) {
        return false;
      }
    }
    return true;
  }
}
