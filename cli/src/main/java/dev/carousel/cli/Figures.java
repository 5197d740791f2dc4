package dev.carousel.cli;

import java.util.Locale;

/** How numbers and characters are printed for people. */
final class Figures {
  private Figures() {}

  /** A probability with four decimals. */
  static String share(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** A whole number in groups of three digits. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A text on one line: white space that would break a line or a column becomes a space. */
  static String oneLine(String text) {
    return text.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", " ");
  }

  /** An argument of a command line as a shell takes it. */
  static String argument(String argument) {
    return argument.matches("[\\w@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  /** A character in quotes; one that cannot be seen by its number. */
  static String quoted(String symbol) {
    return switch (symbol) {
      case "\n" -> "'\\n'";
      case "\t" -> "'\\t'";
      case "\r" -> "'\\r'";
      default -> {
        int point = symbol.codePointAt(0);
        boolean seen = point == ' ' || !Character.isISOControl(point) && !isInvisible(point);
        yield seen ? "'" + symbol + "'" : String.format(Locale.ROOT, "U+%04X", point);
      }
    };
  }

  private static boolean isInvisible(int point) {
    int type = Character.getType(point);
    return type == Character.FORMAT
        || type == Character.UNASSIGNED
        || type == Character.PRIVATE_USE
        || type == Character.NON_SPACING_MARK
        || Character.isSpaceChar(point);
  }
}
