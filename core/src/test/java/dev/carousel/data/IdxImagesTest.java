package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.carousel.testkit.SharedData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxImagesTest {
  private static final byte[] IMAGES =
      idx(0x0803, new int[] {2, 2, 3}, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6);
  private static final byte[] LABELS = idx(0x0801, new int[] {2}, 3, 1);

  @TempDir Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void names() {
    images = folder.resolve("train-images-idx3-ubyte");
    labels = folder.resolve("train-labels-idx1-ubyte");
  }

  static byte[] idx(int magic, int[] dimensions, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dimensions.length + values.length);
    bytes.putInt(magic);
    for (int dimension : dimensions) {
      bytes.putInt(dimension);
    }
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private void assertRefused(byte[] imageBytes, byte[] labelBytes, String message)
      throws IOException {
    Files.write(images, imageBytes);
    Files.write(labels, labelBytes);
    assertThatThrownBy(() -> IdxImages.read(images, labels))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(message);
  }

  @Test
  void imagesAreRowsOrPixels() throws IOException {
    Files.write(images, IMAGES);
    Files.write(labels, gzip(LABELS));
    IdxImages read = IdxImages.read(images, labels);
    assertThat(read.size()).isEqualTo(2);
    assertThat(read.rows()).isEqualTo(2);
    assertThat(read.columns()).isEqualTo(3);
    assertThat(read.classCount()).isEqualTo(4);
    assertThat(read.label(0)).isEqualTo(3);
    assertThat(read.pixel(0, 1, 2)).isEqualTo(255);
    assertThat(read.pixel(1, 0, 1)).isEqualTo(2);

    Sequences rows = read.asRows();
    float[] row = new float[3];
    rows.copyFeatures(0, 1, row, 0);
    assertThat(row).containsExactly(0.6f, 0.8f, 1f);
    assertThat(rows.length(1)).isEqualTo(2);
    Targets.Classes classes = (Targets.Classes) rows.targets();
    assertThat(classes.perSequence()).containsExactly(3, 1);
    assertThat(classes.classCount()).isEqualTo(4);

    Sequences pixels = read.asPixels();
    assertThat(pixels.inputSize()).isEqualTo(1);
    assertThat(pixels.length(0)).isEqualTo(6);
    pixels.copyFeatures(0, 5, row, 0);
    assertThat(row[0]).isEqualTo(1f);
  }

  @Test
  void imagesNeedNoLabels() throws IOException {
    Files.write(images, gzip(IMAGES));
    IdxImages read = IdxImages.readUnlabelled(images);
    assertThat(read.size()).isEqualTo(2);
    assertThat(read.pixel(1, 0, 1)).isEqualTo(2);
    assertThat(read.classCount()).isZero();
    assertThat(read.asRows().size()).isEqualTo(2);
    assertThat(read.asRows().targets()).isInstanceOf(Targets.None.class);
    assertThat(read.asPixels().length(1)).isEqualTo(6);
    assertThatThrownBy(() -> read.label(0))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("labels: expected images with labels, got images without");
    Files.write(images, Arrays.copyOf(IMAGES, 27));
    assertThatThrownBy(() -> IdxImages.readUnlabelled(images))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(images + ": expected 12 bytes of images after the header (2 x 2 x 3), got 11");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> IdxImages.readUnlabelled(none))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(none + ": expected an IDX file, got no such file");
  }

  @Test
  void wrongContentIsRefused() throws IOException {
    assertRefused(
        LABELS,
        LABELS,
        images + ": expected the magic number 0x00000803 (IDX images), got 0x00000801");
    assertRefused(
        IMAGES,
        IMAGES,
        labels + ": expected the magic number 0x00000801 (IDX labels), got 0x00000803");
    assertRefused(
        new byte[0], LABELS, images + ": expected a header of 16 bytes (IDX images), got 0");
    assertRefused(
        Arrays.copyOf(IMAGES, 15),
        LABELS,
        images + ": expected a header of 16 bytes (IDX images), got 15");
    assertRefused(
        Arrays.copyOf(IMAGES, 27),
        LABELS,
        images + ": expected 12 bytes of images after the header (2 x 2 x 3), got 11");
    assertRefused(
        gzip(Arrays.copyOf(IMAGES, 27)),
        LABELS,
        images + ": expected 12 bytes of images after the header (2 x 2 x 3), got 11");
    String trailing =
        images + ": expected the end of the file after 12 bytes of images (2 x 2 x 3), got more";
    assertRefused(Arrays.copyOf(IMAGES, 29), LABELS, trailing);
    assertRefused(gzip(Arrays.copyOf(IMAGES, 29)), LABELS, trailing);
    assertRefused(
        IMAGES,
        idx(0x0801, new int[] {3}, 0, 0, 0),
        labels + ": expected 2 labels (the images in " + images + "), got 3");
    assertRefused(
        idx(0x0803, new int[] {2, 0, 3}),
        LABELS,
        images + ": expected dimension 1 of the images to be at least 1, got 0");
    assertRefused(
        idx(0x0803, new int[] {-1, -1, -1}),
        LABELS,
        images
            + ": expected at most 2147483639 bytes of images, got a header that promises 4294967295 x 4294967295 x 4294967295");
  }

  @Test
  void aHeaderThatPromisesTooMuchAllocatesNothing() throws IOException {
    byte[] huge = idx(0x0803, new int[] {2_000_000_000, 1, 1}, 1, 2, 3);
    String message =
        images
            + ": expected 2000000000 bytes of images after the header (2000000000 x 1 x 1), got 3";
    // The surefire JVM may have a heap of more than 2 GB: what was allocated is counted instead.
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertRefused(huge, LABELS, message);
    assertRefused(gzip(huge), LABELS, message);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000_000L);
  }

  @Test
  void brokenGzipIsRefused() throws IOException {
    byte[] packed = gzip(IMAGES);
    assertRefused(
        Arrays.copyOf(packed, packed.length - 12),
        LABELS,
        images
            + ": expected a whole gzip file, got a broken one: Unexpected end of ZLIB input stream");
    byte[] wrongSum = packed.clone();
    wrongSum[packed.length - 8] ^= 1;
    assertRefused(
        wrongSum,
        LABELS,
        images + ": expected a whole gzip file, got a broken one: Corrupt GZIP trailer");
  }

  @Test
  void missingFilesAreNamed() {
    assertThatThrownBy(() -> IdxImages.read(images, labels))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(images + ": expected an IDX file, got no such file");
    assertThatThrownBy(() -> IdxImages.read(folder, labels))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(folder + ": expected an IDX file, got a directory");
    assertThatThrownBy(() -> IdxImages.readDirectory(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(
            folder
                + ": expected one of t10k-images-idx3-ubyte, t10k-images.idx3-ubyte, t10k-images-idx3-ubyte.gz, t10k-images.idx3-ubyte.gz, got none");
    assertThatThrownBy(() -> IdxImages.readDirectory(folder.resolve("x")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageEndingWith("x: expected a directory of IDX files, got no such directory");
  }

  @Test
  void aDirectoryIsReadWhateverItsNamesLookLike() throws IOException {
    Files.write(folder.resolve("train-images.idx3-ubyte"), IMAGES);
    Files.write(folder.resolve("train-labels-idx1-ubyte.gz"), gzip(LABELS));
    Files.write(folder.resolve("t10k-images.idx3-ubyte.gz"), gzip(IMAGES));
    Path testLabels =
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(0x0801, new int[] {2}, 0, 9));
    IdxImages.TrainAndTest read = IdxImages.readDirectory(folder);
    assertThat(read.train().classCount()).isEqualTo(10);
    assertThat(read.test().classCount()).isEqualTo(10);
    assertThat(read.test().label(1)).isEqualTo(9);

    Files.write(testLabels, idx(0x0801, new int[] {1}, 0));
    Path wide = folder.resolve("t10k-images.idx3-ubyte.gz");
    Files.write(wide, gzip(idx(0x0803, new int[] {1, 1, 3}, 1, 2, 3)));
    assertThatThrownBy(() -> IdxImages.readDirectory(folder))
        .hasMessage(
            wide + ": expected images of 2 x 3 (the size of the training images), got 1 x 3");
  }

  @Test
  void fashionMnistIsRead() throws IOException {
    Path shared = SharedData.path("images/fashion_mnist");
    IdxImages test =
        IdxImages.read(
            shared.resolve("t10k-images-idx3-ubyte.gz"),
            shared.resolve("t10k-labels-idx1-ubyte.gz"));
    assertThat(test.size()).isEqualTo(10_000);
    assertThat(test.classCount()).isEqualTo(10);
    Sequences rows = test.asRows();
    assertThat(rows.length(9_999)).isEqualTo(28);
    assertThat(rows.inputSize()).isEqualTo(28);
    int[] counts = new int[10];
    for (int i = 0; i < test.size(); i++) {
      counts[test.label(i)]++;
    }
    assertThat(counts).containsOnly(1000);
  }
}
