/**
 * Array methods (products, fused gates, reductions), the scalar code that specifies them, and the
 * choice of provider.
 */
package dev.carousel.kernel;
