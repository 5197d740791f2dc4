/**
 * How a model learns: full and truncated back-propagation through time, losses, optimizers,
 * schedules, clipping, early stopping, checkpoints.
 *
 * <pre>
 * Sequences --> Batch --> NetworkPass.forward --> Loss --> NetworkPass.backward   the workers, part by part of the rows
 *                                                              |
 *                                               weight gradients                  groups of rows, on the way back or in shares of columns, then added up
 *                                                              |
 *                        penalty, clipping, Optimizer --> Parameters              each worker its range
 * </pre>
 */
@NullMarked
package dev.carousel.training;

import org.jspecify.annotations.NullMarked;
