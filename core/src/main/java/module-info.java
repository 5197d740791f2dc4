/** Everything needed to train and run a recurrent network. */
module dev.carousel {
  requires static transitive org.jspecify;
  requires tools.jackson.core;

  exports dev.carousel.cell;
  exports dev.carousel.data;
  exports dev.carousel.execution;
  exports dev.carousel.inference;
  exports dev.carousel.insight;
  exports dev.carousel.kernel;
  exports dev.carousel.model;
  exports dev.carousel.network;
  exports dev.carousel.training;

  uses dev.carousel.kernel.KernelProvider;
}
