package dev.carousel.kernel;

/** Offers a {@link Kernel}, or says why it cannot; found with {@link java.util.ServiceLoader}. */
public interface KernelProvider {
  /** The name by which {@code CAROUSEL_KERNEL} asks for it, such as {@code vector}. */
  String name();

  /**
   * The kernel of this provider.
   *
   * @throws UnavailableKernelException if this machine or this JVM cannot run it; the message says
   *     why
   */
  Kernel kernel();

  /** Why a provider cannot run here. */
  final class UnavailableKernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnavailableKernelException(String message) {
      super(message);
    }
  }
}
