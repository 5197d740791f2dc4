package dev.carousel.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** A named pipe, where the system has them. */
final class Pipe {
  private Pipe() {}

  static Path make(Path path) throws InterruptedException {
    try {
      assumeTrue(
          new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0, "needs mkfifo");
    } catch (IOException e) {
      assumeTrue(false, "needs mkfifo: " + e.getMessage());
    }
    return path;
  }
}
