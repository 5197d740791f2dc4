/**
 * The mathematics: one class per cell, forward and backward side by side, equations in the Javadoc.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.cell;
