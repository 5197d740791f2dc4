/**
 * The array arithmetic of {@code dev.carousel.kernel} on the Vector API, found by {@code
 * ServiceLoader}.
 */
package dev.carousel.kernels.vector;
