package dev.carousel.training;

/**
 * A loss, a gradient or a parameter that is not finite. The parameters of the last good checkpoint
 * are untouched.
 */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergedException(int epoch, long step, double loss, double gradientNorm, double parameterNorm) {
    super(
        "training diverged in epoch "
            + epoch
            + ", step "
            + step
            + ": loss "
            + loss
            + ", gradient norm "
            + gradientNorm
            + ", parameter norm "
            + parameterNorm
            + "; a smaller learning rate or a smaller clip norm may help");
  }
}
