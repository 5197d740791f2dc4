/**
 * The reference mathematics of Carousel in double precision and the gradient check.
 *
 * <p>At run time it needs nothing but {@code java.base}, so the tests of every other module can use
 * it.
 */
module dev.carousel.testkit {
  requires static org.jspecify;

  exports dev.carousel.testkit;
}
