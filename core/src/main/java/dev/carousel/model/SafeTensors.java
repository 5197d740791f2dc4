package dev.carousel.model;

import dev.carousel.model.SafeTensorsHeader.Entry;
import dev.carousel.model.SafeTensorsHeader.Type;
import dev.carousel.model.Tensor.Doubles;
import dev.carousel.model.Tensor.Floats;
import dev.carousel.model.Tensor.Longs;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The safetensors format: a 64-bit header length, a JSON header that names each array with its
 * type, shape and place, then the arrays. All numbers are little-endian.
 *
 * <p>Written by replacing the file as a whole. Read strictly: the arrays have to cover the data
 * exactly, and nothing is allocated that the size of the file does not vouch for. Arrays pass
 * through one small buffer.
 */
public final class SafeTensors {
  private static final long MAX_HEADER = 100_000_000;
  private static final int CHUNK = 1 << 16;

  /** What a file holds; the arrays are the caller's to keep. */
  public static final class Contents {
    private final String file;
    private final Map<String, String> metadata;
    private final Map<String, Tensor> tensors;

    private Contents(String file, Map<String, String> metadata, Map<String, Tensor> tensors) {
      this.file = file;
      this.metadata = Collections.unmodifiableMap(metadata);
      this.tensors = Collections.unmodifiableMap(tensors);
    }

    /** The file that was read. */
    String file() {
      return file;
    }

    /** The file's own description, in its order; unmodifiable. */
    public Map<String, String> metadata() {
      return metadata;
    }

    /** The names of the arrays, in the order in which they lie in the file; unmodifiable. */
    public Set<String> names() {
      return tensors.keySet();
    }

    /** The arrays by name, in the order in which they lie in the file; unmodifiable. */
    public Map<String, Tensor> tensors() {
      return tensors;
    }

    /**
     * The values of one array of 32-bit floating-point numbers.
     *
     * @param shape the one it has to have; none for a single number
     * @throws ModelFormatException if there is none of that name, type and shape
     */
    public float[] floats(String name, int... shape) {
      return tensor(name, Floats.class, "F32", shape).values();
    }

    /**
     * The values of one array of 64-bit floating-point numbers.
     *
     * @param shape the one it has to have; none for a single number
     * @throws ModelFormatException if there is none of that name, type and shape
     */
    public double[] doubles(String name, int... shape) {
      return tensor(name, Doubles.class, "F64", shape).values();
    }

    /**
     * The values of one array of whole numbers.
     *
     * @param shape the one it has to have; none for a single number
     * @throws ModelFormatException if there is none of that name, type and shape
     */
    public long[] longs(String name, int... shape) {
      return tensor(name, Longs.class, "I64", shape).values();
    }

    private <T extends Tensor> T tensor(String name, Class<T> kind, String type, int[] shape) {
      Tensor tensor = tensors.get(name);
      String expected =
          file + ": " + name + ": expected " + type + " of shape " + Arrays.toString(shape);
      if (tensor == null) {
        throw new ModelFormatException(expected + ", got no tensor of that name");
      }
      if (!kind.isInstance(tensor)) {
        throw new ModelFormatException(expected + ", got " + Type.of(tensor));
      }
      if (!Arrays.equals(tensor.shape(), shape)) {
        throw new ModelFormatException(expected + ", got shape " + Arrays.toString(tensor.shape()));
      }
      return kind.cast(tensor);
    }
  }

  private SafeTensors() {}

  /**
   * Writes a file beside the target, forces it to the disk and moves it into place; a failure
   * leaves the target as it was.
   *
   * @param metadata kept in its order
   * @param tensors each name once
   * @throws IllegalArgumentException if a name stands twice or is {@code __metadata__}
   * @throws IOException naming the file
   */
  public static void write(
      Path target, Map<String, String> metadata, List<? extends Tensor> tensors)
      throws IOException {
    AtomicFile.write(target, content(metadata, tensors));
  }

  /** Writes a new file that nobody reads yet; errors call it by the name it will have. */
  static void writeNew(
      Path file, Path target, Map<String, String> metadata, List<? extends Tensor> tensors)
      throws IOException {
    AtomicFile.writeDirectly(file, target, content(metadata, tensors));
  }

