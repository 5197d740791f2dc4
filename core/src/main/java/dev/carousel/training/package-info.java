/**
 * How a model learns: full and truncated BPTT, losses, optimizers, schedules, clipping, early
 * stopping, checkpoints.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.training;
