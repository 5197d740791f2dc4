package dev.carousel.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** The results as a table in Markdown, one line for each row and peer. */
final class Table {
  static final String HEAD =
      "| row | ours | peer | ours is faster by, median [min to max] | bar | busy cores, ours / peer | of the machine's limit |\n"
          + "|---|---|---|---|---|---|---|";

  private final Ceiling ceiling;

  Table(Ceiling ceiling) {
    this.ceiling = ceiling;
  }

  /** The lines of a result, each with its line end. */
  String lines(Comparison.Result result) {
    Row row = result.row();
    Comparison.Side ours = result.ours();
    StringBuilder lines = new StringBuilder();
    String mine = time(ours, row);
    if (result.peers().isEmpty()) {
      lines.append(
          line(row.name(), mine, "none", "", "", cores(ours), share(row, ours, Double.NaN)));
    }
    for (Comparison.Side peer : result.peers()) {
      double[] ratios = peer.ratios(ours);
      double ratio = Comparison.median(ratios);
      lines.append(
          line(
              row.name(),
              mine,
              peer.name() + " " + time(peer, row),
              String.format(
                  Locale.ROOT,
                  "%.2f [%.2f to %.2f]",
                  ratio,
                  Arrays.stream(ratios).min().orElseThrow(),
                  Arrays.stream(ratios).max().orElseThrow()),
              bar("%.1f", peer.bar(), ratio),
              cores(ours) + " / " + cores(peer),
              share(row, ours, peer.bar() / ratio)));
    }
    return lines.toString();
  }

  private static String line(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String cores(Comparison.Side side) {
    return String.format(Locale.ROOT, "%.1f", side.cores());
  }

  /**
   * Of what the machine can do at most: of the reading rate if the row is bound by it.
   *
   * @param wanted how many times as fast the bar is; NaN if there is none
   */
  private String share(Row row, Comparison.Side ours, double wanted) {
    if (!Double.isNaN(row.bytesPerRun())) {
      Ceiling.Level level = ceiling.levelOf(row.bytesPerRun());
      double share = row.bytesPerRun() / ours.seconds() / level.aligned();
      return share(share, wanted, level.name() + " reads");
    }
    double peak = ceiling.multiplyAdds(Math.min(row.threads(), ceiling.multiplyAdds().length));
    double share = row.flopsPerRun() / ours.seconds() / peak;
    if (Double.isNaN(share)) {
      return "";
    }
    String measured = share(share, wanted, "fma");
    String bar = bar("%.0f %%", 100 * row.peakBar(), 100 * share);
    return bar.isEmpty() ? measured : measured + ", bar " + bar;
  }

  private static String share(double share, double wanted, String limit) {
    String measured = String.format(Locale.ROOT, "%.0f %% of %s", 100 * share, limit);
    return Double.isNaN(wanted)
        ? measured
        : measured + String.format(Locale.ROOT, " (%.0f %% at the bar)", 100 * share * wanted);
  }

  private static String bar(String format, double bar, double measured) {
    if (Double.isNaN(bar)) {
      return "";
    }
    return String.format(Locale.ROOT, format, bar) + (measured >= bar ? " met" : " missed");
  }

  private static String time(Comparison.Side side, Row row) {
    double seconds = side.seconds() / row.unitsPerRun();
    String value;
    if (seconds < 1e-3) {
      value = String.format(Locale.ROOT, "%.2f us", seconds * 1e6);
    } else {
      value = String.format(Locale.ROOT, "%.2f ms", seconds * 1e3);
    }
    return value + "/" + row.unit();
  }
}
