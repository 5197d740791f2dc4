package dev.carousel.cli;

import dev.carousel.data.IdxImages;
import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Sequences;
import dev.carousel.model.Model;
import dev.carousel.network.Input;
import java.nio.file.Path;

/** Images as a model reads them. */
final class ImageFiles {
  private ImageFiles() {}

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
