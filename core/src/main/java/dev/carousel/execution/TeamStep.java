package dev.carousel.execution;

import org.jspecify.annotations.Nullable;

/**
 * One step of one sequence, its large layers divided by units between the members of a team.
 *
 * <p>Worth it where a layer's weights fill a second-level cache: each core then reads its part of
 * them, and from a nearer cache. Two threads take an LSTM 192 to 192 through a step in 0.4 to 0.6
 * of the time that one takes, 512 to 512 in 0.5 to 0.65. Smaller layers depend on where the cores
 * are. Handing a share over and back takes 0.1 us where they are near and 0.5 where they are far
 * apart, and what the other has written comes as slowly: an LSTM 28 to 128 takes 0.7 times as long
 * in the one case, 1.4 in the other.
 */
final class TeamStep {
  private final LayerPass[] layers;
  private final Steps steps;
  private final Workers team;
  // Of the layers that are divided, the share of a member.
  private final Workers.@Nullable Task[] shares;
  private final boolean isDivided;
  private final RowRange row = new RowRange();

  /**
   * @param steps of a batch of one step
   */
  TeamStep(LayerPass[] layers, Steps steps, Workers team) {
    this.layers = layers;
    this.steps = steps;
    this.team = team;
    this.shares = new Workers.Task[layers.length];
    row.setFirst(steps, 1);
    boolean any = false;
    for (int i = 0; team.canBeReady() && i < layers.length; i++) {
      LayerPass layer = layers[i];
      if (layer.divide(team.count())) {
        shares[i] = (worker, members) -> layer.stepShare(worker);
        any = true;
      }
    }
    isDivided = any;
  }

  /**
   * How many members a layer is divided between; 1 if it is not worth it.
   *
   * @param weights that a step reads, in values
   */
  static int members(UnitShares<?> parts, long weights, int members) {
    return weights < CompiledNetwork.LARGE ? 1 : Math.min(members, parts.most());
  }

  boolean isDivided() {
    return isDivided;
  }

  /** By the team, if there is something to divide and it is awake; else by the caller. */
  void forward() {
    if (!isDivided) {
      alone();
    } else if (team.ready()) {
      together();
    } else {
      alone();
      team.wasAlone();
    }
  }

  private void alone() {
    for (LayerPass layer : layers) {
      layer.forward(steps, row);
    }
  }

  /** Whoever is asleep, the caller does that share. */
  void together() {
    for (int i = 0; i < layers.length; i++) {
      Workers.Task share = shares[i];
      if (share != null) {
        team.runReady(share);
        layers[i].gather();
      } else {
        layers[i].forward(steps, row);
      }
    }
  }
}
