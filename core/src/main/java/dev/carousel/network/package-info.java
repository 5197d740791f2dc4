/**
 * What a model <em>is</em>: sealed layer specifications (records), the parameter layout,
 * parameters, and the state.
 */
@org.jspecify.annotations.NullMarked
package dev.carousel.network;
