package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  @Test
  void symbolsAreOrderedByFrequencyThenCodePoint() {
    Vocabulary v = Vocabulary.fit(List.of("cab", "bad \uD83C\uDFA0", "a"));
    assertThat(v.symbols()).containsExactly("\uFFFD", "a", "b", " ", "c", "d", "\uD83C\uDFA0");
    assertThat(v.size()).isEqualTo(7);
    assertThat(v.encode("bad\uD83C\uDFA0x")).containsExactly(2, 1, 5, 6, Vocabulary.UNKNOWN);
    assertThat(v.encode("")).isEmpty();
    assertThat(v.decode(2, 1, 0, 6)).isEqualTo("ba\uFFFD\uD83C\uDFA0");
  }

  @Test
  void bothSpellingsOfAnAccentAreOneSymbol() {
    Vocabulary v = Vocabulary.fit(List.of("e\u0301"));
    assertThat(v.symbols()).containsExactly("\uFFFD", "\u00e9");
    assertThat(v.encode("\u00e9e\u0301")).containsExactly(1, 1);
  }

  @Test
  void rareSymbolsAreLeftToTheUnknown() {
    Vocabulary v = Vocabulary.fit(List.of("aab"), 2);
    assertThat(v.encode("ab")).containsExactly(1, 0);
    assertThatThrownBy(() -> Vocabulary.fit(List.of("a"), 0))
        .hasMessage("minimum count: expected at least 1, got 0");
  }

  @Test
  void loneSurrogatesAndTheReplacementCharacterAreUnknown() {
    Vocabulary v = Vocabulary.fit(List.of("a\uD83C", "\uFFFD"));
    assertThat(v.symbols()).containsExactly("\uFFFD", "a");
    assertThat(v.encode("\uD83C\uFFFDa")).containsExactly(0, 0, 1);
  }

  @Test
  void decodingWhatWasEncodedIsTheIdentityForKnownSymbols() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int trial = 0; trial < 200; trial++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(30); k >= 0; k--) {
        int symbol = random.nextInt(0x20000);
        text.appendCodePoint(symbol >= 0xD800 && symbol < 0xE000 ? 'x' : symbol);
      }
      String normal = java.text.Normalizer.normalize(text, java.text.Normalizer.Form.NFC);
      Vocabulary v = Vocabulary.fit(List.of(text.toString()));
      assertThat(v.decode(v.encode(text.toString()))).isEqualTo(normal);
      Vocabulary saved = new Vocabulary(v.symbols());
      assertThat(saved.encode(text.toString())).isEqualTo(v.encode(normal));
    }
  }

  @Test
  void wrongSymbolsAndIdsAreRefused() {
    assertThatThrownBy(() -> new Vocabulary(List.of("a")))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("vocabulary: expected U+FFFD (the unknown) as symbol 0, got U+0061");
    assertThatThrownBy(() -> new Vocabulary(List.of()))
        .hasMessage("vocabulary: expected U+FFFD (the unknown) as symbol 0, got no symbols");
    assertThatThrownBy(() -> new Vocabulary(List.of("\uFFFD", "ab")))
        .hasMessage(
            "vocabulary: expected one code point in normalisation form C as symbol 1, got U+0061 U+0062");
    assertThatThrownBy(() -> new Vocabulary(List.of("\uFFFD", "\u212B")))
        .hasMessage(
            "vocabulary: expected one code point in normalisation form C as symbol 1, got U+212B");
    assertThatThrownBy(() -> new Vocabulary(List.of("\uFFFD", "a", "b", "a")))
        .hasMessage("vocabulary: expected every symbol once, got U+0061 as symbol 1 and 3");
    assertThatThrownBy(() -> Vocabulary.fit(List.of("ab")).decode(1, 3))
        .hasMessage("token: expected 0 to 2 (the vocabulary has 3), got 3");
  }
}
