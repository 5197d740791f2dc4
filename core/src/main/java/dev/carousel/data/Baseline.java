package dev.carousel.data;

import java.util.List;

/**
 * A classifier of texts without a network: what a trained network has to beat. Immutable and safe
 * to share between threads.
 */
public sealed interface Baseline permits NaiveBayesNgrams, MajorityClass {

  /** Returns the number of classes. */
  int classCount();

  /**
   * Returns a score for each class, [classCount]; the highest is the prediction, of equal ones the
   * first.
   */
  double[] scores(String text);

  /**
   * Returns the fraction of texts whose class is among the {@code k} highest scores.
   *
   * @param texts at least one
   * @param labelIds the class of each text
   * @param k at least 1; 1 is plain accuracy
   * @throws InvalidDataException if there are no texts, not one class for each, a class out of
   *     range or k below 1
   */
  default double accuracy(List<String> texts, int[] labelIds, int k) {
    checkExamples(texts, labelIds, classCount());
    if (k < 1) {
      throw new InvalidDataException("k: expected at least 1, got " + k);
    }
    int hits = 0;
    for (int i = 0; i < labelIds.length; i++) {
      double[] scores = scores(texts.get(i));
      int label = labelIds[i];
      int better = 0;
      for (int c = 0; c < scores.length; c++) {
        if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label)) {
          better++;
        }
      }
      hits += better < k ? 1 : 0;
    }
    return (double) hits / labelIds.length;
  }

  private static void checkExamples(List<String> texts, int[] labelIds, int classes) {
    if (texts.isEmpty()) {
      throw new InvalidDataException("texts: expected at least one, got none");
    }
    if (texts.size() != labelIds.length) {
      throw new InvalidDataException(
          "classes: expected " + texts.size() + " (one for each text), got " + labelIds.length);
    }
    MajorityClass.counts(labelIds, classes);
  }
}
