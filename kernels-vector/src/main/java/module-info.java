/** The kernels of core on the Vector API, found by ServiceLoader. */
module dev.carousel.kernels.vector {
  requires dev.carousel;
  requires jdk.incubator.vector;
  requires static org.jspecify;
}
