/**
 * Turns text and images into sequences, and takes numbers as they are; what is fitted (vocabulary,
 * labels, scaling) is fitted on the training part only and travels with the model. A file that
 * cannot be read is a {@link java.io.IOException}; a file whose content is wrong is an {@link
 * dev.carousel.data.InvalidDataException}.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.data;
