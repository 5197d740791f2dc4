package dev.carousel.cli;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of every command that computes: they change how long it takes, never the result. */
final class ComputeOptions {
  static final int MOST_THREADS = 1024;

  /** Which kernel is asked for. */
  enum KernelName {
    AUTO,
    SCALAR,
    VECTOR
  }

  @Spec(Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with; default: all processors. Changes no bit.")
  private @Nullable Integer threads;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description =
          "auto, scalar or vector; default: the variable CAROUSEL_KERNEL, else auto. Changes no"
              + " bit.")
  private @Nullable KernelName kernel;

  /** The number of threads, checked. */
  int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (command != null) {
      Refusal.unlessBetween(command, "--threads", 1, MOST_THREADS, threads);
    }
    return threads;
  }

  /** Chooses the kernel and says why on standard error, unless it is to be quiet. */
  Kernel kernel(OutputOptions output) {
    Kernels.Choice choice = choose(kernel);
    output.note(choice.reason());
    return choice.kernel();
  }

  /** Chooses the kernel. */
  Kernel kernel() {
    return choose(kernel).kernel();
  }

  /**
   * The kernel for work that ends before the vector kernel would be compiled: scalar, unless one is
   * asked for. The same bits; a cold {@code predict} takes a quarter less time.
   */
  Kernel kernelForLittle() {
    String asked = System.getenv().getOrDefault(Kernels.VARIABLE, "");
    boolean none = asked.isEmpty() || asked.equalsIgnoreCase("auto");
    boolean free = kernel == KernelName.AUTO || kernel == null && none;
    return free ? Kernels.choose("scalar").kernel() : kernel();
  }

  /** The kernel of a name, or without one that of the environment. */
  static Kernels.Choice choose(@Nullable KernelName name) {
    return name == null ? Kernels.chosen() : Kernels.choose(name.name().toLowerCase(Locale.ROOT));
  }
}
