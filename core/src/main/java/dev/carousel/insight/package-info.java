/** What a model remembers: gradient by lag, gate saturation, memory half-life. */
@org.jspecify.annotations.NullMarked
package dev.carousel.insight;
