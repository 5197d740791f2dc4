package dev.carousel.cli;

import dev.carousel.data.InvalidDataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The texts of a command, in order: its arguments, or the lines of standard input. */
interface Texts {

  /**
   * The next texts: all that can be had without waiting, up to a bound, but at least one.
   *
   * @return empty at the end
   * @throws InvalidDataException if the next text is empty or not UTF-8, naming its place; the
   *     texts before it have been returned by then
   * @throws IOException if they cannot be read
   */
  List<String> next() throws IOException;

  /**
   * Texts from the command line.
   *
   * @throws InvalidDataException if one is empty, or could not be decoded in this locale
   */
  static Texts ofArguments(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String where = "text " + (i + 1);
      check(where, arguments.get(i));
      checkDecoded(where, arguments.get(i), "give the text on standard input");
    }
    List<List<String>> left = new ArrayList<>(List.of(List.copyOf(arguments)));
    return () -> left.isEmpty() ? List.of() : left.remove(0);
  }

  /** The encoding of the command line. */
  static String encoding() {
    return System.getProperty("sun.jnu.encoding", "UTF-8").toUpperCase(Locale.ROOT);
  }

  /**
   * Java puts the replacement character where it cannot decode an argument. One that is meant
   * cannot be told from that.
   *
   * @param remedy where the locale's encoding is UTF-8 already
   * @throws InvalidDataException if there is one
   */
  static void checkDecoded(String where, String argument, String remedy) {
    if (argument.indexOf('\uFFFD') < 0) {
      return;
    }
    boolean utf8 = encoding().equals("UTF-8");
    throw new InvalidDataException(
        where
            + ": expected characters of the locale's encoding ("
            + encoding()
            + "), got "
            + (utf8 ? "bytes that are none, or U+FFFD; " : "others; set LC_ALL=C.UTF-8, or ")
            + remedy);
  }

  /** A text has to have a character that is not white space, as in training. */
  static void check(String where, String text) {
    if (text.isBlank()) {
      throw new InvalidDataException(
          where
              + ": expected a text, got "
              + (text.isEmpty() ? "an empty one" : "white space only"));
    }
  }
}
