package dev.carousel.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Currency;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A data set every JDK carries: the names of countries, languages and currencies in every language
 * the JDK knows. The task is to tell the language of a name. Text is the name, label the ISO 639
 * code of the language.
 *
 * <p>The names come from the Unicode CLDR in the JDK's module {@code jdk.localedata}, one locale
 * for each language. A name that is the same in English says nothing and is left out; so is a
 * language with fewer than {@value #MINIMUM} names, or with exactly the names of one before it
 * (Norwegian, {@code no}, is Bokmål, {@code nb}). Where CLDR lacks a name the JDK may give the
 * code. The order is fixed and does not depend on the default locale; the data grow with CLDR from
 * one JDK release to the next.
 */
public final class LanguageNames {
  /** Languages with fewer names are left out. */
  public static final int MINIMUM = 400;

  private LanguageNames() {}

  /**
   * Collects the names, ordered by language, each once in a language. Takes a few seconds.
   *
   * @throws InvalidDataException if the runtime knows fewer than two languages, as one without
   *     {@code jdk.localedata} does
   */
  public static LabelledText load() {
    List<Locale> countries = new ArrayList<>();
    for (String code : sorted(List.of(Locale.getISOCountries()))) {
      countries.add(new Locale.Builder().setRegion(code).build());
    }
    List<Locale> languages = new ArrayList<>();
    for (String code : sorted(List.of(Locale.getISOLanguages()))) {
      languages.add(new Locale.Builder().setLanguage(code).build());
    }
    List<Currency> currencies = new ArrayList<>(Currency.getAvailableCurrencies());
    currencies.sort(Comparator.comparing(Currency::getCurrencyCode));

    Set<Set<String>> seen = new HashSet<>();
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (Locale locale : locales()) {
      Set<String> names = new LinkedHashSet<>();
      for (Locale country : countries) {
        String english = country.getDisplayCountry(Locale.ENGLISH);
        add(names, country.getDisplayCountry(locale), english);
      }
      for (Locale language : languages) {
        String english = language.getDisplayLanguage(Locale.ENGLISH);
        add(names, language.getDisplayLanguage(locale), english);
      }
      for (Currency currency : currencies) {
        String english = currency.getDisplayName(Locale.ENGLISH);
        add(names, currency.getDisplayName(locale), english);
      }
      if (names.size() >= MINIMUM && seen.add(names)) {
        texts.addAll(names);
        names.forEach(unused -> labels.add(locale.getLanguage()));
      }
    }
    if (labels.stream().distinct().limit(2).count() < 2) {
      throw new InvalidDataException(
          "language names: expected at least 2 languages with "
              + MINIMUM
              + " names (from the Java module jdk.localedata), got "
              + labels.stream().distinct().count());
    }
    return new LabelledText(texts, labels);
  }

  /** Returns the English name of a language code, the code itself if the JDK has none. */
  public static String displayName(String code) {
    return Locale.forLanguageTag(code).getDisplayLanguage(Locale.ENGLISH);
  }

  private static List<Locale> locales() {
    List<Locale> plain = new ArrayList<>();
    for (Locale locale : Locale.getAvailableLocales()) {
      if (!locale.getLanguage().isEmpty() && locale.toLanguageTag().equals(locale.getLanguage())) {
        plain.add(locale);
      }
    }
    plain.sort(Comparator.comparing(Locale::getLanguage));
    return plain;
  }

  private static void add(Set<String> names, String name, String english) {
    String normal = Normalizer.normalize(name, Normalizer.Form.NFC).strip();
    if (!normal.isEmpty() && !name.equals(english)) {
      names.add(normal);
    }
  }

  private static Collection<String> sorted(Collection<String> codes) {
    return new TreeSet<>(codes);
  }
}
