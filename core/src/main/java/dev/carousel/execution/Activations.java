package dev.carousel.execution;

import dev.carousel.kernel.RowPairs;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What flows between two layers: vectors of {@code width} values, packed by step or one per
 * sequence, and the gradient of the loss in each of them at the same place of a second array.
 */
public final class Activations {
  static final float[] NONE = {};

  final int width;
  final boolean perStep;
  float[] values = NONE;
  float[] gradients = NONE;
  // Index of the first vector's first value, in both arrays.
  int at;
  // Whether the layer before can do with the gradients of the last steps alone, as last.
  boolean lastSuffices;
  // Where only the last steps are read: what holds their gradients, one vector for each sequence,
  // unless those of all steps are kept. Values of other steps may be of an earlier batch.
  @Nullable Activations last;
  // Where the vectors are those of tokens: what a layer may take instead of values.
  @Nullable TokenVectors tokens;

  Activations(int width, boolean perStep) {
    this.width = width;
    this.perStep = perStep;
  }

  void reserve(Steps steps, boolean withGradients) {
    int size = Math.multiplyExact(vectors(steps), width);
    if (values.length < size) {
      values = new float[size];
    }
    if (withGradients) {
      reserveGradients(steps);
    }
  }

  void reserveGradients(Steps steps) {
    int size = Math.multiplyExact(vectors(steps), width);
    if (gradients.length < size) {
      gradients = new float[size];
    }
  }

  /** Values in one vector. */
  public int width() {
    return width;
  }

  /** Whether there is a vector at each step, or one per sequence. */
  public boolean perStep() {
    return perStep;
  }

  /** The number of vectors in a batch. */
  public int vectors(Steps steps) {
    return perStep ? steps.total() : steps.batchSize();
  }

  /** The values, from {@link #index} on; of a larger batch before there may be more. */
  public float[] values() {
    return values;
  }

  /** The gradients; empty where none are wanted. */
  public float[] gradients() {
    return gradients;
  }

  /** The index of the first value of a vector, in {@link #values} and in {@link #gradients}. */
  public int index(int vector) {
    return at + vector * width;
  }

  boolean hasGradients() {
    return gradients.length > 0;
  }

  /** The first vector of a part of the rows. */
  int start(RowRange range) {
    return perStep ? range.start() : range.from();
  }

  /** The number of vectors of a part of the rows. */
  int count(RowRange range) {
    return perStep ? range.count() : range.to() - range.from();
  }

  /** All vectors in the order in which sums over them are made. */
  public RowPairs order(Steps steps) {
    return order(steps.sums().all());
  }

  /** The same of a group's vectors. */
  RowPairs order(SumOrder.Group group) {
    return perStep ? group.vectors() : group.sequences();
  }

  void clearGradients(RowRange range) {
    if (!hasGradients()) {
      return;
    }
    int from = index(start(range));
    Arrays.fill(gradients, from, from + count(range) * width, 0f);
  }
}
