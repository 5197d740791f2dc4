package dev.carousel.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Unicode code points to ids and back. Id 0 is the unknown: every code point that was not fitted.
 * The others are ordered by descending frequency, then by code point. Texts are brought to Unicode
 * normalisation form C first, always, so that the two spellings of an accented letter are the same
 * symbol.
 *
 * <p>Fit it on the training part only. Immutable and safe to share between threads.
 */
public final class Vocabulary {
  /** Id of every code point that was not fitted. */
  public static final int UNKNOWN = 0;

  /** What the unknown decodes to: U+FFFD, the replacement character. */
  public static final String UNKNOWN_SYMBOL = "\uFFFD";

  private final List<String> symbols;
  private final Map<Integer, Integer> ids;

  /**
   * A vocabulary from saved symbols.
   *
   * @param symbols {@link #symbols()} of another vocabulary: the symbol of id 0 is {@link
   *     #UNKNOWN_SYMBOL}, each of the others a single code point in normalisation form C
   * @throws InvalidDataException if the first symbol is another one, or a symbol is not one code
   *     point, is not in normalisation form C or stands twice
   */
  public Vocabulary(List<String> symbols) {
    this.symbols = List.copyOf(symbols);
    this.ids = new HashMap<>(2 * symbols.size());
    if (symbols.isEmpty() || !symbols.get(0).equals(UNKNOWN_SYMBOL)) {
      throw new InvalidDataException(
          "vocabulary: expected U+FFFD (the unknown) as symbol 0, got "
              + (symbols.isEmpty() ? "no symbols" : describe(symbols.get(0))));
    }
    for (int id = 0; id < symbols.size(); id++) {
      String symbol = symbols.get(id);
      if (symbol.codePointCount(0, symbol.length()) != 1
          || isSurrogate(symbol.codePointAt(0))
          || !Normalizer.isNormalized(symbol, Normalizer.Form.NFC)) {
        throw new InvalidDataException(
            "vocabulary: expected one code point in normalisation form C as symbol "
                + id
                + ", got "
                + describe(symbol));
      }
      Integer earlier = ids.put(symbol.codePointAt(0), id);
      if (earlier != null) {
        throw new InvalidDataException(
            "vocabulary: expected every symbol once, got "
                + describe(symbol)
                + " as symbol "
                + earlier
                + " and "
                + id);
      }
    }
  }

  /** A vocabulary of every code point of the given texts. */
  public static Vocabulary fit(Iterable<String> texts) {
    return fit(texts, 1);
  }

  /**
   * A vocabulary of the code points that occur often enough in the given texts.
   *
   * @param texts the training part only
   * @param minimumCount code points that occur less often are left to the unknown; above 1 gives
   *     the unknown something to be trained on
   * @throws InvalidDataException if minimumCount is below 1
   */
  public static Vocabulary fit(Iterable<String> texts, int minimumCount) {
    if (minimumCount < 1) {
      throw new InvalidDataException("minimum count: expected at least 1, got " + minimumCount);
    }
    Map<Integer, Long> counts = new HashMap<>();
    for (String text : texts) {
      normalize(text).codePoints().forEach(symbol -> counts.merge(symbol, 1L, Long::sum));
    }
    counts
        .keySet()
        .removeIf(symbol -> isSurrogate(symbol) || symbol == UNKNOWN_SYMBOL.codePointAt(0));
    counts.values().removeIf(count -> count < minimumCount);
    List<String> symbols = new ArrayList<>();
    symbols.add(UNKNOWN_SYMBOL);
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> symbols.add(Character.toString(entry.getKey())));
    return new Vocabulary(symbols);
  }

  /**
   * Returns the ids of a text, one for each code point of its normalisation form C; an empty text
   * has none.
   */
  public int[] encode(String text) {
    return normalize(text).codePoints().map(symbol -> ids.getOrDefault(symbol, UNKNOWN)).toArray();
  }

  /**
   * Returns the text of some ids; id 0 becomes {@link #UNKNOWN_SYMBOL}.
   *
   * @throws InvalidDataException if an id is outside [0, size)
   */
  public String decode(int... tokens) {
    StringBuilder text = new StringBuilder(tokens.length);
    for (int token : tokens) {
      text.append(symbol(token));
    }
    return text.toString();
  }

  /**
   * Returns the symbol of an id.
   *
   * @throws InvalidDataException if the id is outside [0, size)
   */
  public String symbol(int id) {
    if (id < 0 || id >= symbols.size()) {
      throw new InvalidDataException(
          "token: expected 0 to "
              + (symbols.size() - 1)
              + " (the vocabulary has "
              + symbols.size()
              + "), got "
              + id);
    }
    return symbols.get(id);
  }

  /** Returns the number of ids, the unknown included. */
  public int size() {
    return symbols.size();
  }

  /** Returns the symbol of every id, unmodifiable; the first is {@link #UNKNOWN_SYMBOL}. */
  public List<String> symbols() {
    return symbols;
  }

  private static String normalize(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  /**
   * A surrogate without its partner is no character and has no UTF-8 form, so it could not be
   * saved.
   */
  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static String describe(String symbol) {
    StringBuilder text = new StringBuilder();
    symbol
        .codePoints()
        .limit(4)
        .forEach(c -> text.append(text.isEmpty() ? "" : " ").append(String.format("U+%04X", c)));
    return text.isEmpty() ? "an empty one" : text.toString();
  }

  /** Equal when they are the same, in the same order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Vocabulary that && symbols.equals(that.symbols);
  }

  @Override
  public int hashCode() {
    return symbols.hashCode();
  }
}
