package dev.carousel.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A small table for people: the first column to the left, the others to the right. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();

  /** Adds a row; rows may differ in length. */
  Table row(String... cells) {
    rows.add(cells);
    return this;
  }

  /** The rows as lines, two spaces between the columns. */
  List<String> lines() {
    int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int k = 0; k < row.length; k++) {
        widths[k] = Math.max(widths[k], row[k].codePointCount(0, row[k].length()));
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int k = 0; k < row.length; k++) {
        char[] space = new char[widths[k] - row[k].codePointCount(0, row[k].length())];
        Arrays.fill(space, ' ');
        line.append(k == 0 ? "" : "  ");
        line.append(k == 0 ? row[k] : "").append(space).append(k == 0 ? "" : row[k]);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** A share as a percentage; a dash where there is none. */
  static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
