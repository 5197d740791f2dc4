package dev.carousel.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** A text file as one string, for language models over characters. */
public final class CharacterText {
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private CharacterText() {}

  /**
   * Reads a UTF-8 file whole, as it stands but for a byte order mark, which is dropped.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   * @throws InvalidDataException if the file is a directory, is empty, holds a zero byte or is not
   *     UTF-8; the message names the file and, for a wrong byte, its offset and line
   */
  public static String read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "expected a text file, got no such file");
    }
    if (Files.isDirectory(file)) {
      throw new InvalidDataException(file + ": expected a text file, got a directory");
    }
    long size = Files.size(file);
    if (size > LARGEST) {
      throw new InvalidDataException(
          file + ": expected at most " + LARGEST + " bytes, got " + size);
    }
    return decode(file.toString(), Files.readAllBytes(file));
  }

  /** Decodes UTF-8 strictly; {@code name} is what the messages call it. */
  static String decode(String name, byte[] bytes) {
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == 0) {
        throw wrongByte(name, bytes, at, "a binary file");
      }
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer chars = CharBuffer.allocate(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = decoder.decode(in, chars, true);
    if (result.isError()) {
      throw wrongByte(name, bytes, in.position(), "a binary file or another encoding");
    }
    String text = chars.flip().toString();
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    if (text.isEmpty()) {
      throw new InvalidDataException(name + ": expected UTF-8 text, got an empty file");
    }
    return text;
  }

  private static InvalidDataException wrongByte(String name, byte[] bytes, int at, String got) {
    int line = 1;
    for (int k = 0; k < at; k++) {
      line += bytes[k] == '\n' ? 1 : 0;
    }
    return new InvalidDataException(
        String.format(
            Locale.ROOT,
            "%s: expected UTF-8 text, got %s (byte 0x%02X at offset %d, line %d)",
            name,
            got,
            bytes[at] & 0xFF,
            at,
            line));
  }
}
