package dev.carousel.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Results on standard output: UTF-8, line feeds, nothing lost in silence. Written out by {@link
 * #flush}.
 */
final class Results {
  private final PrintStream stream;
  private final StringBuilder pending = new StringBuilder();

  Results(PrintStream stream) {
    this.stream = stream;
  }

  /** On the standard output of this moment. */
  static Results onStandardOutput() {
    return new Results(System.out);
  }

  Results text(String text) {
    pending.append(text);
    return this;
  }

  Results line(String line) {
    pending.append(line).append('\n');
    return this;
  }

  Results json(Map<String, ?> object) {
    return line(JsonLine.of(object));
  }

  /**
   * Writes out what was printed since the last time.
   *
   * @throws ReaderGoneException if whoever read it has closed the pipe
   * @throws IOException if it cannot be written for another reason
   */
  void flush() throws IOException {
    byte[] bytes = pending.toString().getBytes(StandardCharsets.UTF_8);
    pending.setLength(0);
    stream.write(bytes, 0, bytes.length);
    if (stream.checkError()) {
      IOException cause = stream instanceof ResultStream results ? results.failure() : null;
      String reason = cause == null ? "it is closed" : String.valueOf(cause.getMessage());
      if (reason.contains("Broken pipe") || reason.contains("pipe is being closed")) {
        throw new ReaderGoneException(cause);
      }
      throw new IOException("standard output: could not be written: " + reason, cause);
    }
  }

  /**
   * Nobody reads the results any more, as behind {@code | head -1}: the end, but no fault to speak
   * of.
   */
  static final class ReaderGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ReaderGoneException(@Nullable Throwable cause) {
      super("standard output: its reader has closed it", cause);
    }
  }
}
