package dev.carousel.execution;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * One step of one sequence, its large layers divided by units between the members of a team.
 *
 * <p>Worth it where a layer's weights fill a second-level cache: each core then reads its part of
 * them, and from a nearer cache. Two threads take an LSTM 192 to 192 through a step in 0.4 to 0.6
 * of the time, 512 to 512 in 0.5 to 0.6. Handing a share over and back takes 0.1 us, but 0.5 where
 * the cores are far apart, and what the other has written comes as slowly: 28 to 128 then takes 1.4
 * times as long, and two thirds where they are near.
 */
final class TeamStep {
  // Weights of a layer, in values.
  private static final int LEAST = 1 << 18;

  private final LayerPass[] layers;
  // Of the layers that are divided, the share of a member.
  private final Workers.@Nullable Task[] shares;
  private final RowRange row = new RowRange();
  private float[] state = {};

  /**
   * @param steps of a batch of one step
   */
  TeamStep(LayerPass[] layers, Steps steps) {
    this.layers = layers;
    this.shares = new Workers.Task[layers.length];
    row.setFirst(steps, 1);
  }

  /**
   * How many members a layer is divided between; 1 if it is not worth it.
   *
   * @param units its outputs
   * @param weights that a step reads, in values
   */
  static int members(Kernel kernel, int units, long weights, int workers) {
    return weights < LEAST ? 1 : Math.min(workers, ColumnShares.most(kernel, units));
  }

  /** Divides what is worth it between so many members; whether there is anything. */
  boolean divide(int workers) {
    boolean any = false;
    int at = 0;
    for (int i = 0; i < layers.length; i++) {
      LayerPass layer = layers[i];
      if (layer.divide(workers)) {
        int from = at;
        shares[i] = (worker, members) -> layer.stepShare(worker, state, from);
        any = true;
      }
      at += layer.stateSize();
    }
    return any;
  }

  /** See {@link NetworkPass#step}. */
  void run(Steps steps, float[] sequence, Workers team) {
    state = sequence;
    int at = 0;
    for (int i = 0; i < layers.length; i++) {
      LayerPass layer = layers[i];
      Workers.Task share = shares[i];
      if (share != null) {
        team.runReady(share);
        layer.gather(sequence, at);
      } else {
        layer.loadState(0, sequence, at);
        layer.forward(steps, row);
        layer.storeState(steps, 0, 1, sequence, at);
      }
      at += layer.stateSize();
    }
  }
}
