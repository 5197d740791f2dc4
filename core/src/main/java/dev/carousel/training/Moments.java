package dev.carousel.training;

/**
 * What an optimizer has accumulated: arrays like the parameters, and the number of steps taken.
 *
 * <p>What is no longer added to shrinks with every step, ends among numbers below 2^-126, where
 * rounding holds it fast, and some processors take hundreds of cycles for an operation: the rows of
 * an embedding whose words are rare took Adam twelve times as long. It comes to rest before, on a
 * coarser grid.
 *
 * <p>The powers of beta that Adam corrects its bias with are kept as running products in double
 * precision, so a resumed run has the same bits.
 */
public final class Moments {
  // Beside these 2^-103 and 2^-124 are the last digits. A mean so small moves no weight, and is
  // multiplied with a learning rate; of a square the root is taken. Comparing with a limit instead
  // is not vectorised: four times as long on JDK 17 and 25.
  private static final float MEAN_GRAIN = 0x1p-80f;
  private static final float SQUARE_GRAIN = 0x1p-101f;

  final float[] first;
  final float[] second;
  long step;
  double beta1Power = 1;
  double beta2Power = 1;

  /**
   * @param count arrays that the optimizer asks for
   * @param size of each
   * @throws IllegalArgumentException if there are not 0 to 2
   */
  Moments(int count, int size) {
    if (count < 0 || count > 2) {
      throw new IllegalArgumentException(
          "optimizer: expected 0 to 2 arrays of moments, got " + count);
    }
    first = new float[count > 0 ? size : 0];
    second = new float[count > 1 ? size : 0];
  }

  /**
   * What is kept of a mean of gradients: itself from 2^-55 in magnitude on, else rounded to a
   * multiple of 2^-103, or of 2^-104 if it is negative.
   */
  static float keptMean(float mean) {
    return (mean + MEAN_GRAIN) - MEAN_GRAIN;
  }

  /** What is kept of a mean of squares: itself from 2^-76 on, else a multiple of 2^-124. */
  static float keptSquare(float square) {
    return (square + SQUARE_GRAIN) - SQUARE_GRAIN;
  }

  /** The first array an optimizer asked for, like the parameters; empty if it asked for none. */
  public float[] first() {
    return first;
  }

  /** The second one; empty if it asked for fewer. */
  public float[] second() {
    return second;
  }

  /** The number of updates so far. */
  public long step() {
    return step;
  }
}
