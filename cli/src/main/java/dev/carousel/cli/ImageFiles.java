package dev.carousel.cli;

import dev.carousel.data.IdxImages;
import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Sequences;
import dev.carousel.model.Model;
import dev.carousel.network.Input;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Images as a model reads them. */
final class ImageFiles {
  private static final int LABELS_MAGIC = 0x0801;
  private static final int MOST_INFLATED = 1032; // of deflate: the bytes that one byte can become

  private ImageFiles() {}

  /**
   * Images without labels.
   *
   * @throws IOException if the file cannot be read
   * @throws InvalidDataException if it is no IDX file of images
   */
  static IdxImages readUnlabelled(Path file) throws IOException {
    // Core reads images with their labels only, so all get label 0.
    Path labels = Files.createTempFile("carousel-labels-", ".idx1-ubyte");
    try {
      int count = Files.isRegularFile(file) ? count(file) : 0;
      Files.write(
          labels, ByteBuffer.allocate(8 + count).putInt(LABELS_MAGIC).putInt(count).array());
      return IdxImages.read(file, labels);
    } finally {
      Files.delete(labels);
    }
  }

  /** How many images a file says it has; 0 if it cannot be right, which reading it will tell. */
  private static int count(Path file) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
      bytes.mark(2);
      boolean gzip = bytes.read() == 0x1F && bytes.read() == 0x8B;
      bytes.reset();
      DataInputStream in = new DataInputStream(gzip ? new GZIPInputStream(bytes) : bytes);
      in.readInt();
      int count = in.readInt();
      return count < 0 || count > Files.size(file) * MOST_INFLATED ? 0 : count;
    } catch (EOFException | ZipException e) {
      return 0;
    }
  }

  /** The labels that belong to a file of images, by the names of the format's data sets. */
  static Path labelsBeside(Path images) {
    String name = String.valueOf(images.getFileName());
    String other = name.replace("images", "labels").replace("idx3", "idx1");
    if (other.equals(name)) {
      throw new InvalidDataException(
          images
              + ": expected a name with \"images\" (the labels stand beside it in a file named"
              + " \"labels\"), got "
              + name);
    }
    return images.resolveSibling(other);
  }

  /**
   * Images cut into steps as the model was trained: by rows or by pixels.
   *
   * @throws InvalidDataException if they are of another size than the model reads
   */
  static Sequences steps(Path file, IdxImages images, Model model) {
    int inputSize = model.network().input() instanceof Input.Features f ? f.size() : 0;
    if (inputSize == 1) {
      return images.asPixels();
    }
    if (inputSize == images.columns()) {
      return images.asRows();
    }
    throw new InvalidDataException(
        file
            + ": expected images of "
            + inputSize
            + " columns (the model's input), got "
            + images.rows()
            + " x "
            + images.columns());
  }
}
