package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SealTest {
  /** Computed once by other means: Python's hashlib over the same bytes. */
  @Test
  void theDigestNeverChanges() {
    assertThat(
            seal(
                Map.of("b", "\u00e9", "a", ""),
                Tensor.of("w", new float[] {1, -2}),
                Tensor.of("d", new double[] {0.5}),
                new Tensor.Longs("n", new int[] {1, 2}, new long[] {3, -1})))
        .isEqualTo("f4642505cf639e1163974603f323002a73f7f4f6cb19efe3278672109925aad7");
  }

  @Test
  void theOrderDoesNotMatterAndLongArraysCount() {
    Tensor a = Tensor.of("a", new float[20_000]);
    Tensor b = Tensor.of("b", new double[20_000]);
    assertThat(seal(Map.of(), a, b)).isEqualTo(seal(Map.of(), b, a));
    for (int changed : new int[] {0, 8191, 8192, 16_383, 16_384, 19_999}) {
      float[] floats = new float[20_000];
      floats[changed] = Float.MIN_VALUE;
      assertThat(seal(Map.of(), Tensor.of("a", floats), b)).isNotEqualTo(seal(Map.of(), a, b));
      double[] doubles = new double[20_000];
      doubles[changed] = -0.0;
      assertThat(seal(Map.of(), a, Tensor.of("b", doubles))).isNotEqualTo(seal(Map.of(), a, b));
    }
  }

  @Test
  void whateverDiffersHasAnotherSeal() {
    List<String> seals = new ArrayList<>();
    seals.add(seal(Map.of()));
    seals.add(seal(Map.of("a", "bc")));
    seals.add(seal(Map.of("ab", "c")));
    seals.add(seal(Map.of("abc", "")));
    seals.add(seal(Map.of("a", "b", "c", "")));
    seals.add(seal(Map.of(), Tensor.of("a", new float[2])));
    seals.add(seal(Map.of(), Tensor.of("a", new double[1])));
    seals.add(seal(Map.of(), Tensor.of("a", 0)));
    seals.add(seal(Map.of(), Tensor.of("a", new float[0]), Tensor.of("b", new float[2])));
    seals.add(seal(Map.of(), Tensor.of("a", new float[2]), Tensor.of("b", new float[0])));
    seals.add(seal(Map.of(), new Tensor.Floats("a", new int[] {2, 1}, new float[2])));
    seals.add(seal(Map.of(), new Tensor.Floats("a", new int[] {1, 2}, new float[2])));
    seals.add(seal(Map.of(), new Tensor.Floats("a", new int[0], new float[1])));
    seals.add(seal(Map.of(), new Tensor.Floats("a", new int[] {1}, new float[1])));
    Set<String> different = new HashSet<>(seals);
    assertThat(different).hasSameSizeAs(seals);
  }

  @Test
  void theMetadataHaveOnlyOneSeal() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Seal.seal(Map.of("sha256", ""), List.of()))
        .withMessage("metadata: expected no sha256 (it is the seal's), got one");
  }

  private static String seal(Map<String, String> metadata, Tensor... tensors) {
    return Seal.seal(metadata, List.of(tensors)).get("sha256");
  }
}
