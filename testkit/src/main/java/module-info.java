/** Gradient check and float64 reference cells: arrays in, arrays out, independent of core. */
module dev.carousel.testkit {
  requires static org.jspecify;

// javac refuses to export a package without a class: uncomment with its first one.
// exports dev.carousel.testkit;
}
