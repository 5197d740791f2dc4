/**
 * How a model runs: a session stepped one input at a time, many keys gathered into one batch,
 * samplers.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.inference;
