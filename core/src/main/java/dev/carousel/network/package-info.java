/**
 * What a model <em>is</em>: sealed layer specifications, the parameter layout, parameters, and the
 * state.
 *
 * <p>Everything here is a value: a {@link dev.carousel.network.Network} describes, {@link
 * dev.carousel.network.ParameterLayout} names the slices of one {@code float[]}, {@link
 * dev.carousel.network.Parameters} holds it, and {@link dev.carousel.network.State} is what a model
 * remembers between two inputs.
 */
package dev.carousel.network;
