package dev.carousel.data;

import java.util.Arrays;

/**
 * What the sequences of a {@link Sequences} are to be mapped to. The arrays are checked and copied
 * at construction, and the record's own array accessors return copies; the accessors that take a
 * position copy and allocate nothing.
 *
 * <p>"Step" means the position in the flat storage: {@code sequences.start(i) + t} for step t of
 * sequence i.
 */
public sealed interface Targets {

  /** Class of a step that has no target and adds nothing to the loss. */
  int MASKED = -1;

  /** No targets: for prediction. */
  record None() implements Targets {}

  /**
   * One class for each sequence.
   *
   * @param perSequence [size], each in [0, classCount)
   * @param classCount number of classes, at least 1
   */
  record Classes(int[] perSequence, int classCount) implements Targets {
    /**
     * @throws InvalidDataException if a class is out of range or classCount is below 1
     */
    public Classes {
      perSequence = perSequence.clone();
      checkClasses("target class of sequence", perSequence, 0, classCount);
    }

    /** Returns a copy, [size]. */
    @Override
    public int[] perSequence() {
      return perSequence.clone();
    }

    /** Returns the class of a sequence. */
    public int of(int sequence) {
      return perSequence[sequence];
    }

    @Override
    public Classes select(Sequences from, int[] indices) {
      int[] chosen = new int[indices.length];
      for (int k = 0; k < indices.length; k++) {
        chosen[k] = perSequence[indices[k]];
      }
      return new Classes(chosen, classCount);
    }

    @Override
    public void checkFits(int size, int totalSteps) {
      checkCount("target classes", perSequence.length, size, "sequences", size);
    }
  }

  /**
   * One class for each step.
   *
   * @param perStep [totalSteps], each in [0, classCount), or {@link #MASKED}
   * @param classCount number of classes, at least 1
   */
  record StepClasses(int[] perStep, int classCount) implements Targets {
    /**
     * @throws InvalidDataException if a class is out of range or classCount is below 1
     */
    public StepClasses {
      perStep = perStep.clone();
      checkClasses("target class of step", perStep, MASKED, classCount);
    }

    /** Returns a copy, [totalSteps]. */
    @Override
    public int[] perStep() {
      return perStep.clone();
    }

    /** Returns the number of steps. */
    public int rows() {
      return perStep.length;
    }

    /** Returns the class of a step, or {@link #MASKED}. */
    public int of(int step) {
      return perStep[step];
    }

    @Override
    public StepClasses select(Sequences from, int[] indices) {
      int[] chosen = new int[from.totalSteps(indices)];
      int at = 0;
      for (int i : indices) {
        System.arraycopy(perStep, from.start(i), chosen, at, from.length(i));
        at += from.length(i);
      }
      return new StepClasses(chosen, classCount);
    }

    @Override
    public void checkFits(int size, int totalSteps) {
      checkCount("target classes", perStep.length, totalSteps, "steps", totalSteps);
    }
  }

  /**
   * A row of numbers for each sequence.
   *
   * @param perSequence [size, width] row-major, finite
   * @param width numbers in a row, at least 1
   */
  record Values(float[] perSequence, int width) implements Targets {
    /**
     * @throws InvalidDataException if a value is not finite or width is below 1
     */
    public Values {
      perSequence = perSequence.clone();
      checkValues("target value of sequence", perSequence, width);
    }

    /** Returns a copy, [size, width]. */
    @Override
    public float[] perSequence() {
      return perSequence.clone();
    }

    /** Returns the number of rows, one for each sequence. */
    public int rows() {
      return perSequence.length / width;
    }

    /** Copies the row of a sequence to {@code to[at .. at + width)}. */
    public void copy(int sequence, float[] to, int at) {
      System.arraycopy(perSequence, sequence * width, to, at, width);
    }

    @Override
    public Values select(Sequences from, int[] indices) {
      float[] chosen = new float[Offsets.checkedArea(indices.length, width)];
      for (int k = 0; k < indices.length; k++) {
        copy(indices[k], chosen, k * width);
      }
      return new Values(chosen, width);
    }

    @Override
    public void checkFits(int size, int totalSteps) {
      checkCount("target values", perSequence.length, (long) size * width, "sequences", size);
    }
  }

