package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  @TempDir Path directory;

  @Test
  void everyTypeComesBackBitForBit() throws IOException {
    float[] floats = {1.5f, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 0.1f};
    double[] doubles = {Math.PI, -0.0, Double.MAX_VALUE};
    long[] longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE};
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "last letter, first place");
    metadata.put("a", "quotes \" and \u00e9\uD83C\uDFA0");
    Path file = directory.resolve("all.safetensors");

    SafeTensors.write(
        file,
        metadata,
        List.of(
            new Tensor.Floats("f", new int[] {2, 3}, floats),
            Tensor.of("d", doubles),
            Tensor.of("l", longs),
            new Tensor.Floats("scalar", new int[0], new float[] {7}),
            new Tensor.Floats("empty", new int[] {0, 4}, new float[0])));
    SafeTensors.Contents contents = SafeTensors.read(file);

    assertThat(contents.metadata()).containsExactlyEntriesOf(metadata);
    assertThat(contents.names()).containsExactlyInAnyOrder("f", "d", "l", "scalar", "empty");
    assertThat(contents.floats("f", 2, 3)).containsExactly(floats);
    assertThat(contents.doubles("d", 3)).containsExactly(doubles);
    assertThat(contents.longs("l", 3)).containsExactly(longs);
    assertThat(contents.floats("scalar")).containsExactly(7f);
    assertThat(contents.floats("empty", 0, 4)).isEmpty();
  }

  @Test
  void arraysLongerThanTheBufferComeBack() throws IOException {
    float[] floats = new float[50_001];
    double[] doubles = new double[20_001];
    long[] longs = new long[8_193];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i * 0.25f;
      doubles[i % doubles.length] = -i;
      longs[i % longs.length] = i * 1_000_003L;
    }
    Path file = directory.resolve("long.safetensors");

    SafeTensors.write(
        file,
        Map.of(),
        List.of(Tensor.of("f", floats), Tensor.of("d", doubles), Tensor.of("l", longs)));
    SafeTensors.Contents contents = SafeTensors.read(file);

    assertThat(contents.floats("f", 50_001)).containsExactly(floats);
    assertThat(contents.doubles("d", 20_001)).containsExactly(doubles);
    assertThat(contents.longs("l", 8_193)).containsExactly(longs);
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Path file = directory.resolve("bytes.safetensors");

    SafeTensors.write(
        file, Map.of("k", "v"), List.of(Tensor.of("w", new float[] {1, -2}), Tensor.of("n", 3)));

    String header =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    ByteBuffer expected =
        ByteBuffer.allocate(8 + padded.length() + 16).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded.length()).put(padded.getBytes(StandardCharsets.US_ASCII));
    expected.putLong(3).putFloat(1).putFloat(-2);
    assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
  }

  @Test
  void int32IsReadAsLongs() throws IOException {
    byte[] data = {1, 0, 0, 0, (byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
    Path file = file("{\"i\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}", data);

    assertThat(SafeTensors.read(file).longs("i", 2)).containsExactly(1, -2);
  }

  @Test
  void aHeaderWithoutPaddingIsReadToo() throws IOException {
    Path file =
        file("{\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"}}", new byte[4]);

    assertThat(SafeTensors.read(file).floats("a")).containsExactly(0f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'a':{'dtype':'BF16','shape':[2],'data_offsets':[0,4]}}; 4;"
            + "(header): a.dtype: expected F32, F64, I64 or I32, got BF16",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}; 4;"
            + "(header): a.data_offsets: expected 8 bytes (from dtype F32 and shape [2]), got 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}; 3;"
            + ": expected 4 bytes of data (from its header), got 3; the file is cut",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}; 5;"
            + ": expected 4 bytes of data (from its header), got 5; there is something behind them",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}; 8;"
            + ": a: expected to begin at byte 0 of the data (the first), got 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[6,10]}}; 10;"
            + ": b: expected to begin at byte 4 of the data (where a ends), got 6",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}; 8;"
            + ": b: expected to begin at byte 8 of the data (where a ends), got 4",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}; 4;"
            + "(header): a.shape: expected at most 2147483639 values, got [-1]",
        "{'a':{'dtype':'F32','shape':[65536,65536],'data_offsets':[0,0]}}; 0;"
            + "(header): a.shape: expected at most 2147483639 values, got [65536, 65536]",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}; 0;"
            + "(header): a.shape: expected at most 2147483639 values, got [4294967296, 4294967296]",
        "{'a':{'dtype':'F32','shape':[2147483639],'data_offsets':[0,8589934556]}}; 4;"
            + ": expected 8589934556 bytes of data (from its header), got 4; the file is cut",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}; 4;"
            + "(header): a.data_offsets: expected begin and end, in order, got [4, 0]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}; 4;"
            + "(header): a.data_offsets: expected begin and end, in order, got [-4, 0]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,99999999999999999999]}}; 4;"
            + "(header): a.data_offsets[1]: expected a whole number of 64 bits, got 99999999999999999999",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}; 4;"
            + "(header): a.shape[0]: expected a whole number, got 1.0",
        "{'a':{'dtype':'F32','shape':[1]}}; 4;"
            + "(header): a.data_offsets: expected an array, got no such field",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':1}}; 4;"
            + "(header): a.x: expected no field of that name, got one",
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]},"
            + "'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}}; 0;"
            + "(header): expected every name once in an object, got \"a\" twice",
        "{'__metadata__':{'k':1}}; 0; (header): __metadata__.k: expected a string, got 1",
        "{'a':7}; 0; (header): a: expected an object, got 7",
        "{'a':}; 0; (header): expected JSON, got an error at character 5",
        "[1]; 0; (header): expected { as its first byte, got 91",
        "{}x; 0; (header): expected } and spaces at its end, got 120",
        "{}{}; 0; (header): expected one JSON value, got more behind it",
      })
  void malformedFilesAreRefused(String header, int dataBytes, String message) throws IOException {
    Path file = file(header.replace('\'', '"'), new byte[dataBytes]);

    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> SafeTensors.read(file))
        .withMessageStartingWith(file + (message.startsWith(":") ? "" : " ") + message);
  }

  @Test
  void aHeaderDeeperThan32IsRefused() throws IOException {
    Path file = file("{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}", new byte[0]);

    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> SafeTensors.read(file))
        .withMessageContaining("(header): expected JSON, got an error")
        .withMessageContaining("32");
  }

  @Test
  void headerLengthsAreCheckedBeforeAnythingIsAllocated() throws IOException {
    assertRefused(raw(0, 0), "expected at least 8 bytes (the length of a header), got 0");
    assertRefused(raw(7, 0), "expected at least 8 bytes (the length of a header), got 7");
    assertRefused(raw(8, 0), "expected a header of 2 to 100000000 bytes, got 0");
    assertRefused(
        raw(8, -1), "expected a header of 2 to 100000000 bytes, got 18446744073709551615");
    assertRefused(raw(16, 100_000_001), "expected a header of 2 to 100000000 bytes, got 100000001");
    assertRefused(
        raw(16, 100_000_000), "expected a header of 100000000 bytes, got 8; the file is cut");
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() throws IOException {
    Path file = directory.resolve("latin");
    byte[] bytes = raw(16, 8);
    byte[] json = {'{', '"', (byte) 0xE9, '"', ':', '1', '}', ' '};
    System.arraycopy(json, 0, bytes, 8, 8);
    Files.write(file, bytes);

    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> SafeTensors.read(file))
        .withMessage(file + " (header): expected JSON in UTF-8, got other bytes");
  }

  @Test
  void askingForWhatIsNotThereNamesTheFile() throws IOException {
    Path file = directory.resolve("f");
    SafeTensors.write(file, Map.of(), List.of(Tensor.of("a", new float[3])));
    SafeTensors.Contents contents = SafeTensors.read(file);

    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> contents.floats("b", 3))
        .withMessage(file + ": b: expected F32 of shape [3], got no tensor of that name");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> contents.floats("a", 4))
        .withMessage(file + ": a: expected F32 of shape [4], got shape [3]");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> contents.longs("a", 3))
        .withMessage(file + ": a: expected I64 of shape [3], got F32");
  }

  @Test
  void filesThatCannotBeReadAreIoErrorsWithTheirName() {
    Path none = directory.resolve("none");

    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SafeTensors.read(none))
        .withMessage(none + ": expected a safetensors file, got none");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> SafeTensors.read(directory))
        .withMessageStartingWith(directory + ": could not be read: ");
  }

  @Test
  void namesAreWrittenOnce() {
    Path file = directory.resolve("f");
    Tensor a = Tensor.of("a", new float[1]);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SafeTensors.write(file, Map.of(), List.of(a, a)))
        .withMessage("tensors: expected every name once and none __metadata__, got a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SafeTensors.write(file, Map.of(), List.of(Tensor.of("__metadata__", 1))))
        .withMessageEndingWith("got __metadata__");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tensor.Floats("m", new int[] {2, 3}, new float[5]))
        .withMessage("tensor m: expected 6 values (from its shape [2, 3]), got 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tensor.Doubles("m", new int[] {1 << 16, 1 << 16}, new double[0]))
        .withMessage("tensor m: expected 4294967296 values (from its shape [65536, 65536]), got 0");
    assertThat(file).doesNotExist();
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = directory.resolve("checkpoint.safetensors");
    SafeTensors.write(file, Map.of(), List.of(Tensor.of("step", 1)));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.allocate(100));
                      throw new IOException("No space left on device");
                    }))
        .withMessage(file + ": could not be written: No space left on device");

    assertThat(SafeTensors.read(file).longs("step", 1)).containsExactly(1);
    assertThat(names()).containsExactly("checkpoint.safetensors");
  }

  @Test
  void leftoversOfKilledWritersAreRemovedAfterAnHour() throws IOException {
    long alive = ProcessHandle.current().parent().orElseThrow().pid();
    Path old = Files.createFile(directory.resolve(".c." + alive + "-ab-1.tmp"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path young = Files.createFile(directory.resolve(".c." + alive + "-cd-2.tmp"));
    Path dead = Files.createFile(directory.resolve(".c." + Long.MAX_VALUE + "-ab-1.tmp"));
    Path former =
        Files.createFile(
            directory.resolve(".c." + ProcessHandle.current().pid() + "-ffffff-999.tmp"));
    Path other = Files.createFile(directory.resolve(".c.notes.tmp"));
    Files.setLastModifiedTime(other, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

    SafeTensors.write(directory.resolve("c"), Map.of(), List.of(Tensor.of("step", 1)));

    assertThat(old).doesNotExist();
    assertThat(dead).as("of a process that is no more").doesNotExist();
    assertThat(former).as("of a process that had this one's number").doesNotExist();
    assertThat(young).exists();
    assertThat(other).exists();
  }

  @Test
  void whatAnotherThreadIsWritingStays() throws IOException {
    Path file = directory.resolve("c").toAbsolutePath();
    try (Temporary first = Temporary.beside(file)) {
      Files.createFile(first.path());
      // Another spelling of the same directory.
      Path again = directory.resolve("../" + directory.getFileName() + "/c").toAbsolutePath();
      SafeTensors.write(again, Map.of(), List.of(Tensor.of("step", 1)));
      assertThat(first.path()).exists();
    }
    assertThat(names()).containsExactly("c");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assertRefused(byte[] bytes, String message) throws IOException {
    Path file = directory.resolve("raw");
    Files.write(file, bytes);
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> SafeTensors.read(file))
        .withMessageStartingWith(file + ": " + message);
  }

  private static byte[] raw(int size, long length) {
    byte[] bytes = new byte[size];
    if (size >= 8) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    }
    return bytes;
  }

  private Path file(String header, byte[] data) throws IOException {
    Path file = directory.resolve("file.safetensors");
    Files.write(file, bytes(header, data));
    return file;
  }

  static byte[] bytes(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(json.length).put(json).put(data).array();
  }
}
