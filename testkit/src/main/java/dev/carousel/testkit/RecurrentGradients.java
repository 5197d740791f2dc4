package dev.carousel.testkit;

/**
 * Gradients of a loss with respect to everything a run over a ragged batch was given.
 *
 * @param parameters in the names and shapes of the cell's {@link CellReference#parameters()
 *     parameters}, summed over sequences and steps
 * @param dInputs {@code [batchSize][timeSteps of that sequence][inputSize]}
 * @param dh0 {@code [batchSize][hiddenSize]}
 * @param dc0 {@code [batchSize][cellSize]}
 */
public record RecurrentGradients(
    Parameters parameters, double[][][] dInputs, double[][] dh0, double[][] dc0) {}
