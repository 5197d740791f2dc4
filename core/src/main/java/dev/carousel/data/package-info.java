/**
 * Turns text, tables, images and streams into time-major batches; what is fitted (vocabulary,
 * scaling) is fitted on the training part only and travels with the model.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.data;
