package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carousel.kernel.Kernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ComputeOptionsTest {
  @Command
  static final class AnyCommand {
    @Mixin ComputeOptions compute = new ComputeOptions();
  }

  @ParameterizedTest
  @CsvSource({"'', scalar", "auto, scalar", "scalar, scalar", "vector, vector"})
  void littleWorkTakesTheScalarKernelUnlessTheOtherIsAskedFor(String asked, String expected) {
    assumeTrue(System.getenv(Kernels.VARIABLE) == null, "CAROUSEL_KERNEL is set");
    AnyCommand any = new AnyCommand();
    CommandLine line = new CommandLine(any).setCaseInsensitiveEnumValuesAllowed(true);
    line.parseArgs(asked.isEmpty() ? new String[] {} : new String[] {"--kernel", asked});

    assertThat(any.compute.kernelForLittle().name()).startsWith(expected);
  }
}
