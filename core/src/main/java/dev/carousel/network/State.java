package dev.carousel.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * What a model remembers of one sequence between two inputs: a value that belongs to whoever holds
 * it.
 *
 * <p>A session's step reads and overwrites it; {@link #copy} keeps a moment. The byte form carries
 * a version, the model's fingerprint and a checksum, and any other model refuses it. Not
 * thread-safe: one key, one state.
 *
 * <pre>
 * "CRSL"  int version (1)  byte[32] fingerprint  int count  float[count] values  int CRC-32 of all before
 * </pre>
 *
 * All numbers are little-endian.
 */
public final class State {
  private static final int MAGIC = 0x4C535243;
  private static final int VERSION = 1;
  private static final int HEADER = 4 + 4 + 32 + 4;

  private final String fingerprint;
  private final float[] values;

  /**
   * A state of the model with that fingerprint.
   *
   * @param fingerprint 64 hexadecimal digits
   * @param values kept, not copied
   */
  public State(String fingerprint, float[] values) {
    this.fingerprint = fingerprint;
    this.values = values;
  }

  /** The fingerprint of the model it belongs to. */
  public String fingerprint() {
    return fingerprint;
  }

  /** The values in the order of {@link StateLayout}; writing to them changes the memory. */
  public float[] values() {
    return values;
  }

  /** The same memory, to go on from twice. */
  public State copy() {
    return new State(fingerprint, values.clone());
  }

  /** The byte form. */
  public byte[] toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER + Float.BYTES * values.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(VERSION).put(HexFormat.of().parseHex(fingerprint));
    bytes.putInt(values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    bytes.putInt(checksum(bytes.array(), bytes.position()));
    return bytes.array();
  }

  /**
   * Reads the byte form.
   *
   * @param fingerprint of the model that will continue with it
   * @param size the number of values that model expects
   * @throws IllegalArgumentException if the bytes are no state, are damaged, are of a version this
   *     Carousel does not know, or belong to another model
   */
  public static State fromBytes(byte[] bytes, String fingerprint, int size) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEADER + 4 || buffer.getInt() != MAGIC) {
      throw new IllegalArgumentException(
          "state: expected the bytes of a Carousel state, got " + bytes.length + " other bytes");
    }
    int version = buffer.getInt();
    if (version != VERSION) {
      throw new IllegalArgumentException("state: expected version " + VERSION + ", got " + version);
    }
    byte[] owner = new byte[32];
    buffer.get(owner);
    int count = buffer.getInt();
    long expected = HEADER + (long) Float.BYTES * count + 4;
    if (bytes.length != expected) {
      throw new IllegalArgumentException(
          "state: expected " + expected + " bytes (from its header), got " + bytes.length);
    }
    if (buffer.getInt(bytes.length - 4) != checksum(bytes, bytes.length - 4)) {
      throw new IllegalArgumentException(
          "state: its checksum does not match, the bytes are damaged");
    }
    String found = HexFormat.of().formatHex(owner);
    if (!found.equals(fingerprint)) {
      throw new IllegalArgumentException(
          "state: expected a state of model "
              + fingerprint.substring(0, 12)
              + ", got one of model "
              + found.substring(0, 12));
    }
    if (count != size) {
      throw new IllegalArgumentException("state: expected " + size + " values, got " + count);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = buffer.getFloat();
    }
    return new State(found, values);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** Equal when both belong to the same model and hold the same bits. */
  @Override
  public boolean equals(Object other) {
    return other instanceof State state
        && fingerprint.equals(state.fingerprint)
        && Arrays.equals(values, state.values);
  }

  @Override
  public int hashCode() {
    return 31 * fingerprint.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "State[" + values.length + " values of model " + fingerprint.substring(0, 12) + "]";
  }
}
