/** The kernels of Carousel on the JDK's Vector API. */
module dev.carousel.kernels.vector {
  requires dev.carousel;
  requires jdk.incubator.vector;

  provides dev.carousel.kernel.KernelProvider with
      dev.carousel.kernels.vector.VectorKernelProvider;
}
