package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CharacterNgramsTest {

  private static Sequences oneStep(int tokenCount, int target, int... context) {
    int[] classes = new int[context.length];
    Arrays.fill(classes, Targets.MASKED);
    classes[context.length - 1] = target;
    return Sequences.ofTokens(
        List.of(context), tokenCount, new Targets.StepClasses(classes, tokenCount));
  }

  @Test
  void theProbabilityIsThatOfTheEquation() {
    // a b a c a b over a, b, c, d: behind "a" stand b, c, b; all in all 3 a, 2 b, 1 c.
    CharacterNgrams ngrams = CharacterNgrams.fit(new int[] {0, 1, 0, 2, 0, 1}, 4, 2);
    double b = (2 + 3 * 0.25) / (6 + 3);
    double behindA = (2 + 2 * b) / (3 + 2);
    assertThat(ngrams.loss(oneStep(4, 1, 0))).isCloseTo(-Math.log(behindA), within(1e-15));
    double d = 3 * 0.25 / (6 + 3);
    assertThat(ngrams.loss(oneStep(4, 3, 0))).isCloseTo(-Math.log(2 * d / 5), within(1e-15));
    // Nothing was seen behind "d": the shorter context alone counts.
    assertThat(ngrams.loss(oneStep(4, 1, 3))).isCloseTo(-Math.log(b), within(1e-15));
    assertThat(ngrams.order()).isEqualTo(2);
  }

  /** The equation once more, with no tree and no table: every count by looking through it all. */
  private static double literal(int[] tokens, int[] context, int token, int tokenCount) {
    int followers = 0;
    int seen = 0;
    Set<Integer> kinds = new HashSet<>();
    for (int at = 0; at + context.length < tokens.length; at++) {
      if (Arrays.equals(Arrays.copyOfRange(tokens, at, at + context.length), context)) {
        followers++;
        kinds.add(tokens[at + context.length]);
        seen += tokens[at + context.length] == token ? 1 : 0;
      }
    }
    double shorter =
        context.length == 0
            ? 1.0 / tokenCount
            : literal(tokens, Arrays.copyOfRange(context, 1, context.length), token, tokenCount);
    return followers == 0 ? shorter : (seen + kinds.size() * shorter) / (followers + kinds.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 9})
  void countsAreThoseOfLookingThroughItAll(int order) {
    Random random = new Random(order);
    int[] train = random.ints(400, 0, 5).map(x -> x * x / 4).toArray();
    int[] other = random.ints(61, 0, 6).toArray();
    CharacterNgrams ngrams = CharacterNgrams.fit(train, 7, order);
    Sequences data = Sequences.tracks(other, 7, 3);
    double nats = 0;
    for (int track = 0; track < 3; track++) {
      for (int t = 0; t < 20; t++) {
        int from = 20 * track + Math.max(0, t + 1 - (order - 1));
        int to = 20 * track + t + 1;
        int[] context = Arrays.copyOfRange(other, Math.min(from, to), to);
        nats -= Math.log(literal(train, context, other[to], 7)) / 60;
      }
    }
    assertThat(ngrams.loss(data)).isCloseTo(nats, within(1e-12));
  }

  @Test
  void theProbabilitiesOfAllTokensAddUpToOne() {
    int[] train = new Random(1).ints(2000, 0, 9).map(x -> x * x / 9).toArray();
    CharacterNgrams ngrams = CharacterNgrams.fit(train, 11, 4);
    for (int[] context : new int[][] {{0}, {1, 4}, {0, 0, 0}, {10}, {2, 10, 7}, {7, 0, 1, 2, 4}}) {
      double sum = 0;
      for (int token = 0; token < 11; token++) {
        sum += Math.exp(-ngrams.loss(oneStep(11, token, context)));
      }
      assertThat(sum).isCloseTo(1, within(1e-12));
    }
  }

  /** A vocabulary of all of Unicode, and more nodes than the tables begin with. */
  @Test
  void manyTokensAndManyNgrams() {
    int tokenCount = 1_114_112;
    int[] train = new Random(2).ints(30_000, tokenCount - 300, tokenCount).toArray();
    CharacterNgrams ngrams = CharacterNgrams.fit(train, tokenCount, 4);
    int[] seen = Arrays.copyOfRange(train, 20_000, 20_050);
    // One token in 300 by chance; what was seen is remembered.
    assertThat(ngrams.loss(Sequences.tracks(seen, tokenCount, 1))).isLessThan(Math.log(10));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> CharacterNgrams.fit(new int[] {0, 3}, 3, 2))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("token 1: expected 0 to 2, got 3");
    assertThatThrownBy(() -> CharacterNgrams.fit(new int[0], 3, 2))
        .hasMessage("tokens: expected at least one, got none");
    assertThatThrownBy(() -> CharacterNgrams.fit(new int[1], 3, 0))
        .hasMessage("order: expected at least 1, got 0");
    CharacterNgrams ngrams = CharacterNgrams.fit(new int[] {0, 1}, 3, 2);
    assertThatThrownBy(() -> ngrams.loss(Sequences.tracks(new int[] {0, 1}, 2, 1)))
        .hasMessage("n-grams: expected 3 tokens and as many classes at every step");
    assertThatThrownBy(() -> ngrams.loss(oneStep(3, Targets.MASKED, 1)))
        .hasMessage("n-grams: expected at least one target, got masked ones only");
  }
}
