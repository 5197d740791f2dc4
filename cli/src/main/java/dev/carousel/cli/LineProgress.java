package dev.carousel.cli;

import dev.carousel.model.EpochMetrics;
import dev.carousel.training.TrainingListener;
import java.io.PrintStream;
import java.util.Locale;

/** Plain lines: one per epoch and, in a long one, one every {@value #SECONDS} seconds. */
class LineProgress implements TrainingListener, AutoCloseable {
  private static final int SECONDS = 20;

  private final PrintStream out;
  private final TrainingUnit unit;
  private final int epochs;
  private final boolean manyClasses;
  private long lastLine = System.nanoTime();
  private int epoch;
  private long epochBegan;
  private long firstDone;

  /**
   * @param manyClasses whether to be among the five best says something
   */
  LineProgress(PrintStream out, TrainingUnit unit, int epochs, boolean manyClasses) {
    this.out = out;
    this.unit = unit;
    this.epochs = epochs;
    this.manyClasses = manyClasses;
  }

  @Override
  public void onStep(int epoch, long done, long total, double loss, double sequencesPerSecond) {
    long now = System.nanoTime();
    if (epoch != this.epoch) {
      this.epoch = epoch;
      epochBegan = now;
      firstDone = done;
    }
    double seconds = (now - epochBegan) * 1e-9;
    double rate = seconds > 0 ? (done - firstDone) * unit.perStep() / seconds : 0;
    showStep(epoch, done * unit.perStep(), total * unit.perStep(), loss, rate);
  }

  /** Shows where the epoch stands. */
  void showStep(int epoch, long done, long total, double loss, double rate) {
    if (System.nanoTime() - lastLine > SECONDS * 1_000_000_000L) {
      println(
          String.format(
              Locale.ROOT,
              "epoch %d/%d  %d %%  loss %.4f  %,.0f %s/s",
              epoch,
              epochs,
              100 * done / Math.max(1, total),
              loss,
              rate,
              unit.plural()));
    }
  }

  @Override
  public void onEpoch(EpochMetrics m) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(Locale.ROOT, "epoch %d/%d  loss %.4f", m.epoch(), epochs, m.trainLoss()));
    if (!Double.isNaN(m.validationLoss())) {
      line.append(
          String.format(
              Locale.ROOT,
              "  validation loss %.4f  accuracy %s",
              m.validationLoss(),
              Table.percent(m.accuracy())));
      line.append(manyClasses ? "  top-5 " + Table.percent(m.top5()) : "");
    }
    line.append(
        String.format(
            Locale.ROOT,
            "  %.1f s  %,.0f %s/s",
            m.seconds(),
            m.sequencesPerSecond() * unit.perSequence(),
            unit.plural()));
    println(line.toString());
  }

  final int epochs() {
    return epochs;
  }

  final void println(String line) {
    out.println(line);
    lastLine = System.nanoTime();
  }

  /** Leaves the terminal as it was. */
  @Override
  public void close() {}
}
