package dev.carousel.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Grey images from an IDX file, plain or gzipped, and their labels from another: the format of
 * MNIST and Fashion-MNIST.
 *
 * <p>An IDX file of unsigned bytes begins with the magic number 0x0000080n, n the number of
 * dimensions, then each dimension as a big-endian 32-bit number, then the bytes row-major (LeCun,
 * Cortes and Burges, "The MNIST database of handwritten digits"). Images have dimensions [count,
 * rows, columns], labels [count].
 *
 * <p>Reading is strict and never allocates what a header only promises. Immutable and safe to share
 * between threads.
 */
public final class IdxImages {
  private static final int IMAGES_MAGIC = 0x0803;
  private static final int LABELS_MAGIC = 0x0801;
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final int rows;
  private final int columns;
  private final byte[] pixels;

  /** One class for each image, or none at all. */
  private final int[] labels;

  private final int classCount;

  private IdxImages(int rows, int columns, byte[] pixels, int[] labels, int classCount) {
    this.rows = rows;
    this.columns = columns;
    this.pixels = pixels;
    this.labels = labels;
    this.classCount = classCount;
  }

  /** The two parts of a data set, with the same number of classes and the same size of image. */
  public record TrainAndTest(IdxImages train, IdxImages test) {}

  /**
   * Reads the four files of a data set from a directory: {@code train-images}, {@code
   * train-labels}, {@code t10k-images} and {@code t10k-labels}, each with {@code -idx3-ubyte} or
   * {@code .idx3-ubyte} (labels: {@code idx1}), plain or {@code .gz}; a plain file is preferred.
   * The number of classes is one more than the highest label of both parts.
   *
   * @throws NoSuchFileException if there is no such directory, or one of the files is missing; the
   *     message names it
   * @throws IOException if a file cannot be read
   * @throws InvalidDataException if the content of a file is wrong, or the images of the two parts
   *     differ in size
   */
  public static TrainAndTest readDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "expected a directory of IDX files, got no such directory");
    }
    Path testImages = find(directory, "t10k-images", 3);
    Path testLabels = find(directory, "t10k-labels", 1);
    IdxImages train = read(find(directory, "train-images", 3), find(directory, "train-labels", 1));
    IdxImages test = read(testImages, testLabels);
    if (train.rows != test.rows || train.columns != test.columns) {
      throw new InvalidDataException(
          testImages
              + ": expected images of "
              + train.dimensions()
              + " (the size of the training images), got "
              + test.dimensions());
    }
    int classes = Math.max(train.classCount, test.classCount);
    return new TrainAndTest(train.withClassCount(classes), test.withClassCount(classes));
  }

  /**
   * Reads images and their labels. The number of classes is one more than the highest label.
   *
   * @throws NoSuchFileException if a file is missing
   * @throws IOException if a file cannot be read
   * @throws InvalidDataException if a file has another magic number, a dimension of 0, fewer or
   *     more bytes than its header says or is broken gzip, or if the two files differ in count; the
   *     message names the file, what was expected and found
   */
  public static IdxImages read(Path images, Path labels) throws IOException {
    try (InputStream imageBytes = open(images);
        InputStream labelBytes = open(labels)) {
      return read(new Source(images, imageBytes), new Source(labels, labelBytes));
    }
  }

  /**
   * Reads images without labels: the number of classes is 0, and their sequences have no targets.
   *
   * @throws NoSuchFileException if the file is missing
   * @throws IOException if it cannot be read
   * @throws InvalidDataException if its content is wrong, as {@link #read(Path, Path)} says
   */
  public static IdxImages readUnlabelled(Path images) throws IOException {
    try (InputStream bytes = open(images)) {
      Block block = new Source(images, bytes).read(IMAGES_MAGIC, "images");
      return new IdxImages(block.dimensions[1], block.dimensions[2], block.bytes, new int[0], 0);
    }
  }

  private static IdxImages read(Source imageFile, Source labelFile) throws IOException {
    Block images = imageFile.read(IMAGES_MAGIC, "images");
    Block labels = labelFile.read(LABELS_MAGIC, "labels");
    if (labels.dimensions[0] != images.dimensions[0]) {
      throw new InvalidDataException(
          labelFile.path
              + ": expected "
              + images.dimensions[0]
              + " labels (the images in "
              + imageFile.path
              + "), got "
              + labels.dimensions[0]);
    }
    int[] classes = new int[labels.bytes.length];
    int highest = 0;
    for (int i = 0; i < classes.length; i++) {
      classes[i] = labels.bytes[i] & 0xFF;
      highest = Math.max(highest, classes[i]);
    }
    return new IdxImages(
        images.dimensions[1], images.dimensions[2], images.bytes, classes, highest + 1);
  }

  /** Returns the number of images. */
  public int size() {
    return pixels.length / (rows * columns);
  }

  /** Returns the number of rows of an image. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns of an image. */
  public int columns() {
    return columns;
  }

  /** Returns the number of classes, 0 without labels. */
  public int classCount() {
    return classCount;
  }

  /**
   * Returns the class of an image.
   *
   * @throws InvalidDataException if the images were read without labels
   */
  public int label(int image) {
    if (classCount == 0) {
      throw new InvalidDataException("labels: expected images with labels, got images without");
    }
    return labels[image];
  }

  /** Returns the grey value of a pixel, 0 to 255. */
  public int pixel(int image, int row, int column) {
    return pixels[(image * rows + row) * columns + column] & 0xFF;
  }

  /**
   * Returns every image as a sequence of its rows: {@link #rows} steps of {@link #columns}
   * features, pixel / 255.
   */
  public Sequences asRows() {
    return sequences(rows, columns);
  }

  /**
   * Returns every image as a sequence of its pixels, row by row: rows * columns steps of one
   * feature, pixel / 255.
   */
  public Sequences asPixels() {
    return sequences(rows * columns, 1);
  }

  private Sequences sequences(int steps, int inputSize) {
    float[] features = new float[pixels.length];
    for (int k = 0; k < features.length; k++) {
      features[k] = (pixels[k] & 0xFF) / 255f;
    }
    Targets targets =
        classCount == 0 ? new Targets.None() : new Targets.Classes(labels, classCount);
    return Sequences.ownedFeatures(features, Offsets.of(size(), steps), inputSize, targets);
  }

  private IdxImages withClassCount(int classes) {
    return new IdxImages(rows, columns, pixels, labels, classes);
  }

  private String dimensions() {
    return rows + " x " + columns;
  }

  private static Path find(Path directory, String name, int dimensions) throws IOException {
    List<String> names = new ArrayList<>();
    for (String end : List.of("", ".gz")) {
      names.add(name + "-idx" + dimensions + "-ubyte" + end);
      names.add(name + ".idx" + dimensions + "-ubyte" + end);
    }
    for (String candidate : names) {
      if (Files.isRegularFile(directory.resolve(candidate))) {
        return directory.resolve(candidate);
      }
    }
    throw new NoSuchFileException(
        directory.toString(), null, "expected one of " + String.join(", ", names) + ", got none");
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "expected an IDX file, got no such file");
    }
    if (Files.isDirectory(file)) {
      throw new InvalidDataException(file + ": expected an IDX file, got a directory");
    }
    // Of a pipe a channel does not know what is available, which unpacking asks for.
    return new BufferedInputStream(
        Files.isRegularFile(file) ? Files.newInputStream(file) : new FileInputStream(file.toFile()),
        1 << 16);
  }

  /** The dimensions and the bytes of a file. */
  private record Block(int[] dimensions, byte[] bytes) {}

  /** A file being read. */
  private static final class Source {
    final Path path;
    private final long size;
    private final InputStream file;

    Source(Path path, InputStream file) throws IOException {
      this.path = path;
      this.size = Files.isRegularFile(path) ? Files.size(path) : Long.MAX_VALUE;
      this.file = file;
    }

    Block read(int magic, String what) throws IOException {
      file.mark(2);
      boolean gzip = file.read() == 0x1F && file.read() == 0x8B;
      file.reset();
      if (!gzip) {
        return read(file, magic, what, size);
      }
      try (InputStream unpacked = new GZIPInputStream(file, 1 << 16)) {
        return read(unpacked, magic, what, Long.MAX_VALUE);
      } catch (EOFException | ZipException e) {
        throw new InvalidDataException(
            path
                + ": expected a whole gzip file, got a broken one"
                + (e.getMessage() == null ? ", which ends too early" : ": " + e.getMessage()),
            e);
      }
    }

    private Block read(InputStream in, int magic, String what, long available) throws IOException {
      int[] header = header(in, magic, what);
      int[] dimensions = Arrays.copyOfRange(header, 1, header.length);
      long promised = 1;
      for (int k = 0; k < dimensions.length; k++) {
        // A dimension is unsigned; one over 2^31 is refused with the same words as any other too
        // large header.
        long dimension = Integer.toUnsignedLong(dimensions[k]);
        if (dimension == 0) {
          throw new InvalidDataException(
              path + ": expected dimension " + k + " of the " + what + " to be at least 1, got 0");
        }
        promised = promised > LARGEST ? promised : promised * dimension;
      }
      if (promised > LARGEST) {
        throw new InvalidDataException(
            path
                + ": expected at most "
                + LARGEST
                + " bytes of "
                + what
                + ", got a header that promises "
                + describe(dimensions));
      }
      long headerBytes = 4L * header.length;
      long left = available - headerBytes;
      // readNBytes grows with what is there, so a header that lies about a gzipped file costs
      // nothing either.
      byte[] bytes = left < promised ? new byte[0] : in.readNBytes((int) promised);
      if (bytes.length < promised) {
        throw new InvalidDataException(
            path
                + ": expected "
                + promised
                + " bytes of "
                + what
                + " after the header ("
                + describe(dimensions)
                + "), got "
                + (left < promised ? left : bytes.length));
      }
      if (in.read() >= 0) {
        throw new InvalidDataException(
            path
                + ": expected the end of the file after "
                + promised
                + " bytes of "
                + what
                + " ("
                + describe(dimensions)
                + "), got more");
      }
      return new Block(dimensions, bytes);
    }

    /** Reads the magic number and as many dimensions as it says. */
    private int[] header(InputStream in, int magic, String what) throws IOException {
      int[] header = new int[1 + (magic & 0xFF)];
      byte[] bytes = in.readNBytes(4 * header.length);
      if (bytes.length >= 4) {
        int found = intAt(bytes, 0);
        if (found != magic) {
          throw new InvalidDataException(
              String.format(
                  "%s: expected the magic number 0x%08X (IDX %s), got 0x%08X",
                  path, magic, what, found));
        }
      }
      if (bytes.length < 4 * header.length) {
        throw new InvalidDataException(
            path
                + ": expected a header of "
                + 4 * header.length
                + " bytes (IDX "
                + what
                + "), got "
                + bytes.length);
      }
      for (int k = 0; k < header.length; k++) {
        header[k] = intAt(bytes, 4 * k);
      }
      return header;
    }

    private static int intAt(byte[] bytes, int at) {
      return (bytes[at] & 0xFF) << 24
          | (bytes[at + 1] & 0xFF) << 16
          | (bytes[at + 2] & 0xFF) << 8
          | bytes[at + 3] & 0xFF;
    }

    private static String describe(int[] dimensions) {
      StringBuilder text = new StringBuilder();
      for (int dimension : dimensions) {
        text.append(text.isEmpty() ? "" : " x ").append(Integer.toUnsignedString(dimension));
      }
      return text.toString();
    }
  }
}
