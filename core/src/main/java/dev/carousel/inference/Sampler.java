package dev.carousel.inference;

import dev.carousel.kernel.Functions;
import dev.carousel.network.Seeds;
import java.util.random.RandomGenerator;

/**
 * Draws the next token from probabilities, optionally sharpened and cut.
 *
 * <p>First each probability is raised to {@code 1 / temperature} (below 1 the likely become
 * likelier; 0 takes the most likely). Then only the {@code topK} most likely are kept (0 keeps
 * all), and of those the fewest whose share of the whole reaches {@code topP} (Holtzman et al.,
 * 2020; 1 keeps all). Equal probabilities rank by token. The draw is in double precision and
 * depends on the seed alone.
 *
 * <p>For one thread.
 */
public final class Sampler {
  private final double temperature;
  private final int topK;
  private final double topP;
  private final RandomGenerator random;
  private double[] weights = {};
  private int[] ranked = {};

  /**
   * @param temperature at least 0
   * @param topK at least 0; 0 keeps all
   * @param topP in (0, 1]
   * @throws IllegalArgumentException naming what is out of its range
   */
  public Sampler(double temperature, int topK, double topP, long seed) {
    if (!(temperature >= 0) || temperature == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "temperature: expected a finite number of at least 0, got " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k: expected at least 0, got " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p: expected a number in (0, 1], got " + topP);
    }
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    this.random = Seeds.of(seed, Seeds.Purpose.SAMPLING);
  }

  /**
   * Draws one of the first {@code count} tokens.
   *
   * @throws IllegalArgumentException if none of them has a probability, or one is not a finite
   *     number
   */
  public int draw(float[] probabilities, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, probabilities[i]);
    }
    if (!(largest > 0 && largest < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "probabilities: expected finite numbers and one above 0, got "
              + largest
              + " as the largest");
    }
    if (temperature == 0) {
      int best = 0;
      for (int i = 1; i < count; i++) {
        best = probabilities[i] > probabilities[best] ? i : best;
      }
      return best;
    }
    if (weights.length < count) {
      weights = new double[count];
      ranked = new int[count];
    }
    double top = Functions.log(largest);
    for (int i = 0; i < count; i++) {
      double p = probabilities[i];
      // Relative to the most likely, so that at a low temperature not all of them vanish.
      weights[i] = p <= 0 ? 0 : StrictMath.exp((Functions.log(p) - top) / temperature);
      ranked[i] = i;
    }
    int kept = cut(count);
    double total = 0;
    for (int i = 0; i < kept; i++) {
      total += weights[ranked[i]];
    }
    double left = (random.nextLong() >>> 11) * 0x1p-53 * total;
    for (int i = 0; i < kept - 1; i++) {
      left -= weights[ranked[i]];
      if (left < 0) {
        return ranked[i];
      }
    }
    return ranked[kept - 1];
  }

  /** Orders as many tokens as are needed and returns how many are kept. */
  private int cut(int count) {
    int kept = topK == 0 ? count : Math.min(topK, count);
    if (kept == count && topP == 1) {
      return count;
    }
    double whole = 0;
    for (int i = 0; i < count; i++) {
      whole += weights[i];
    }
    double reached = 0;
    for (int i = 0; i < kept; i++) {
      int best = i;
      for (int j = i + 1; j < count; j++) {
        double difference = weights[ranked[j]] - weights[ranked[best]];
        if (difference > 0 || difference == 0 && ranked[j] < ranked[best]) {
          best = j;
        }
      }
      int swapped = ranked[i];
      ranked[i] = ranked[best];
      ranked[best] = swapped;
      reached += weights[ranked[i]];
      if (reached >= topP * whole) {
        return i + 1;
      }
    }
    return kept;
  }
}
