/**
 * The model directory: reading, writing, versions, provenance. A file that cannot be read or
 * written is a {@link java.io.IOException}; a file whose content is wrong is a {@link
 * dev.carousel.model.ModelFormatException}.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.model;
