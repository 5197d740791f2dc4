package dev.carousel.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the reference data, which is no part of the project; tests that need it are skipped where
 * it is absent.
 */
final class SharedData {

  private SharedData() {}

  /** The file at that path below {@code shared/data}. */
  static Path file(String path) {
    Path data = root().resolve("data");
    Path file = data.resolve(path);
    Assumptions.assumeTrue(Files.exists(file), "skipped: no reference data at " + file);
    return file;
  }

  private static Path root() {
    String property = System.getProperty("carousel.shared", "");
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    Path working = Path.of("").toAbsolutePath();
    for (Path folder = working; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("shared/data"))) {
        return folder.resolve("shared");
      }
    }
    return working.resolve("shared");
  }
}
