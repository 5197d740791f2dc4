package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the bytes of a file, a reader answers or throws a {@link ModelFormatException}. */
class ModelFuzzTest {
  private static final String[] FILES = {
    "config.json", "vocabulary.json", "labels.json", "provenance.json", "metrics.csv"
  };

  /** One for all inputs of a fuzz test: saving a model takes longer than reading it. */
  @TempDir static Path directory;

  @FuzzTest
  void anySafeTensors(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("carousel", ".safetensors");
    try {
      readSafeTensors(file, bytes);
    } finally {
      Files.delete(file);
    }
  }

  @FuzzTest
  void anyConfiguration(byte[] bytes) throws IOException {
    Path model = directory.resolve("m");
    if (Files.notExists(model)) {
      Models.text().save(model);
    }
    Files.write(model.resolve("config.json"), bytes);
    load(model);
  }

  @Test
  void mutatedSafeTensors(@TempDir Path directory) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(21);
    Path saved = directory.resolve("good");
    SafeTensors.write(
        saved,
        Map.of("a", "b"),
        java.util.List.of(
            Tensor.of("f", new float[] {1, 2, 3}),
            Tensor.of("d", new double[] {1, 2}),
            Tensor.of("l", 1, 2, 3)));
    byte[] good = Files.readAllBytes(saved);
    int refused = 0;
    for (int trial = 0; trial < 4000; trial++) {
      refused += readSafeTensors(directory.resolve("bad"), mutate(good, random)) ? 0 : 1;
    }
    // Not all: a flipped bit in the values is no error of the format.
    assertThat(refused).isBetween(2000, 3990);
  }

  @Test
  void mutatedModels(@TempDir Path directory) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(22);
    Path model = directory.resolve("m");
    Models.text().save(model);
    String fingerprint = Models.text().fingerprint();
    int accepted = 0;
    for (int trial = 0; trial < 1500; trial++) {
      Path file = model.resolve(FILES[trial % FILES.length]);
      byte[] good = Files.readAllBytes(file);
      Files.write(file, mutate(good, random));
      Model loaded = load(model);
      if (loaded != null) {
        accepted++;
        assertThat(loaded.fingerprint()).isEqualTo(fingerprint);
      }
      Files.write(file, good);
    }
    // Spaces, the initializers and the forget bias' start may change without harm.
    assertThat(accepted).isLessThan(150);
  }

  private static boolean readSafeTensors(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      SafeTensors.Contents contents = SafeTensors.read(file);
      assertThat(contents.tensors()).hasSameSizeAs(contents.names());
      return true;
    } catch (ModelFormatException e) {
      assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
      return false;
    }
  }

  private static Model load(Path directory) throws IOException {
    try {
      return Model.load(directory);
    } catch (ModelFormatException e) {
      assertThat(e.getMessage()).startsWith(directory.toString()).doesNotContain("\n");
      return null;
    }
  }

  /** Cut, lengthened, some bytes changed, a digit changed, or another header length. */
  private static byte[] mutate(byte[] good, RandomGenerator random) {
    byte[] bytes = good.clone();
    switch (random.nextInt(6)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
      case 2 -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, random.nextLong());
      case 3 -> bytes[random.nextInt(8)] = (byte) random.nextInt();
      case 4 -> {
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      default -> {
        int at = random.nextInt(bytes.length);
        while (bytes[at] < '0' || bytes[at] > '9') {
          at = (at + 1) % bytes.length;
          if (random.nextInt(1000) == 0) {
            break;
          }
        }
        bytes[at] = (byte) "0123456789-e.".charAt(random.nextInt(13));
      }
    }
    return bytes;
  }
}
