package dev.carousel.cli;

import dev.carousel.data.InvalidDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream of UTF-8 as they come: a whole line that has arrived is never held back
 * until there are more.
 */
final class TextLines implements Texts {
  private static final int MOST_LINES = 256;
  private static final int MOST_BYTES = 1 << 16;

  private final String name;
  private final InputStream in;
  private byte[] bytes = new byte[MOST_BYTES];
  private int from;
  private int to;
  private boolean ended;
  private int lines;
  private @Nullable InvalidDataException wrong;

  /**
   * @param name what the messages call the stream
   */
  TextLines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  @Override
  public List<String> next() throws IOException {
    List<String> texts = new ArrayList<>();
    int taken = 0;
    while (wrong == null && texts.size() < MOST_LINES && taken < MOST_BYTES) {
      int feed = feed();
      while (feed < 0 && !ended && texts.isEmpty()) {
        fill();
        feed = feed();
      }
      int end = feed < 0 ? to : feed;
      if (feed < 0 && !(ended && to > from)) {
        break;
      }
      lines++;
      try {
        texts.add(line(end));
      } catch (InvalidDataException e) {
        wrong = e;
      }
      taken += end - from;
      from = feed < 0 ? to : feed + 1;
    }
    if (texts.isEmpty() && wrong != null) {
      throw wrong;
    }
    return texts;
  }

  /** Where the next line feed is, or -1. */
  private int feed() {
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        return at;
      }
    }
    return -1;
  }

  private void fill() throws IOException {
    if (from > 0) {
      System.arraycopy(bytes, from, bytes, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.multiplyExact(2, to));
    }
    int count;
    try {
      count = in.read(bytes, to, bytes.length - to);
    } catch (IOException e) {
      throw new IOException(name + ": could not be read: " + Failure.reason(e), e);
    }
    ended = count < 0;
    to += Math.max(0, count);
  }

  private String line(int end) {
    String where = name + ", line " + lines;
    boolean carriageReturn = end > from && bytes[end - 1] == '\r';
    int length = (carriageReturn ? end - 1 : end) - from;
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, from, length))
              .toString();
    } catch (CharacterCodingException e) {
      throw new InvalidDataException(where + ": expected UTF-8 text, got another encoding", e);
    }
    text = lines == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
    Texts.check(where, text);
    return text;
  }
}
