package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelsTest {
  @Test
  void fittedLabelsAreSortedAndDistinct() {
    Labels labels = Labels.fit(List.of("spam", "ham", "spam"));
    assertThat(labels.names()).containsExactly("ham", "spam");
    assertThat(labels.ids(List.of("spam", "ham", "spam"))).containsExactly(1, 0, 1);
    assertThat(labels.name(1)).isEqualTo("spam");
    assertThat(labels.size()).isEqualTo(2);
  }

  @Test
  void savedLabelsKeepTheirOrder() {
    assertThat(new Labels(List.of("z", "a")).id("a")).isEqualTo(1);
  }

  @Test
  void anUnknownLabelIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() -> Labels.fit(List.of("ham", "spam")).id("eggs"))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("label: expected one of ham, spam, got \"eggs\"");
    List<String> many = IntStream.range(10, 22).mapToObj(i -> "c" + i).toList();
    assertThatThrownBy(() -> new Labels(many).id("c9"))
        .hasMessage(
            "label: expected one of c10, c11, c12, c13, c14, c15, c16, c17 and 4 more, got \"c9\"");
  }

  @Test
  void wrongLabelsAreRefused() {
    assertThatThrownBy(() -> new Labels(List.of()))
        .hasMessage("labels: expected at least one, got none");
    assertThatThrownBy(() -> new Labels(List.of("a", " ")))
        .hasMessage("label of class 1: expected a name, got a blank");
    assertThatThrownBy(() -> new Labels(List.of("a", "b", "a")))
        .hasMessage("labels: expected every name once, got \"a\" for class 0 and 2");
    assertThatThrownBy(() -> new Labels(List.of("a", "b")).name(2))
        .hasMessage("class: expected 0 to 1 (there are 2 labels), got 2");
  }
}
