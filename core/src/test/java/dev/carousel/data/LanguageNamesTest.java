package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LanguageNamesTest {
  private static final LabelledText NAMES = LanguageNames.load();

  @Test
  void theJdkKnowsThousandsOfNamesInAboutAHundredLanguages() {
    Labels labels = Labels.fit(NAMES.labels());
    // 64,004 names in 112 languages on JDK 17, 73,322 in 127 on JDK 25.
    assertThat(NAMES.size()).isBetween(60_000, 100_000);
    assertThat(labels.size()).isBetween(110, 200);
    assertThat(labels.names()).contains("de", "el", "ja", "nb", "sw").doesNotContain("en", "no");
    assertThat(NAMES.labels()).isSorted();
    int[] counts = new int[labels.size()];
    Set<String> pairs = new HashSet<>();
    for (int i = 0; i < NAMES.size(); i++) {
      counts[labels.id(NAMES.labels().get(i))]++;
      pairs.add(NAMES.labels().get(i) + "\t" + NAMES.texts().get(i));
    }
    assertThat(pairs.size()).isEqualTo(NAMES.size());
    assertThat(pairs.contains("de\t\u00c4gypten")).isTrue();
    assertThat(pairs.contains("sw\tMisri")).isTrue();
    assertThat(pairs.contains("de\tTogo")).isFalse();
    for (int count : counts) {
      assertThat(count).isGreaterThanOrEqualTo(LanguageNames.MINIMUM);
    }
  }

  @Test
  void theDefaultLocaleChangesNothing() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(LanguageNames.load().equals(NAMES)).isTrue();
      assertThat(LanguageNames.displayName("de")).isEqualTo("German");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aCodeWithoutANameIsItsOwnName() {
    assertThat(LanguageNames.displayName("qqq")).isEqualTo("qqq");
  }

  @Test
  void theSplitIsByNameAndTheBaselineLearnsIt() {
    LabelledText.Split split = NAMES.split(0.1, 0.1, 1);
    Set<String> train = lower(split.train());
    assertThat(Collections.disjoint(lower(split.test()), train)).isTrue();
    assertThat(Collections.disjoint(lower(split.validation()), train)).isTrue();
    Labels labels = Labels.fit(NAMES.labels());
    int[] trainIds = labels.ids(split.train().labels());
    int[] testIds = labels.ids(split.test().labels());
    Baseline bayes = NaiveBayesNgrams.fit(split.train().texts(), trainIds, labels.size());
    // Measured on JDK 17 with this seed: 63.6 % and 84.5 %.
    assertThat(bayes.accuracy(split.test().texts(), testIds, 1)).isBetween(0.58, 0.70);
    assertThat(bayes.accuracy(split.test().texts(), testIds, 5)).isBetween(0.80, 0.90);
    assertThat(
            MajorityClass.fit(trainIds, labels.size()).accuracy(split.test().texts(), testIds, 1))
        .isLessThan(0.02);
  }

  private static Set<String> lower(LabelledText part) {
    return part.texts().stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }
}
