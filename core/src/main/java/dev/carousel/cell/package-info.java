/**
 * The mathematics: one class per cell, forward and backward side by side, equations in the Javadoc.
 *
 * <p>Shapes, for a batch of B sequences with N steps in all. The rows a worker has of one step
 * follow each other; where they lie among the N, {@code dev.carousel.execution.Steps} says:
 *
 * <pre>
 * x [N, I]      input                          z  [N, G H]   gate pre-activations, then activations, then their gradients
 * h [B + N, H]  h(0), then h of every step     dh [B + N, H] the gradient of the loss in h
 * c [B + N, H]  c(0), then c of every step     dc [B + N, H] the gradient of the loss in c
 * </pre>
 *
 * In training dh and dc have fewer rows: of dc one for each sequence, of dh two where only the last
 * steps have a gradient from the next layer. {@link dev.carousel.cell.StepRows} says which.
 *
 * <p>A step's products are one for each group of gates that see the same h, {@code [x, h(t-1)]
 * [W_ih; W_hh]}. Where the input weights are too large to be read at every step ({@code
 * inputAheadPays}), those of the input are made for all steps at once, and only the recurrent ones
 * stay in the loop. Where the inputs are tokens' vectors they are made once for all steps with the
 * same token, and so are their gradients ({@link dev.carousel.cell.InputProduct}).
 */
@NullMarked
package dev.carousel.cell;

import org.jspecify.annotations.NullMarked;
