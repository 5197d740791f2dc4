/**
 * Rung one of the ladder of proof: every cell, layer, loss and optimizer as its equations,
 * literally, in {@code double}, with the backward pass written by hand beside it, and a gradient
 * check.
 *
 * <p>Nothing here is fast and nothing is shared with the code it judges: arrays in, arrays out.
 *
 * <p>Shapes, everywhere: a ragged batch of sequences is {@code [batchSize][timeSteps of that
 * sequence][features]}; a state is {@code [batchSize][hiddenSize]}; weights are input-major, {@code
 * weightIh [inputSize][gates * hiddenSize]} and {@code weightHh [hiddenSize][gates * hiddenSize]},
 * with the columns in blocks of {@code hiddenSize}, one block for each gate. Arrays passed in are
 * read, not copied and not changed, unless a method says otherwise. Classes are not thread-safe.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.testkit;
