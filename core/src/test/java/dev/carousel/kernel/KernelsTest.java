package dev.carousel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of a kernel. The vector module is not on the path of these tests. */
class KernelsTest {
  @TempDir Path directory;

  /** A provider that never can run. */
  public static final class Refusing implements KernelProvider {
    public Refusing() {}

    @Override
    public String name() {
      return "vector";
    }

    @Override
    public Kernel kernel() {
      throw new UnavailableKernelException("this machine has 7 bits");
    }
  }

  /** A provider that runs, under a name of its own. */
  public static final class Able implements KernelProvider {
    public Able() {}

    @Override
    public String name() {
      return "able";
    }

    @Override
    public Kernel kernel() {
      return new ScalarKernel();
    }
  }

  private Kernels.Choice chooseAmong(String services, String name) throws IOException {
    Path file = directory.resolve("META-INF/services/" + KernelProvider.class.getName());
    Files.createDirectories(file.getParent());
    Files.writeString(file, services);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return Kernels.choose(name);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void scalarIsThereWhenAskedFor() {
    Kernels.Choice choice = Kernels.choose("scalar");

    assertThat(choice.kernel()).isInstanceOf(ScalarKernel.class);
    assertThat(choice.kernel().name()).isEqualTo("scalar");
    assertThat(choice.reason()).isEqualTo("kernel: scalar (asked for)");
  }

  @Test
  void autoIsScalarWithoutAProvider() {
    Kernels.Choice choice = Kernels.choose("auto");

    assertThat(choice.kernel()).isInstanceOf(ScalarKernel.class);
    assertThat(choice.reason())
        .isEqualTo("kernel: scalar (carousel-kernels-vector is not on the path)");
  }

  @Test
  void vectorWithoutItsModuleIsRefusedWithTheRemedy() {
    assertThatThrownBy(() -> Kernels.choose("vector"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kernel vector: expected a JVM that can run it, got: carousel-kernels-vector is not on"
                + " the path; start java with --add-modules jdk.incubator.vector and"
                + " carousel-kernels-vector on the path");
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> Kernels.choose("gpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kernel: expected auto, scalar or vector (from --kernel or CAROUSEL_KERNEL), got gpu");
  }

  @Test
  void aProviderThatRefusesSaysWhy() throws IOException {
    String services = Refusing.class.getName();

    assertThat(chooseAmong(services, "auto").reason())
        .isEqualTo("kernel: scalar (this machine has 7 bits)");
    assertThatThrownBy(() -> chooseAmong(services, "vector"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "kernel vector: expected a JVM that can run it, got: this machine has 7 bits; start");
  }

  @Test
  void aProviderThatCannotBeLoadedIsNamed() throws IOException {
    assertThat(chooseAmong("dev.carousel.Absent", "auto").reason())
        .isEqualTo(
            "kernel: scalar (dev.carousel.kernel.KernelProvider: Provider dev.carousel.Absent not"
                + " found)");
  }

  @Test
  void autoTakesTheFirstProviderThatRuns() throws IOException {
    String services = Refusing.class.getName() + "\n" + Able.class.getName();

    assertThat(chooseAmong(services, "auto").reason()).isEqualTo("kernel: scalar (found)");
    assertThat(chooseAmong(services, "able").reason()).isEqualTo("kernel: scalar (asked for)");
  }
}
