/** The model directory: reading, writing, versions, provenance. */
@org.jspecify.annotations.NullMarked
package dev.carousel.model;
