package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.ScalarKernel;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every method of the vector kernel, at every width, has the bits of the scalar kernel. */
class VectorKernelTest {
  private static final Map<VectorWidths.Shape, Kernel> KERNELS = VectorWidths.kernels();
  private static final Kernel WIDEST = VectorWidths.kernel("512", "32");

  @Test
  void everyKernelHasItsWidth() {
    assertThat(KERNELS)
        .containsKeys(new VectorWidths.Shape(128, 16), new VectorWidths.Shape(128, 32));
    KERNELS.forEach(
        (shape, kernel) -> {
          int bits = shape.bits();
          assertThat(kernel.name()).isEqualTo("vector, " + bits + " bits");
          assertThat(kernel.columnAlignment()).isEqualTo(2 * bits / Float.SIZE);
          assertThat(kernel.packed(3, 5).place().data()).hasSize(3 * kernel.columnAlignment());
          assertThat(kernel.rowsAtOnce(false)).isEqualTo(shape.registers() == 16 ? 6 : 8);
          assertThat(kernel.rowsAtOnce(true))
              .isEqualTo(shape.registers() == 16 ? 6 : Kernel.ALL_ROWS);
          assertThat(kernel.getClass()).isNotEqualTo(VectorKernel.class);
        });
  }

  @Test
  void everyMethodOfKernelHasACase() {
    Set<String> expected =
        new TreeSet<>(List.of("name", "packed", "columnAlignment", "rowsAtOnce"));
    for (KernelCase kernelCase : KernelCase.values()) {
      expected.add(kernelCase.method());
    }

    assertThat(Arrays.stream(Kernel.class.getMethods()).map(Method::getName))
        .as("the methods of Kernel, as in KernelCase")
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @EnumSource
  void bitsAreThoseOfTheScalarKernel(KernelCase kernelCase) {
    Kernel scalar = new ScalarKernel();
    for (Trial.Values values : Trial.Values.values()) {
      for (int m : kernelCase.ms()) {
        for (int n : kernelCase.ns()) {
          for (int k : kernelCase.ks()) {
            Trial expected = new Trial(m, n, k, values);
            kernelCase.run(scalar, expected);
            for (Map.Entry<VectorWidths.Shape, Kernel> kernel : KERNELS.entrySet()) {
              Trial actual = new Trial(m, n, k, values);
              kernelCase.run(kernel.getValue(), actual);
              compare(
                  kernelCase.method() + " " + expected + ", " + kernel.getKey(), expected, actual);
            }
          }
        }
      }
    }
  }

  /** Without the registers for it the platform computes 512 bits one lane at a time: few sizes. */
  @ParameterizedTest
  @EnumSource
  void bitsAreThoseOfTheScalarKernelWithTheWidestVectors(KernelCase kernelCase) {
    Kernel scalar = new ScalarKernel();
    for (int m : List.of(1, 11)) {
      for (int n : List.of(17, 64)) {
        for (int k : List.of(3, 17)) {
          Trial expected = new Trial(m, n, k, Trial.Values.values()[0]);
          kernelCase.run(scalar, expected);
          Trial actual = new Trial(m, n, k, Trial.Values.values()[0]);
          kernelCase.run(WIDEST, actual);
          compare(kernelCase.method() + " " + expected + ", 512 bits", expected, actual);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "64, 16, 'carousel.vector.bits: expected 128, 256 or 512, got 64'",
    "128, 8, 'carousel.vector.registers: expected 16 or 32, got 8'",
    "512, many, 'carousel.vector.registers: expected 16 or 32, got many'"
  })
  void aPropertyThatIsNoneIsRefused(String bits, String registers, String message) {
    assertThatThrownBy(() -> VectorWidths.kernel(bits, registers)).hasStackTraceContaining(message);
  }

  private static void compare(String run, Trial expected, Trial actual) {
    assertThat(actual.arrays().keySet()).isEqualTo(expected.arrays().keySet());
    expected
        .arrays()
        .forEach(
            (name, array) -> {
              int at = firstDifference(array, actual.arrays().get(name));
              if (at >= 0) {
                throw new AssertionError(
                    "%s: %s[%d] expected %s (scalar), got %s"
                        .formatted(run, name, at, array[at], actual.arrays().get(name)[at]));
              }
            });
  }

  /** The first element whose bits differ, all NaN being one; negative if there is none. */
  private static int firstDifference(float[] expected, float[] actual) {
    // Arrays.mismatch compares as Float.compare does: it tells the zeros apart and no two NaN.
    return Arrays.mismatch(expected, actual);
  }
}
