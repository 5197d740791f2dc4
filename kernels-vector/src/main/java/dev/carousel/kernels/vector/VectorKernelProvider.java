package dev.carousel.kernels.vector;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.KernelProvider;

/** Offers the {@link VectorKernel} where the JVM has the Vector API. */
public final class VectorKernelProvider implements KernelProvider {
  /** For {@link java.util.ServiceLoader}. */
  public VectorKernelProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Kernel kernel() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new UnavailableKernelException("the module jdk.incubator.vector is not resolved");
    }
    try {
      return VectorKernel.create();
    } catch (ExceptionInInitializerError e) {
      throw new UnavailableKernelException(String.valueOf(e.getCause()));
    } catch (LinkageError e) {
      throw new UnavailableKernelException("the Vector API of this JVM does not fit: " + e);
    }
  }
}
