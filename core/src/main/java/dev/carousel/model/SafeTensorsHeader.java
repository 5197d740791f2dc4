package dev.carousel.model;

import dev.carousel.model.Tensor.Doubles;
import dev.carousel.model.Tensor.Floats;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON header of a safetensors file: the metadata, and where each array lies in the data behind
 * it.
 *
 * @param metadata in their order
 * @param entries in the order of the data
 */
record SafeTensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  private static final String METADATA = "__metadata__";
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  /** The types that are read; I32 is never written. */
  enum Type {
    F64(8),
    I64(8),
    F32(4),
    I32(4);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    static Type of(Tensor tensor) {
      return tensor instanceof Floats ? F32 : tensor instanceof Doubles ? F64 : I64;
    }
  }

  /**
   * One array.
   *
   * @param begin of its bytes, from the beginning of the data
   */
  record Entry(String name, Type type, int[] shape, long begin, long end) {
    int length() {
      return (int) ((end - begin) / type.bytes);
    }
  }

  /**
   * The header of a file that is to be written.
   *
   * @param tensors in the order of the data
   * @throws IllegalArgumentException if a name stands twice or is {@code __metadata__}
   */
  static SafeTensorsHeader of(Map<String, String> metadata, List<Tensor> tensors) {
    List<Entry> entries = new ArrayList<>();
    long offset = 0;
    for (Tensor tensor : tensors) {
      Type type = Type.of(tensor);
      long end = offset + (long) type.bytes * length(tensor);
      entries.add(new Entry(tensor.name(), type, tensor.shape(), offset, end));
      offset = end;
    }
    return new SafeTensorsHeader(metadata, entries);
  }

  /** The number of values; a tensor is not made with a shape that says otherwise. */
  static int length(Tensor tensor) {
    int length = 1;
    for (int dimension : tensor.shape()) {
      length *= dimension;
    }
    return length;
  }

  /** With spaces at the end, so that the data begin at a multiple of 8. */
  byte[] toBytes() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      fields.put(METADATA, metadata);
    }
    for (Entry entry : entries) {
      Map<String, Object> description = new LinkedHashMap<>();
      description.put("dtype", entry.type().name());
      description.put("shape", Arrays.stream(entry.shape()).boxed().toList());
      description.put("data_offsets", List.of(entry.begin(), entry.end()));
      if (entry.name().equals(METADATA) || fields.put(entry.name(), description) != null) {
        throw new IllegalArgumentException(
            "tensors: expected every name once and none " + METADATA + ", got " + entry.name());
      }
    }
    byte[] json = Json.write(fields, false);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) & ~7);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * The header of a file that is read.
   *
   * @param file what errors call it
   * @throws ModelFormatException if it is not what the format asks for
   */
  static SafeTensorsHeader parse(String file, ByteBuffer json) {
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
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (String name : header.names()) {
      if (name.equals(METADATA)) {
        metadata.putAll(header.texts(name));
      } else {
        entries.add(entry(name, header.object(name)));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    return new SafeTensorsHeader(metadata, entries);
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

  /**
   * Checks that the arrays cover the data exactly.
   *
   * @throws ModelFormatException if they leave a gap, overlap, or end elsewhere than the data
   */
  void checkCovers(String file, long dataBytes) {
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
}
