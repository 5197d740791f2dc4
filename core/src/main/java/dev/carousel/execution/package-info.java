/**
 * Runs the layers of a network forward and backward over a batch.
 *
 * <pre>
 * Parameters --> CompiledNetwork (packed weights, shared) --> NetworkPass (activations and gradients, one per runner)
 *                                                                |  Steps: which rows run at which step, SumOrder: how sums over them are made
 *                                                                |  RowParts: which rows a worker takes next, through all steps
 *                                                                v
 *                     forward(range) ... backward(range)   then   weightGradients(group of rows, share of columns), finishWeightGradients
 *                     forward(range) ... backwardAndSum(range)                 where the parts are the groups
 * </pre>
 *
 * Workers take parts of the rows through all the steps of a window, their own first, then what
 * others have not begun, and meet only at its end. Weight gradients are summed over groups of rows
 * and added up: on the way back, where every worker gets as many groups, while what they are sums
 * of is in its nearest caches; else then, each group in so many shares of columns that all workers
 * get as many. The groups follow from the network and the batch, and no other sum is divided, so
 * the number of workers cannot change a bit.
 *
 * <p>Of tokens, a recurrent layer behind the embedding sees the distinct ones only ({@code
 * TokenVectors}), where there are several steps and not many more tokens than steps: each part
 * numbers its own, and each group those it sums over. The gradients of their vectors need the sums
 * of all columns, hence {@code finishWeightGradients}.
 *
 * <p>One step of one sequence has no rows to divide: large layers are divided by units instead,
 * each member with weights of its own units, and the team meets after each of them ({@code
 * TeamStep}).
 */
@NullMarked
package dev.carousel.execution;

import org.jspecify.annotations.NullMarked;
