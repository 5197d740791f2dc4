package dev.carousel.cli;

import dev.carousel.model.EpochMetrics;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar for the running epoch, and a line for every one that is done; for a terminal. */
final class BarProgress extends LineProgress {
  private static final int MILLISECONDS = 200;

  private final OneLine line;
  private @Nullable ProgressBar bar;

  BarProgress(PrintStream out, TrainingUnit unit, int epochs, boolean manyClasses) {
    super(out, unit, epochs, manyClasses);
    this.line = new OneLine(out);
  }

  @Override
  void showStep(int epoch, long done, long total, double loss, double rate) {
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          ProgressBar.builder()
              .setTaskName("epoch " + epoch + "/" + epochs())
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(MILLISECONDS)
              .clearDisplayOnFinish()
              .setConsumer(line)
              .build();
      bar = shown;
    }
    shown.setExtraMessage(String.format(Locale.ROOT, " loss %.4f  %,.0f/s", loss, rate));
    shown.stepTo(done);
  }

  /** The bar's line, as wide as the terminal; the line of the epoch takes its place. */
  private static final class OneLine extends ConsoleProgressBarConsumer {
    private final PrintStream out;
    private int widest;

    OneLine(PrintStream out) {
      super(out);
      this.out = out;
    }

    @Override
    public void accept(String line) {
      widest = Math.max(widest, Math.min(line.length(), getMaxRenderedLength()));
      super.accept(line);
    }

    /** Without the line end that the library adds. */
    @Override
    public void close() {
      out.flush();
    }

    /** Leaves an empty line, as the library does only where the bar was drawn more than once. */
    void erase() {
      out.print("\r" + " ".repeat(widest) + "\r");
      out.flush();
    }
  }

  @Override
  public void onEpoch(EpochMetrics metrics) {
    close();
    super.onEpoch(metrics);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      line.erase();
      bar = null;
    }
  }
}
