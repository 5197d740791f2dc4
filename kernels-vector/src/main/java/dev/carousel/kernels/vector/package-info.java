/** The kernels of core on the Vector API, found by ServiceLoader. */
@org.jspecify.annotations.NullMarked
package dev.carousel.kernels.vector;
