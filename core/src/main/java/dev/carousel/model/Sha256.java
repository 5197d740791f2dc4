package dev.carousel.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 digest, read as 64 hexadecimal digits. Numbers go in as little-endian bytes. */
final class Sha256 {
  private static final int CHUNK = 1 << 16;

  private final MessageDigest digest;
  private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String of(byte[] bytes) {
    Sha256 sha = new Sha256();
    sha.digest.update(bytes);
    return sha.hex();
  }

  static String of(Path file) throws IOException {
    Sha256 sha = new Sha256();
    byte[] chunk = sha.buffer.array();
    try (InputStream stream = Files.newInputStream(file)) {
      for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
        sha.digest.update(chunk, 0, count);
      }
    }
    return sha.hex();
  }

  /** The length comes first, so that no two lists of texts are the same bytes. */
  void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  void add(long value) {
    update(buffer.putLong(value).position());
  }

  void add(float[] values) {
    int perChunk = CHUNK / Float.BYTES;
    for (int at = 0; at < values.length; at += perChunk) {
      int count = Math.min(perChunk, values.length - at);
      buffer.asFloatBuffer().put(values, at, count);
      update(count * Float.BYTES);
    }
  }

  void add(double[] values) {
    int perChunk = CHUNK / Double.BYTES;
    for (int at = 0; at < values.length; at += perChunk) {
      int count = Math.min(perChunk, values.length - at);
      buffer.asDoubleBuffer().put(values, at, count);
      update(count * Double.BYTES);
    }
  }

  void add(long[] values) {
    for (long value : values) {
      add(value);
    }
  }

  private void update(int bytes) {
    digest.update(buffer.array(), 0, bytes);
    buffer.clear();
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
