package dev.carousel.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What is said when a file or stream fails. */
final class Failure {
  private Failure() {}

  /** In a few words what an exception says beside the file's name. */
  static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    if (reason != null) {
      return reason;
    }
    // These the platform tells by their class alone.
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    return e instanceof FileAlreadyExistsException
        ? "it exists already"
        : e.getClass().getSimpleName();
  }
}
