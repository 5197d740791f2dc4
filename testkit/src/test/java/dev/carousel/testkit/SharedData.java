package dev.carousel.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The data sets beside the project, which are no part of it. */
public final class SharedData {
  private SharedData() {}

  /** Returns a file or folder of the shared data; skips the test where it is absent. */
  public static Path path(String name) {
    String set = System.getProperty("carousel.shared");
    Path shared = set == null ? search() : Path.of(set);
    Path found = shared.resolve("data").resolve(name);
    assumeTrue(
        Files.exists(found),
        () -> "skipped: the shared data set " + name + " is not beside the project");
    return found;
  }

  private static Path search() {
    Path start = Path.of("").toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared").resolve("data"))) {
        return at.resolve("shared");
      }
    }
    return start;
  }
}
