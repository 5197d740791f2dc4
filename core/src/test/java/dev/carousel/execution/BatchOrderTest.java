package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOrderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 13, 40, 100, 1000})
  void theLongestComeFirstAndEqualOnesKeepTheirOrder(int count) {
    Random random = new Random(count);
    int[] lengths = random.ints(2 * count, 1, 12).toArray();
    Sequences source =
        Sequences.ofTokens(
            new int[IntStream.of(lengths).sum()],
            lengths,
            3,
            new Targets.Classes(new int[lengths.length], 2));
    int[] indices = random.ints(count + 1, 0, lengths.length).toArray();
    Batch batch = new Batch(source);

    batch.select(indices, 1, count);

    List<Integer> expected =
        IntStream.rangeClosed(1, count)
            .mapToObj(i -> indices[i])
            .sorted(Comparator.comparing((Integer sequence) -> -lengths[sequence]))
            .toList();
    assertThat(IntStream.range(0, count).mapToObj(batch::sequence)).isEqualTo(expected);
    assertThat(batch.longest()).isEqualTo(lengths[expected.get(0)]);
  }
}
