package dev.carousel.data;

import java.util.Arrays;

/**
 * Standardises features: {@code (x - mean) / deviation}, with the mean and the population standard
 * deviation of each feature over all steps of the sequences it was fitted on, which must be the
 * training part only. A constant feature has deviation 1 and so becomes 0.
 *
 * <p>Immutable and safe to share between threads. Saved as its two arrays.
 */
public final class Scaling {
  private final float[] mean;
  private final float[] deviation;

  /**
   * A scaling from saved arrays.
   *
   * @param mean [inputSize], finite
   * @param deviation [inputSize], finite and above 0
   * @throws InvalidDataException if the lengths differ or are 0, or a value is out of range
   */
  public Scaling(float[] mean, float[] deviation) {
    if (mean.length == 0 || mean.length != deviation.length) {
      throw new InvalidDataException(
          "scaling: expected as many deviations as means and at least one, got "
              + mean.length
              + " means and "
              + deviation.length
              + " deviations");
    }
    for (int k = 0; k < mean.length; k++) {
      if (!Float.isFinite(mean[k])) {
        throw new InvalidDataException(
            "mean of feature " + k + ": expected a finite number, got " + mean[k]);
      }
      if (!(deviation[k] > 0 && deviation[k] < Float.POSITIVE_INFINITY)) {
        throw new InvalidDataException(
            "deviation of feature "
                + k
                + ": expected a finite number above 0, got "
                + deviation[k]);
      }
    }
    this.mean = mean.clone();
    this.deviation = deviation.clone();
  }

  /**
   * Fits mean and deviation of each feature, summing in double precision and in the order of
   * storage.
   *
   * @param sequences the training part only
   * @throws InvalidDataException if there are no sequences, or they hold tokens
   */
  public static Scaling fit(Sequences sequences) {
    int inputSize = sequences.inputSize();
    if (inputSize == 0 || sequences.totalSteps() == 0) {
      throw new InvalidDataException(
          "scaling: expected sequences of features, got "
              + (sequences.hasTokens() ? "tokens" : "no sequences"));
    }
    double[] sums = new double[inputSize];
    float[] first = new float[inputSize];
    boolean[] varies = new boolean[inputSize];
    float[] row = new float[inputSize];
    sequences.copyFeatures(0, 0, first, 0);
    for (int i = 0; i < sequences.size(); i++) {
      for (int t = 0; t < sequences.length(i); t++) {
        sequences.copyFeatures(i, t, row, 0);
        for (int k = 0; k < inputSize; k++) {
          sums[k] += row[k];
          varies[k] |= row[k] != first[k];
        }
      }
    }
    double[] squares = new double[inputSize];
    for (int i = 0; i < sequences.size(); i++) {
      for (int t = 0; t < sequences.length(i); t++) {
        sequences.copyFeatures(i, t, row, 0);
        for (int k = 0; k < inputSize; k++) {
          double centred = row[k] - sums[k] / sequences.totalSteps();
          squares[k] += centred * centred;
        }
      }
    }
    float[] mean = new float[inputSize];
    float[] deviation = new float[inputSize];
    for (int k = 0; k < inputSize; k++) {
      // The rounded mean of a constant feature need not be the constant, so it is taken as it
      // stands.
      mean[k] = varies[k] ? (float) (sums[k] / sequences.totalSteps()) : first[k];
      float root = (float) Math.sqrt(squares[k] / sequences.totalSteps());
      deviation[k] = varies[k] && root > 0 ? root : 1;
    }
    return new Scaling(mean, deviation);
  }

  /** Returns a copy of the mean of each feature, [inputSize]. */
  public float[] mean() {
    return mean.clone();
  }

  /** Returns a copy of the deviation of each feature, [inputSize]. */
  public float[] deviation() {
    return deviation.clone();
  }

  /** Returns the number of features. */
  public int inputSize() {
    return mean.length;
  }

  /**
   * Scales rows of features in place, without allocation.
   *
   * @param features [n, inputSize] row-major; changed
   * @throws InvalidDataException if the length is no multiple of the input size
   */
  public void apply(float[] features) {
    checkRows(features);
    for (int at = 0; at < features.length; at += mean.length) {
      for (int k = 0; k < mean.length; k++) {
        features[at + k] = apply(features[at + k], k);
      }
    }
  }

  /**
   * Undoes {@link #apply(float[])} in place, up to rounding, without allocation.
   *
   * @param features [n, inputSize] row-major; changed
   * @throws InvalidDataException if the length is no multiple of the input size
   */
  public void invert(float[] features) {
    checkRows(features);
    for (int at = 0; at < features.length; at += mean.length) {
      for (int k = 0; k < mean.length; k++) {
        features[at + k] = invert(features[at + k], k);
      }
    }
  }

  /** Returns the scaled value of one feature. */
  public float apply(float value, int feature) {
    return (float) (((double) value - mean[feature]) / deviation[feature]);
  }

  /** Returns the value of one feature that was scaled, up to rounding. */
  public float invert(float value, int feature) {
    return (float) ((double) value * deviation[feature] + mean[feature]);
  }

  /**
   * Returns the sequences with scaled features and the same targets.
   *
   * @throws InvalidDataException if they have another input size
   */
  public Sequences apply(Sequences sequences) {
    if (sequences.inputSize() != mean.length) {
      throw new InvalidDataException(
          "sequences: expected "
              + mean.length
              + " features (the scaling was fitted on them), got "
              + (sequences.hasTokens() ? "tokens" : sequences.inputSize()));
    }
    float[] features = new float[sequences.totalSteps() * mean.length];
    for (int i = 0; i < sequences.size(); i++) {
      sequences.copyFeatures(i, 0, sequences.length(i), features, sequences.start(i) * mean.length);
    }
    apply(features);
    return sequences.withOwnedFeatures(features);
  }

  private void checkRows(float[] features) {
    if (features.length % mean.length != 0) {
      throw new InvalidDataException(
          "features: expected rows of "
              + mean.length
              + " (the scaling was fitted on them), got "
              + features.length
              + " numbers");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scaling that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(deviation, that.deviation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
  }
}
