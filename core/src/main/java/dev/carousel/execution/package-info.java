/** Runs the layers of a network forward and backward over a batch. */
@org.jspecify.annotations.NullMarked
package dev.carousel.execution;
