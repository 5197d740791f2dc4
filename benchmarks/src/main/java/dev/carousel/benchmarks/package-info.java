/**
 * Carousel beside its peers: the same work with the same numbers, in the same process, in turns;
 * and benchmarks of Carousel alone under JMH.
 */
package dev.carousel.benchmarks;
