/**
 * How a model runs: a session stepped one input at a time, many keys gathered into one batch, whole
 * sequences, samplers.
 *
 * <pre>
 * Model --> Predictor (packed weights, shared by threads) --> Session: one input at a time, or one of many keys; no allocation per step
 *                                                              State in, State out: a value that belongs to a key
 *                                                          --> Scorer:  whole sequences
 * Session --> Sampler: draws the next token
 * </pre>
 */
@NullMarked
package dev.carousel.inference;

import org.jspecify.annotations.NullMarked;
