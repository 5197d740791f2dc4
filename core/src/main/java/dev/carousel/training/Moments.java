package dev.carousel.training;

/**
 * What an optimizer has accumulated: arrays like the parameters, and the number of steps taken.
 *
 * <p>The powers of beta that Adam corrects its bias with are kept as running products in double
 * precision, so a resumed run has the same bits.
 */
public final class Moments {
  final float[] first;
  final float[] second;
  long step;
  double beta1Power = 1;
  double beta2Power = 1;

  Moments(int count, int size) {
    first = new float[count > 0 ? size : 0];
    second = new float[count > 1 ? size : 0];
  }

  /** The number of updates so far. */
  public long step() {
    return step;
  }
}
