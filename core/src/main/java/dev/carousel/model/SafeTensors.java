package dev.carousel.model;

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
import org.jspecify.annotations.Nullable;

/**
 * The safetensors format: a 64-bit header length, a JSON header that names each array with its
 * type, shape and place, then the arrays. All numbers are little-endian.
 *
 * <p>Written by replacing the file as a whole. Read strictly: the arrays have to cover the data
 * exactly, and nothing is allocated that the size of the file does not vouch for. Arrays pass
 * through one small buffer.
 */
public final class SafeTensors {
  private static final String METADATA = "__metadata__";
  private static final long MAX_HEADER = 100_000_000;
  private static final int CHUNK = 1 << 16;
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private enum Type {
    F64(8),
    I64(8),
    F32(4),
    I32(4);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private record Entry(String name, Type type, int[] shape, long begin, long end) {}

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
        throw new ModelFormatException(expected + ", got " + type(tensor));
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
    byte[] header = header(metadata, tensors);
    AtomicFile.write(target, channel -> write(channel, header, tensors));
  }

  /** Writes a new file that nobody reads yet; errors call it by the name it will have. */
  static void writeNew(
      Path file, Path target, Map<String, String> metadata, List<? extends Tensor> tensors)
      throws IOException {
    byte[] header = header(metadata, tensors);
    AtomicFile.writeDirectly(file, target, channel -> write(channel, header, tensors));
  }

  /** Wide types first, so that every array is aligned to its type. */
  private static List<Tensor> ordered(List<? extends Tensor> tensors) {
    List<Tensor> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt(tensor -> -type(tensor).bytes));
    return ordered;
  }

  private static byte[] header(Map<String, String> metadata, List<? extends Tensor> tensors) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      fields.put(METADATA, metadata);
    }
    long offset = 0;
    for (Tensor tensor : ordered(tensors)) {
      List<Integer> shape = Arrays.stream(tensor.shape()).boxed().toList();
      long end = offset + (long) type(tensor).bytes * length(tensor);
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", type(tensor).name());
      entry.put("shape", shape);
      entry.put("data_offsets", List.of(offset, end));
      if (tensor.name().equals(METADATA) || fields.put(tensor.name(), entry) != null) {
        throw new IllegalArgumentException(
            "tensors: expected every name once and none " + METADATA + ", got " + tensor.name());
      }
      offset = end;
    }
    byte[] json = Json.write(fields, false);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) & ~7);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void write(FileChannel channel, byte[] header, List<? extends Tensor> tensors)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    drain(channel, buffer.putLong(header.length));
    writeFully(channel, ByteBuffer.wrap(header));
    for (Tensor tensor : ordered(tensors)) {
      int perChunk = CHUNK / type(tensor).bytes;
      int length = length(tensor);
      for (int at = 0; at < length; at += perChunk) {
        int count = Math.min(perChunk, length - at);
        if (tensor instanceof Floats floats) {
          buffer.asFloatBuffer().put(floats.values(), at, count);
        } else if (tensor instanceof Doubles doubles) {
          buffer.asDoubleBuffer().put(doubles.values(), at, count);
        } else if (tensor instanceof Longs longs) {
          buffer.asLongBuffer().put(longs.values(), at, count);
        }
        drain(channel, buffer.position(count * type(tensor).bytes));
      }
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

  private static Type type(Tensor tensor) {
    return tensor instanceof Floats ? Type.F32 : tensor instanceof Doubles ? Type.F64 : Type.I64;
  }

  private static int length(Tensor tensor) {
    return tensor instanceof Floats floats
        ? floats.values().length
        : tensor instanceof Doubles doubles
            ? doubles.values().length
            : ((Longs) tensor).values().length;
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
      Map<String, String> metadata = new LinkedHashMap<>();
      List<Entry> entries = entries(name, json.flip(), metadata);
      checkCover(name, entries, size - 8 - length);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry entry : entries) {
        tensors.put(entry.name(), read(channel, buffer, entry));
      }
      return new Contents(name, metadata, tensors);
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

  private static List<Entry> entries(String file, ByteBuffer json, Map<String, String> metadata) {
    String source = file + " (header)";
    if (json.get(0) != '{') {
      throw new ModelFormatException(
          source + ": expected { as its first byte, got " + (json.get(0) & 0xFF));
    }
    int end = json.limit();
    while (json.get(end - 1) == ' ') {
      end--;
    }
    if (json.get(end - 1) != '}') {
      throw new ModelFormatException(
          source + ": expected } and spaces at its end, got " + (json.get(end - 1) & 0xFF));
    }
    JsonObject header = JsonObject.of(source, "", Json.parse(source, json));
    List<Entry> entries = new ArrayList<>();
    for (String name : header.names()) {
      if (name.equals(METADATA)) {
        metadata.putAll(header.texts(name));
      } else {
        entries.add(entry(name, header.object(name)));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    return entries;
  }

  private static Entry entry(String name, JsonObject fields) {
    Type type = null;
    String dtype = fields.text("dtype");
    for (Type known : Type.values()) {
      type = known.name().equals(dtype) ? known : type;
    }
    if (type == null) {
      throw fields.error("dtype", "F32, F64, I64 or I32", dtype);
    }
    long[] offsets = fields.longIntegers("data_offsets");
    if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
      throw fields.error("data_offsets", "begin and end, in order", Arrays.toString(offsets));
    }
    long[] dimensions = fields.longIntegers("shape");
    int[] shape = new int[dimensions.length];
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      // Checked dimension by dimension: the product stays below 2^62 and cannot overflow.
      if (dimensions[i] < 0 || dimensions[i] > MAX_ARRAY || count > MAX_ARRAY) {
        throw fields.error(
            "shape", "at most " + MAX_ARRAY + " values", Arrays.toString(dimensions));
      }
      shape[i] = (int) dimensions[i];
      count *= dimensions[i];
    }
    if (count > MAX_ARRAY) {
      throw fields.error("shape", "at most " + MAX_ARRAY + " values", Arrays.toString(dimensions));
    }
    fields.end();
    long bytes = count * type.bytes;
    if (offsets[1] - offsets[0] != bytes) {
      throw fields.error(
          "data_offsets",
          bytes + " bytes (from dtype " + dtype + " and shape " + Arrays.toString(shape) + ")",
          (offsets[1] - offsets[0]) + "");
    }
    return new Entry(name, type, shape, offsets[0], offsets[1]);
  }

  private static void checkCover(String file, List<Entry> entries, long dataBytes) {
    long end = 0;
    @Nullable String before = null;
    for (Entry entry : entries) {
      if (entry.begin() != end) {
        throw new ModelFormatException(
            file
                + ": "
                + entry.name()
                + ": expected to begin at byte "
                + end
                + " of the data ("
                + (before == null ? "the first" : "where " + before + " ends")
                + "), got "
                + entry.begin());
      }
      end = entry.end();
      before = entry.name();
    }
    if (end != dataBytes) {
      throw new ModelFormatException(
          file
              + ": expected "
              + end
              + " bytes of data (from its header), got "
              + dataBytes
              + (dataBytes < end ? "; the file is cut" : "; there is something behind them"));
    }
  }

  private static Tensor read(FileChannel channel, ByteBuffer buffer, Entry entry)
      throws IOException {
    int length = (int) ((entry.end() - entry.begin()) / entry.type().bytes);
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
