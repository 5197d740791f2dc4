package dev.carousel.training;

import dev.carousel.model.EpochMetrics;
import java.io.PrintStream;
import java.util.Locale;

/** Prints one line per epoch. */
public final class Progress implements TrainingListener {
  private final PrintStream out;

  private Progress(PrintStream out) {
    this.out = out;
  }

  /** A listener that prints to the standard error stream. */
  public static Progress toStderr() {
    return new Progress(System.err);
  }

  /** A listener that prints to {@code out}. */
  public static Progress to(PrintStream out) {
    return new Progress(out);
  }

  @Override
  public void onEpoch(EpochMetrics m) {
    out.println(line(m));
  }

  /** What is printed for an epoch. */
  public static String line(EpochMetrics m) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "epoch %d  loss %.4f", m.epoch(), m.trainLoss()));
    if (!Double.isNaN(m.validationLoss())) {
      text.append(String.format(Locale.ROOT, "  validation loss %.4f", m.validationLoss()));
    }
    if (!Double.isNaN(m.accuracy())) {
      text.append(String.format(Locale.ROOT, "  accuracy %.2f %%", 100 * m.accuracy()));
    }
    if (!Double.isNaN(m.top5())) {
      text.append(String.format(Locale.ROOT, "  top-5 %.2f %%", 100 * m.top5()));
    }
    text.append(
        String.format(
            Locale.ROOT, "  %.1f s  %.0f sequences/s", m.seconds(), m.sequencesPerSecond()));
    return text.toString();
  }
}
