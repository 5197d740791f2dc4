package dev.carousel.data;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Multinomial naive Bayes over the character n-grams of length 1 to 4, the usual baseline for
 * telling languages apart:
 *
 * <pre>
 * score(c) = ln P(c) + sum over the n-grams g of the text of ln ((count(g, c) + alpha) / (count(c) + alpha * V))
 * </pre>
 *
 * with V the number of different n-grams in training, count(c) all n-grams of class c and P(c) its
 * share of the examples (Manning, Raghavan and Schuetze, "Introduction to Information Retrieval",
 * 2008, section 13.2). Texts are lower-cased, in normalisation form C and framed by one start and
 * one end marker; a marker alone is no n-gram, and an n-gram not seen in training is left out.
 * alpha is fixed at {@value #ALPHA}, chosen on no data.
 *
 * <p>Fitting sorts the n-grams: some 100 bytes of memory for each character of the texts while it
 * runs.
 */
public final class NaiveBayesNgrams implements Baseline {
  /** What is added to every count. */
  public static final double ALPHA = 0.1;

  private static final int LONGEST = 4;
  private static final int BITS = 16;
  private static final int START = 1;
  private static final int END = 2;
  private static final int FIRST_SYMBOL = 3;
  private static final int LAST_SYMBOL = (1 << BITS) - 1;

  /**
   * Symbols to numbers of {@value #BITS} bits, so that an n-gram fits into a long; 0 is a symbol
   * that was not fitted.
   */
  private final Map<Integer, Integer> symbols;

  /** The n-grams of the training part, ascending. */
  private final long[] ngrams;

  /** N-gram f occurs in the classes {@code classes[from[f] .. from[f + 1])} and in no others. */
  private final int[] from;

  private final int[] classes;

  /** ln(count + alpha) - ln(alpha), next to {@link #classes}. */
  private final double[] gains;

  /** ln P(c); negative infinity for a class without examples. */
  private final double[] priors;

  /** ln(alpha) - ln(count(c) + alpha * V): what an n-gram adds that does not occur in the class. */
  private final double[] absent;

  private NaiveBayesNgrams(
      Map<Integer, Integer> symbols,
      long[] ngrams,
      int[] from,
      int[] classes,
      double[] gains,
      double[] priors,
      double[] absent) {
    this.symbols = symbols;
    this.ngrams = ngrams;
    this.from = from;
    this.classes = classes;
    this.gains = gains;
    this.priors = priors;
    this.absent = absent;
  }

  /**
   * Counts the n-grams of each class.
   *
   * @param texts the training part, at least one
   * @param labelIds the class of each text, in [0, classes)
   * @param classes number of classes, at least 1
   * @throws InvalidDataException if there are no texts, not one class for each, or a class is out
   *     of range
   */
  public static NaiveBayesNgrams fit(List<String> texts, int[] labelIds, int classes) {
    if (texts.size() != labelIds.length) {
      throw new InvalidDataException(
          "classes: expected " + texts.size() + " (one for each text), got " + labelIds.length);
    }
    int[] examples = MajorityClass.counts(labelIds, classes);
    Map<Integer, Integer> symbols = new HashMap<>();
    for (String text : texts) {
      normalize(text)
          .codePoints()
          .filter(symbol -> symbols.size() <= LAST_SYMBOL - FIRST_SYMBOL)
          .forEach(symbol -> symbols.putIfAbsent(symbol, symbols.size() + FIRST_SYMBOL));
    }
    return count(texts, labelIds, examples, symbols);
  }

  private static NaiveBayesNgrams count(
      List<String> texts, int[] labelIds, int[] examples, Map<Integer, Integer> symbols) {
    long[] occurrences = new long[1 << 10];
    int[] owner = new int[texts.size() + 1];
    int used = 0;
    for (int i = 0; i < texts.size(); i++) {
      long[] found = ngrams(texts.get(i), symbols);
      if (used + found.length > occurrences.length) {
        occurrences =
            Arrays.copyOf(occurrences, Math.max(2 * occurrences.length, used + found.length));
      }
      System.arraycopy(found, 0, occurrences, used, found.length);
      used += found.length;
      owner[i + 1] = used;
    }
    long[] ngrams = Arrays.stream(occurrences, 0, used).sorted().distinct().toArray();

    int classCount = examples.length;
    long[] pairs = new long[used];
    double[] totals = new double[classCount];
    for (int i = 0; i < texts.size(); i++) {
      totals[labelIds[i]] += owner[i + 1] - owner[i];
      for (int k = owner[i]; k < owner[i + 1]; k++) {
        pairs[k] = (long) Arrays.binarySearch(ngrams, occurrences[k]) * classCount + labelIds[i];
      }
    }
    Arrays.sort(pairs);
    int distinct = 0;
    for (int k = 0; k < used; k++) {
      distinct += k == 0 || pairs[k] != pairs[k - 1] ? 1 : 0;
    }
    int[] from = new int[ngrams.length + 1];
    int[] classes = new int[distinct];
    double[] gains = new double[distinct];
    int at = 0;
    for (int k = 0; k < used; ) {
      int next = k;
      while (next < used && pairs[next] == pairs[k]) {
        next++;
      }
      classes[at] = (int) (pairs[k] % classCount);
      gains[at] = StrictMath.log(next - k + ALPHA) - StrictMath.log(ALPHA);
      at++;
      from[(int) (pairs[k] / classCount) + 1] = at;
      k = next;
    }
    double[] priors = new double[classCount];
    double[] absent = new double[classCount];
    for (int c = 0; c < classCount; c++) {
      priors[c] = StrictMath.log((double) examples[c] / texts.size());
      absent[c] = StrictMath.log(ALPHA) - StrictMath.log(totals[c] + ALPHA * ngrams.length);
    }
    return new NaiveBayesNgrams(symbols, ngrams, from, classes, gains, priors, absent);
  }

  @Override
  public int classCount() {
    return priors.length;
  }

  /** Returns ln P(class) + ln P(text | class) for each class, [classCount]. */
  @Override
  public double[] scores(String text) {
    double[] scores = new double[priors.length];
    int known = 0;
    for (long ngram : ngrams(text, symbols)) {
      int feature = Arrays.binarySearch(ngrams, ngram);
      if (feature >= 0) {
        known++;
        for (int k = from[feature]; k < from[feature + 1]; k++) {
          scores[classes[k]] += gains[k];
        }
      }
    }
    for (int c = 0; c < scores.length; c++) {
      scores[c] += priors[c] + known * absent[c];
    }
    return scores;
  }

  /** Returns the n-grams of a text; those with a symbol that was not fitted are left out. */
  private static long[] ngrams(String text, Map<Integer, Integer> symbols) {
    int[] codePoints = normalize(text).codePoints().toArray();
    int[] framed = new int[codePoints.length + 2];
    framed[0] = START;
    for (int k = 0; k < codePoints.length; k++) {
      framed[k + 1] = symbols.getOrDefault(codePoints[k], 0);
    }
    framed[codePoints.length + 1] = END;
    long[] found = new long[LONGEST * framed.length];
    int count = 0;
    for (int first = 0; first < framed.length; first++) {
      long ngram = 0;
      for (int length = 1; length <= LONGEST && first + length <= framed.length; length++) {
        int symbol = framed[first + length - 1];
        if (symbol == 0) {
          break;
        }
        ngram = ngram << BITS | symbol;
        if (length > 1 || symbol >= FIRST_SYMBOL) {
          found[count++] = ngram;
        }
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static String normalize(String text) {
    return Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFC);
  }
}
