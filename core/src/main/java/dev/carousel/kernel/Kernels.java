package dev.carousel.kernel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the {@link Kernel}: {@code auto} takes the first provider that can run and else the
 * scalar code; a name asked for explicitly is that one or an error.
 */
public final class Kernels {
  /**
   * The environment variable that chooses: {@code auto} (default), {@code scalar} or {@code
   * vector}.
   */
  public static final String VARIABLE = "CAROUSEL_KERNEL";

  /** A kernel and the line that says why it was chosen. */
  public record Choice(Kernel kernel, String reason) {}

  private static @Nullable Choice chosen;

  private Kernels() {}

  /**
   * The choice made once for this process from {@value #VARIABLE}, or {@code auto}, if that is not
   * set or empty.
   *
   * @throws IllegalArgumentException as {@link #choose}, if it names what cannot be had
   */
  public static synchronized Choice chosen() {
    if (chosen == null) {
      String name = System.getenv().getOrDefault(VARIABLE, "").toLowerCase(Locale.ROOT);
      chosen = choose(name.isEmpty() ? "auto" : name);
    }
    return chosen;
  }

  /**
   * Chooses by name.
   *
   * @throws IllegalArgumentException if no provider has that name or the one asked for cannot run;
   *     the message names the remedy
   */
  public static Choice choose(String name) {
    if (name.equals("scalar")) {
      return new Choice(new ScalarKernel(), "kernel: scalar (asked for)");
    }
    boolean auto = name.equals("auto");
    List<String> refusals = new ArrayList<>();
    for (KernelProvider provider : providers(refusals)) {
      if (auto || name.equals(provider.name())) {
        try {
          Kernel kernel = provider.kernel();
          String why = auto ? " (found)" : " (asked for)";
          return new Choice(kernel, "kernel: " + kernel.name() + why);
        } catch (KernelProvider.UnavailableKernelException e) {
          refusals.add(e.getMessage());
        }
      }
    }
    String why =
        refusals.isEmpty()
            ? "carousel-kernels-vector is not on the path"
            : String.join("; ", refusals);
    if (auto) {
      return new Choice(new ScalarKernel(), "kernel: scalar (" + why + ")");
    }
    if (name.equals("vector")) {
      throw new IllegalArgumentException(
          "kernel vector: expected a JVM that can run it, got: "
              + why
              + "; start java with --add-modules jdk.incubator.vector and carousel-kernels-vector on the path");
    }
    throw new IllegalArgumentException(
        "kernel: expected auto, scalar or vector (from --kernel or " + VARIABLE + "), got " + name);
  }

  private static List<KernelProvider> providers(List<String> refusals) {
    List<KernelProvider> found = new ArrayList<>();
    Iterator<KernelProvider> iterator = ServiceLoader.load(KernelProvider.class).iterator();
    while (true) {
      try {
        if (!iterator.hasNext()) {
          return found;
        }
        found.add(iterator.next());
      } catch (ServiceConfigurationError e) {
        refusals.add(String.valueOf(e.getMessage()));
      }
    }
  }
}
