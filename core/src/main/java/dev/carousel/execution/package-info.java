/**
 * Runs the layers of a network forward and backward over a batch.
 *
 * <pre>
 * Parameters --> CompiledNetwork (packed weights, shared) --> NetworkPass (activations and gradients, one per runner)
 *                                                                |  Steps: which rows run at which step
 *                                                                |  RowRange: the rows of one worker, through all steps
 *                                                                v
 *                     forward(range) ... backward(range)   then, by output columns,   weightGradients(worker)
 * </pre>
 *
 * Workers take disjoint rows through all the steps of a window and meet only at its end; weight
 * gradients are then divided by columns. No sum is divided, so the number of workers cannot change
 * a bit.
 */
@NullMarked
package dev.carousel.execution;

import org.jspecify.annotations.NullMarked;
