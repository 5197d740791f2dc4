package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TasksTest {
  @Test
  void addingProblemMarksOneNumberInEachHalf() {
    int length = 11;
    Sequences s = Tasks.addingProblem(500, length, 7);
    Targets.Values sums = (Targets.Values) s.targets();
    float[] row = new float[2];
    float[] sum = new float[1];
    boolean[] marked = new boolean[length];
    for (int i = 0; i < s.size(); i++) {
      assertThat(s.length(i)).isEqualTo(length);
      int[] markers = new int[2];
      float expected = 0;
      for (int t = 0; t < length; t++) {
        s.copyFeatures(i, t, row, 0);
        assertThat(row[0]).isBetween(0f, 0.9999999f);
        if (row[1] == 1) {
          markers[t < length / 2 ? 0 : 1]++;
          marked[t] = true;
          expected += row[0];
        } else {
          assertThat(row[1]).isZero();
        }
      }
      assertThat(markers).containsExactly(1, 1);
      sums.copy(i, sum, 0);
      assertThat(sum[0]).isEqualTo(expected);
    }
    assertThat(marked).doesNotContain(false);
  }

  @Test
  void predictingTheMeanSumHasAnErrorOfOneSixth() {
    float[] sums = ((Targets.Values) Tasks.addingProblem(20_000, 4, 1).targets()).perSequence();
    double error = 0;
    for (float sum : sums) {
      error += (sum - 1.0) * (sum - 1.0) / sums.length;
    }
    // The squared error of one sum has a standard deviation of 0.197: four of those of the mean.
    assertThat(error).isCloseTo(1 / 6.0, within(4 * 0.197 / Math.sqrt(20_000)));
  }

  @Test
  void copyAsksForThePayloadAfterTheDelay() {
    Sequences s = Tasks.copy(300, 8, 3, 5, 2);
    Targets.StepClasses classes = (Targets.StepClasses) s.targets();
    assertThat(s.tokenCount()).isEqualTo(10);
    assertThat(classes.classCount()).isEqualTo(8);
    boolean[] seen = new boolean[8];
    for (int i = 0; i < s.size(); i++) {
      assertThat(s.length(i)).isEqualTo(11);
      for (int t = 0; t < 11; t++) {
        int token = s.token(i, t);
        if (t < 3) {
          assertThat(token).isBetween(0, 7);
          seen[token] = true;
        } else {
          assertThat(token).isEqualTo(t == 7 ? 9 : 8);
        }
        assertThat(classes.of(s.start(i) + t))
            .isEqualTo(t < 8 ? Targets.MASKED : s.token(i, t - 8));
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void reberStringsAreLegalAndTheirTargetsAreTheSuccessors() {
    Sequences s = Tasks.embeddedReber(500, 3);
    Targets.StepValues targets = (Targets.StepValues) s.targets();
    float[] row = new float[7];
    int[] seconds = new int[7];
    for (int i = 0; i < s.size(); i++) {
      int[] tokens = new int[s.length(i)];
      for (int t = 0; t < tokens.length; t++) {
        tokens[t] = s.token(i, t);
        boolean[] legal = Tasks.reberSuccessors(Arrays.copyOf(tokens, t + 1));
        targets.copy(s.start(i) + t, row, 0);
        for (int symbol = 0; symbol < 7; symbol++) {
          assertThat(row[symbol]).isEqualTo(legal[symbol] ? 1 : 0);
        }
        assertThat(targets.weight(s.start(i) + t)).isEqualTo(1);
      }
      seconds[tokens[1]]++;
      assertThat(tokens[tokens.length - 1]).isEqualTo(tokens[1]);
      assertThat(tokens[tokens.length - 2]).isEqualTo(6);
      // The shortest whole string has 9 symbols, B T B T X S E T E.
      assertThat(tokens.length).isGreaterThanOrEqualTo(8);
    }
    assertThat(seconds[1] + seconds[4]).isEqualTo(500);
    assertThat(seconds[1]).isBetween(200, 300);
  }

  @Test
  void theReberGrammarAcceptsItsStringsAndNoOthers() {
    assertThat(successors("")).isEqualTo("B");
    assertThat(successors("B")).isEqualTo("TP");
    assertThat(successors("BPBTSSXXTVPX")).isEqualTo("TV");
    assertThat(successors("BPBTXSE")).isEqualTo("P");
    assertThat(successors("BTBPVVE")).isEqualTo("T");
    assertThat(successors("BTBPTVPSE")).isEqualTo("T");
    assertThat(successors("BTBPTVPSET")).isEqualTo("E");
    assertThat(successors("BTBPTVPSETE")).isEmpty();
    assertThatThrownBy(() -> successors("BTBPVVEP"))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("embedded Reber string, position 7: expected 1 (T), got 4");
    assertThatThrownBy(() -> successors("BTBTV"))
        .hasMessage("embedded Reber string, position 4: expected 2 (S) or 3 (X), got 5");
    assertThatThrownBy(() -> successors("BTBPTVPSETEB"))
        .hasMessage(
            "embedded Reber string, position 11: expected no symbol after the last E, got 0");
  }

  private static String successors(String prefix) {
    boolean[] legal =
        Tasks.reberSuccessors(prefix.chars().map(Tasks.REBER_SYMBOLS::indexOf).toArray());
    StringBuilder names = new StringBuilder();
    for (int symbol = 0; symbol < legal.length; symbol++) {
      names.append(legal[symbol] ? Tasks.REBER_SYMBOLS.substring(symbol, symbol + 1) : "");
    }
    return names.toString();
  }

  @Test
  void theSeedDecides() {
    assertThat(firstTokens(1)).isEqualTo(firstTokens(1)).isNotEqualTo(firstTokens(2));
  }

  private static int[] firstTokens(long seed) {
    Sequences s = Tasks.copy(1, 8, 20, 1, seed);
    int[] tokens = new int[20];
    Arrays.setAll(tokens, t -> s.token(0, t));
    return tokens;
  }

  @Test
  void argumentsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Tasks.addingProblem(0, 10, 1))
        .hasMessage("count: expected at least 1, got 0");
    assertThatThrownBy(() -> Tasks.addingProblem(1, 1, 1))
        .hasMessage("length: expected at least 2, got 1");
    assertThatThrownBy(() -> Tasks.copy(1, 1, 1, 1, 1))
        .hasMessage("symbols: expected at least 2, got 1");
    assertThatThrownBy(() -> Tasks.copy(1, 2, 0, 1, 1))
        .hasMessage("payload: expected at least 1, got 0");
    assertThatThrownBy(() -> Tasks.copy(1, 2, 1, 0, 1))
        .hasMessage("delay: expected at least 1, got 0");
    assertThatThrownBy(() -> Tasks.embeddedReber(0, 1))
        .hasMessage("count: expected at least 1, got 0");
  }
}
