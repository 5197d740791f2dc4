package dev.carousel.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * At sizes people train, with two threads, once all is compiled: no vector is boxed.
 *
 * <p>Each in a JVM of its own, since here other tests load every vector width, and the compiler
 * takes what it saw of them into account.
 */
class SteadyTrainingTest {
  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "words"})
  void aCompiledStepAllocatesNothing(String network) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                SteadyTraining.class.getName(),
                network)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor()).isZero();
    assertThat(output).as("bytes of the step that allocated least").isEqualTo("0");
  }
}
