package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Whatever the bytes of a file, a reader answers or throws an {@link InvalidDataException}. */
class ReadersFuzzTest {
  private static final byte[] IMAGES =
      IdxImagesTest.idx(0x0803, new int[] {2, 2, 3}, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6);
  private static final byte[] LABELS = IdxImagesTest.idx(0x0801, new int[] {2}, 3, 1);
  private static final byte[] TSV =
      "ham\tOk lar...\nspam\t\u00a31000 \uD83C\uDFA0\r\nham\tx\n".getBytes(StandardCharsets.UTF_8);

  @FuzzTest
  void anyImages(byte[] bytes) throws IOException {
    readImages(bytes, LABELS);
  }

  @FuzzTest
  void anyLabels(byte[] bytes) throws IOException {
    readImages(IMAGES, bytes);
  }

  @FuzzTest
  void anyTsv(byte[] bytes) {
    readTsv(bytes);
  }

  @Test
  void mutatedImagesAndLabels() throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
    byte[] packedImages = IdxImagesTest.gzip(IMAGES);
    byte[] packedLabels = IdxImagesTest.gzip(LABELS);
    int refused = 0;
    for (int trial = 0; trial < 400; trial++) {
      refused += readImages(mutate(IMAGES, random), LABELS) ? 0 : 1;
      refused += readImages(IMAGES, mutate(LABELS, random)) ? 0 : 1;
      refused += readImages(mutate(packedImages, random), LABELS) ? 0 : 1;
      refused += readImages(IMAGES, mutate(packedLabels, random)) ? 0 : 1;
      refused += readImages(IdxImagesTest.gzip(mutate(IMAGES, random)), LABELS) ? 0 : 1;
    }
    assertThat(refused).isBetween(1000, 1999);
  }

  @Test
  void mutatedTsv() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(12);
    int refused = 0;
    for (int trial = 0; trial < 5000; trial++) {
      refused += readTsv(mutate(TSV, random)) ? 0 : 1;
    }
    assertThat(refused).isBetween(1000, 4999);
  }

  /** Cuts the bytes short, flips bits, lengthens them or writes a huge number somewhere. */
  private static byte[] mutate(byte[] bytes, RandomGenerator random) {
    byte[] changed = bytes.clone();
    int at = random.nextInt(changed.length);
    switch (random.nextInt(4)) {
      case 0 -> changed = Arrays.copyOf(changed, at);
      case 1 -> {
        for (int k = random.nextInt(3); k >= 0; k--) {
          changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 2 -> changed = Arrays.copyOf(changed, changed.length + 1 + random.nextInt(40));
      default -> {
        int end = Math.min(changed.length, (at & ~3) + 4);
        Arrays.fill(changed, at & ~3, end, (byte) 0xFF);
        changed[at & ~3] = (byte) (random.nextBoolean() ? 0x7F : 0xFF);
      }
    }
    return changed;
  }

  private static boolean readImages(byte[] imageBytes, byte[] labelBytes) throws IOException {
    Path images = Files.createTempFile("images", ".idx");
    Path labels = Files.createTempFile("labels", ".idx");
    try {
      Files.write(images, imageBytes);
      Files.write(labels, labelBytes);
      IdxImages read = IdxImages.read(images, labels);
      assertThat(read.asRows().size()).isEqualTo(read.size());
      return true;
    } catch (InvalidDataException expected) {
      assertOneLine(expected);
      return false;
    } finally {
      Files.delete(images);
      Files.delete(labels);
    }
  }

  private static boolean readTsv(byte[] bytes) {
    try {
      LabelledText read =
          LabelledText.parseTsv("fuzz.tsv", CharacterText.decode("fuzz.tsv", bytes));
      assertThat(read.texts()).isNotEmpty().hasSameSizeAs(read.labels()).doesNotContain("");
      assertThat(Labels.fit(read.labels()).size()).isBetween(1, read.texts().size());
      return true;
    } catch (InvalidDataException expected) {
      assertOneLine(expected);
      return false;
    }
  }

  private static void assertOneLine(InvalidDataException refused) {
    assertThat(refused.getMessage()).contains("expected", "got").doesNotContain("\n", "\r");
  }
}
