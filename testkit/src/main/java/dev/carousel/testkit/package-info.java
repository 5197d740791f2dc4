/** Gradient check and float64 reference cells: arrays in, arrays out, independent of core. */
@org.jspecify.annotations.NullMarked
package dev.carousel.testkit;
