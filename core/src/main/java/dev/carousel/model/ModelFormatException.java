package dev.carousel.model;

/**
 * A file of a model or checkpoint that is there but is not what it has to be: cut, tampered with,
 * of another version, or not fitting the other files. The message is one line: the file, what was
 * expected, what was found.
 *
 * <p>A file that cannot be read at all is a {@link java.io.IOException} instead.
 */
public final class ModelFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: the file, what was expected, what was found
   */
  public ModelFormatException(String message) {
    super(message);
  }

  /**
   * @param message one line: the file, what was expected, what was found
   * @param cause what the decoder reported
   */
  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
