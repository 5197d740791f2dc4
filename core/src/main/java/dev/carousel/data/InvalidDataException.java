package dev.carousel.data;

/**
 * Data that is there but is not what it has to be: a malformed file, a token outside the
 * vocabulary, targets that do not fit their sequences. The message is one line: what was expected,
 * what was found and where.
 *
 * <p>A file that cannot be read at all is a {@link java.io.IOException} instead.
 */
public final class InvalidDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: the user's name for the thing, what was expected, what was found and
   *     where
   */
  public InvalidDataException(String message) {
    super(message);
  }

  /**
   * @param message one line: the user's name for the thing, what was expected, what was found and
   *     where
   * @param cause what the decoder reported
   */
  public InvalidDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