  private static AtomicFile.Content content(
      Map<String, String> metadata, List<? extends Tensor> tensors) {
    List<Tensor> ordered = new ArrayList<>(tensors);
    // Wide types first, so that every array is aligned to its type.
    ordered.sort(Comparator.comparingInt(tensor -> -Type.of(tensor).bytes));
    byte[] header = SafeTensorsHeader.of(metadata, ordered).toBytes();
    return channel -> {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      drain(channel, buffer.putLong(header.length));
      writeFully(channel, ByteBuffer.wrap(header));
      for (Tensor tensor : ordered) {
        write(channel, buffer, tensor);
      }
    };
  }

  private static void write(FileChannel channel, ByteBuffer buffer, Tensor tensor)
      throws IOException {
    int bytes = Type.of(tensor).bytes;
    int perChunk = CHUNK / bytes;
    int length = SafeTensorsHeader.length(tensor);
    for (int at = 0; at < length; at += perChunk) {
      int count = Math.min(perChunk, length - at);
      if (tensor instanceof Floats floats) {
        buffer.asFloatBuffer().put(floats.values(), at, count);
      } else if (tensor instanceof Doubles doubles) {
        buffer.asDoubleBuffer().put(doubles.values(), at, count);
      } else if (tensor instanceof Longs longs) {
        buffer.asLongBuffer().put(longs.values(), at, count);
      }
      drain(channel, buffer.position(count * bytes));
    }
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    writeFully(channel, buffer.flip());
    buffer.clear();
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /**
   * Reads a whole file.
   *
   * @throws ModelFormatException if the file is cut, is longer than its header says, or its header
   *     is not what the format asks for; types other than F32, F64, I64 and I32 are refused by name
   * @throws IOException if the file cannot be read
   */
  public static Contents read(Path file) throws IOException {
    String name = file.toString();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      if (size < 8) {
        throw new ModelFormatException(
            name + ": expected at least 8 bytes (the length of a header), got " + size);
      }
      readFully(channel, buffer.limit(8));
      long length = buffer.getLong(0);
      if (length < 2 || length > MAX_HEADER) {
        throw new ModelFormatException(
            name
                + ": expected a header of 2 to "
                + MAX_HEADER
                + " bytes, got "
                + Long.toUnsignedString(length)
                + "; this is no safetensors file");
      }
      if (length > size - 8) {
        throw new ModelFormatException(
            name
                + ": expected a header of "
                + length
                + " bytes, got "
                + (size - 8)
                + "; the file is cut");
      }
      ByteBuffer json = ByteBuffer.allocate((int) length);
      readFully(channel, json);
      SafeTensorsHeader header = SafeTensorsHeader.parse(name, json.flip());
      header.checkCovers(name, size - 8 - length);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry entry : header.entries()) {
        tensors.put(entry.name(), read(channel, buffer, entry));
      }
      return new Contents(name, header.metadata(), tensors);
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(name, null, "expected a safetensors file, got none");
    } catch (FileSystemException e) {
      throw e;
    } catch (EOFException e) {
      throw new ModelFormatException(name + ": expected more bytes, the file was cut meanwhile", e);
    } catch (IOException e) {
      throw new IOException(name + ": could not be read: " + e.getMessage(), e);
    }
  }

  private static Tensor read(FileChannel channel, ByteBuffer buffer, Entry entry)
      throws IOException {
    int length = entry.length();
    float[] floats = new float[entry.type() == Type.F32 ? length : 0];
    double[] doubles = new double[entry.type() == Type.F64 ? length : 0];
    boolean whole = entry.type() == Type.I64 || entry.type() == Type.I32;
    long[] longs = new long[whole ? length : 0];
    int perChunk = CHUNK / entry.type().bytes;
    for (int at = 0; at < length; at += perChunk) {
      int count = Math.min(perChunk, length - at);
      readFully(channel, buffer.clear().limit(count * entry.type().bytes));
      buffer.flip();
      switch (entry.type()) {
        case F32 -> buffer.asFloatBuffer().get(floats, at, count);
        case F64 -> buffer.asDoubleBuffer().get(doubles, at, count);
        case I64 -> buffer.asLongBuffer().get(longs, at, count);
        case I32 -> {
          for (int i = 0; i < count; i++) {
            longs[at + i] = buffer.getInt();
          }
        }
      }
    }
    return switch (entry.type()) {
      case F32 -> new Floats(entry.name(), entry.shape(), floats);
      case F64 -> new Doubles(entry.name(), entry.shape(), doubles);
      case I64, I32 -> new Longs(entry.name(), entry.shape(), longs);
    };
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
  }
}
