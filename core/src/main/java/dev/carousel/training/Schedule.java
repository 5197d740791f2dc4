package dev.carousel.training;

/**
 * What the learning rate is multiplied with as training goes on. Immutable; a schedule that reacts
 * to results gets them as arguments.
 */
public sealed interface Schedule {
  /**
   * Where a training stands.
   *
   * @param step before which it is, from 0: epochs done times {@code stepsPerEpoch}, and the
   *     batches of this epoch that are done, or the windows of a truncated training, whether they
   *     had a target or not
   * @param stepsPerEpoch batches or windows of this epoch
   * @param epochs of the whole training
   * @param reductions how often {@link ReduceOnPlateau} has acted
   */
  record Place(long step, long stepsPerEpoch, int epochs, int reductions) {
    /** The epoch, from 0. */
    long epoch() {
      return stepsPerEpoch == 0 ? 0 : step / stepsPerEpoch;
    }
  }

  /** The factor for an update. */
  double factor(Place place);

  /** Always 1. */
  record Constant() implements Schedule {
    @Override
    public double factor(Place place) {
      return 1;
    }
  }

  /** Multiplied by {@code factor} after every {@code epochs} epochs. */
  record Step(int epochs, double factor) implements Schedule {
    /**
     * @throws IllegalArgumentException if there is not at least 1 epoch, or the factor is not
     *     between 0 and 1
     */
    public Step {
      if (epochs < 1) {
        throw new IllegalArgumentException(
            "step schedule: expected at least 1 epoch, got " + epochs);
      }
      checkFactor("step schedule", factor);
    }

    @Override
    public double factor(Place place) {
      return StrictMath.pow(factor, Math.floorDiv(place.epoch(), epochs));
    }
  }

  /** {@code factor^epoch}, falling with every step. */
  record Exponential(double factor) implements Schedule {
    /**
     * @throws IllegalArgumentException if the factor is not between 0 and 1
     */
    public Exponential {
      checkFactor("exponential schedule", factor);
    }

    @Override
    public double factor(Place place) {
      double epochs = (double) place.step() / Math.max(1, place.stepsPerEpoch());
      return StrictMath.pow(factor, epochs);
    }
  }

  /**
   * Rises linearly over the first {@code warmup} of all steps, W of them, from {@code 1 / (W + 1)}
   * to 1, and then falls along half a cosine, which would reach {@code floor} with the step behind
   * the last one (Loshchilov and Hutter, 2017, without restarts).
   *
   * @param warmup a share, in [0, 1)
   * @param floor in [0, 1]
   */
  record Cosine(double warmup, double floor) implements Schedule {
    /**
     * @throws IllegalArgumentException if the warm-up is not in [0, 1) or the floor not in [0, 1]
     */
    public Cosine {
      if (!(warmup >= 0 && warmup < 1)) {
        throw new IllegalArgumentException(
            "cosine schedule: expected a warm-up share in [0, 1), got " + warmup);
      }
      if (!(floor >= 0 && floor <= 1)) {
        throw new IllegalArgumentException(
            "cosine schedule: expected a floor in [0, 1], got " + floor);
      }
    }

    @Override
    public double factor(Place place) {
      double total = Math.max(1, (double) place.stepsPerEpoch() * place.epochs());
      double rising = warmup * total;
      if (place.step() < rising) {
        return (place.step() + 1) / (rising + 1);
      }
      double share = Math.min(1, (place.step() - rising) / (total - rising));
      return floor + (1 - floor) * 0.5 * (1 + StrictMath.cos(Math.PI * share));
    }
  }

  /**
   * Multiplied by {@code factor} each time the validation loss, or without validation data the
   * training loss, has not improved for {@code patience} epochs.
   */
  record ReduceOnPlateau(double factor, int patience) implements Schedule {
    /**
     * @throws IllegalArgumentException if the factor is not between 0 and 1, or the patience not at
     *     least 1 epoch
     */
    public ReduceOnPlateau {
      checkFactor("plateau schedule", factor);
      if (patience < 1) {
        throw new IllegalArgumentException(
            "plateau schedule: expected a patience of at least 1 epoch, got " + patience);
      }
    }

    @Override
    public double factor(Place place) {
      return StrictMath.pow(factor, place.reductions());
    }
  }

  private static void checkFactor(String name, double factor) {
    if (!(factor > 0 && factor < 1)) {
      throw new IllegalArgumentException(
          name + ": expected a factor between 0 and 1, got " + factor);
    }
  }
}
