package dev.carousel.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Data that a network of a few units learns in a second. */
final class TinyData {
  private static final List<String> CLASSES = List.of("apple", "pear", "plum");

  private TinyData() {}

  /** 60 lines of three classes; every text another one, told apart by its letters. */
  static Path tsv(Path file) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append(CLASSES.get(i % 3)).append('\t').append(example(i)).append('\n');
    }
    return Files.writeString(file, lines);
  }

  /** The same as a folder. */
  static Path folder(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (int c = 0; c < 3; c++) {
      StringBuilder lines = new StringBuilder();
      for (int i = c; i < 60; i += 3) {
        lines.append(example(i)).append('\n');
      }
      Files.writeString(folder.resolve(CLASSES.get(c) + ".txt"), lines);
    }
    return folder;
  }

  private static String example(int i) {
    char[] letters = {"abc".charAt(i % 3), "xyz".charAt(i / 3 % 3), "uvw".charAt(i / 9 % 3)};
    return new String(letters).repeat(1 + i / 27) + letters[0];
  }

  /** A text whose next character follows from the last two. */
  static Path text(Path file, int length) throws IOException {
    return Files.writeString(file, "the cat sat on the mat. ".repeat(length).substring(0, length));
  }

  /** 48 images to train on and 12 to test on, 4 x 4, of three classes: which row is bright. */
  static Path images(Path folder) throws IOException {
    Files.createDirectories(folder);
    images(folder, "train", 48);
    images(folder, "t10k", 12);
    return folder;
  }

  private static void images(Path folder, String part, int count) throws IOException {
    byte[] pixels = new byte[16 * count];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % 3);
      for (int column = 0; column < 4; column++) {
        pixels[16 * i + 4 * (i % 3) + column] = (byte) (200 + i % 7);
      }
    }
    idx(folder.resolve(part + "-images-idx3-ubyte"), pixels, 0x0803, count, 4, 4);
    idx(folder.resolve(part + "-labels-idx1-ubyte"), labels, 0x0801, count);
  }

  static void idx(Path file, byte[] content, int... header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int number : header) {
      out.writeInt(number);
    }
    out.write(content);
    Files.write(file, bytes.toByteArray());
  }
}
