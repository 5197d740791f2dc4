/** The command {@code carousel}: parse, call core, print, exit code. */
@org.jspecify.annotations.NullMarked
package dev.carousel.cli;
