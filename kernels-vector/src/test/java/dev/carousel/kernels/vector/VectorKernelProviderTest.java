package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.kernel.Kernels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VectorKernelProviderTest {
  /** What a JVM without the incubating module prints. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) {
      System.out.println(Kernels.choose(arguments[0]).reason());
    }
  }

  @Test
  void theServiceLoaderFindsIt() {
    int bits = Lanes.LENGTH * Float.SIZE;

    assertThat(Kernels.choose("vector").kernel()).isInstanceOf(VectorKernel.class);
    assertThat(Kernels.choose("vector").reason())
        .isEqualTo("kernel: vector, " + bits + " bits (asked for)");
    assertThat(Kernels.choose("auto").reason())
        .isEqualTo("kernel: vector, " + bits + " bits (found)");
  }

  @Test
  void aJvmWithoutTheIncubatingModuleRunsTheScalarKernelAndSaysSo() throws Exception {
    assertThat(report("auto"))
        .isEqualTo("kernel: scalar (the module jdk.incubator.vector is not resolved)");
    assertThat(report("vector"))
        .contains(
            "kernel vector: expected a JVM that can run it, got: the module jdk.incubator.vector is"
                + " not resolved; start java with --add-modules jdk.incubator.vector");
  }

  private static String report(String name) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Report.class.getName(),
                name)
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    return output;
  }
}
