package dev.carousel.data;

/** Predicts the most frequent class of the training part, whatever the text. */
public final class MajorityClass implements Baseline {
  private final int[] counts;

  private MajorityClass(int[] counts) {
    this.counts = counts;
  }

  /**
   * Counts the classes.
   *
   * @param labelIds of the training part, at least one, each in [0, classes)
   * @param classes number of classes, at least 1
   * @throws InvalidDataException if there are none or one is out of range
   */
  public static MajorityClass fit(int[] labelIds, int classes) {
    return new MajorityClass(counts(labelIds, classes));
  }

  static int[] counts(int[] labelIds, int classes) {
    if (classes < 1) {
      throw new InvalidDataException("class count: expected at least 1, got " + classes);
    }
    if (labelIds.length == 0) {
      throw new InvalidDataException("classes: expected at least one example, got none");
    }
    int[] counts = new int[classes];
    for (int i = 0; i < labelIds.length; i++) {
      if (labelIds[i] < 0 || labelIds[i] >= classes) {
        throw new InvalidDataException(
            "class of example " + i + ": expected 0 to " + (classes - 1) + ", got " + labelIds[i]);
      }
      counts[labelIds[i]]++;
    }
    return counts;
  }

  @Override
  public int classCount() {
    return counts.length;
  }

  /** Returns the number of training examples of each class, whatever the text. */
  @Override
  public double[] scores(String text) {
    double[] scores = new double[counts.length];
    for (int c = 0; c < counts.length; c++) {
      scores[c] = counts[c];
    }
    return scores;
  }
}
