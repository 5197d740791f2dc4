package dev.carousel.cli;

import java.nio.ByteBuffer;

/** IDX files made up. */
final class Idx {
  private Idx() {}

  static byte[] images(int count, int rows, int columns) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * rows * columns);
    bytes.putInt(0x0803).putInt(count).putInt(rows).putInt(columns);
    while (bytes.hasRemaining()) {
      bytes.put((byte) (31 * bytes.position()));
    }
    return bytes.array();
  }

  static byte[] labels(int... labels) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
    bytes.putInt(0x0801).putInt(labels.length);
    for (int label : labels) {
      bytes.put((byte) label);
    }
    return bytes.array();
  }
}
