/** Everything needed to train and run a recurrent network. */
module dev.carousel {
  requires static org.jspecify;
  requires tools.jackson.core;

  exports dev.carousel.kernel;

  uses dev.carousel.kernel.KernelProvider;
}