  /**
   * A row of numbers for each step.
   *
   * @param perStep [totalSteps, width] row-major, finite
   * @param width numbers in a row, at least 1
   * @param mask [totalSteps]: weight of the step in the loss, finite and at least 0; 0 leaves the
   *     step out
   */
  record StepValues(float[] perStep, int width, float[] mask) implements Targets {
    /**
     * @throws InvalidDataException if a value or weight is not finite, a weight is negative, width
     *     is below 1 or mask has not one weight for each row
     */
    public StepValues {
      perStep = perStep.clone();
      mask = mask.clone();
      checkValues("target value of step", perStep, width);
      if ((long) mask.length * width != perStep.length) {
        throw new InvalidDataException(
            "mask: expected "
                + perStep.length / width
                + " weights (one for each step), got "
                + mask.length);
      }
      for (int step = 0; step < mask.length; step++) {
        if (!(mask[step] >= 0 && mask[step] < Float.POSITIVE_INFINITY)) {
          throw new InvalidDataException(
              "mask of step "
                  + step
                  + ": expected a finite weight of at least 0, got "
                  + mask[step]);
        }
      }
    }

    /** Every step counts with weight 1. */
    public static StepValues unmasked(float[] perStep, int width) {
      float[] mask = new float[width < 1 ? 0 : perStep.length / width];
      Arrays.fill(mask, 1);
      return new StepValues(perStep, width, mask);
    }

    /** Returns a copy, [totalSteps, width]. */
    @Override
    public float[] perStep() {
      return perStep.clone();
    }

    /** Returns a copy, [totalSteps]. */
    @Override
    public float[] mask() {
      return mask.clone();
    }

    /** Returns the number of rows, one for each step. */
    public int rows() {
      return mask.length;
    }

    /** Copies the row of a step to {@code to[at .. at + width)}. */
    public void copy(int step, float[] to, int at) {
      System.arraycopy(perStep, step * width, to, at, width);
    }

    /** Returns the weight of a step in the loss. */
    public float weight(int step) {
      return mask[step];
    }

    @Override
    public StepValues select(Sequences from, int[] indices) {
      int steps = from.totalSteps(indices);
      float[] values = new float[Offsets.checkedArea(steps, width)];
      float[] weights = new float[steps];
      int at = 0;
      for (int i : indices) {
        int start = from.start(i);
        int length = from.length(i);
        System.arraycopy(perStep, start * width, values, at * width, length * width);
        System.arraycopy(mask, start, weights, at, length);
        at += length;
      }
      return new StepValues(values, width, weights);
    }

    @Override
    public void checkFits(int size, int totalSteps) {
      checkCount("target values", perStep.length, (long) totalSteps * width, "steps", totalSteps);
    }
  }

  /**
   * Returns the targets of the chosen sequences, in the given order.
   *
   * @param from the sequences these targets belong to
   * @param indices sequences of {@code from}, each in [0, size)
   */
  default Targets select(Sequences from, int[] indices) {
    return this;
  }

  /**
   * Checks that there is a target for everything that needs one.
   *
   * @throws InvalidDataException naming the number expected and found
   */
  default void checkFits(int size, int totalSteps) {}

  private static void checkClasses(String what, int[] classes, int lowest, int classCount) {
    if (classCount < 1) {
      throw new InvalidDataException("class count: expected at least 1, got " + classCount);
    }
    for (int k = 0; k < classes.length; k++) {
      if (classes[k] < lowest || classes[k] >= classCount) {
        throw new InvalidDataException(
            what
                + " "
                + k
                + ": expected 0 to "
                + (classCount - 1)
                + (lowest == MASKED ? " or -1 (masked)" : "")
                + ", got "
                + classes[k]);
      }
    }
  }

  private static void checkValues(String what, float[] values, int width) {
    if (width < 1) {
      throw new InvalidDataException(
          "width of the target values: expected at least 1, got " + width);
    }
    if (values.length % width != 0) {
      throw new InvalidDataException(
          "target values: expected rows of " + width + ", got " + values.length + " values");
    }
    for (int k = 0; k < values.length; k++) {
      if (!Float.isFinite(values[k])) {
        throw new InvalidDataException(
            what + " " + k / width + ": expected a finite number, got " + values[k]);
      }
    }
  }

  private static void checkCount(String what, int got, long expected, String unit, int units) {
    if (got != expected) {
      throw new InvalidDataException(
          what + ": expected " + expected + " (there are " + units + " " + unit + "), got " + got);
    }
  }
}
