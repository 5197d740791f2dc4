package dev.carousel.model;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file or directory beside the one it is to become, under a name that no other writer uses.
 * Closing it removes what has not been moved into place.
 */
final class Temporary implements AutoCloseable {
  private static final AtomicLong COUNTER = new AtomicLong();

  /** The names this process is using. */
  private static final Set<String> USED = ConcurrentHashMap.newKeySet();

  /** No writer pauses that long, should the number of its process have been given to another. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path path;

  private Temporary(Path path) {
    this.path = path;
  }

  /**
   * A name in the same directory, so that a move is atomic; nothing is there yet. What killed
   * processes left of their writing to the same target is removed.
   */
  static Temporary beside(Path absolute) throws IOException {
    removeAbandoned(absolute);
    String name =
        "."
            + absolute.getFileName()
            + "."
            + ProcessHandle.current().pid()
            + "-"
            + Long.toHexString(System.nanoTime())
            + "-"
            + COUNTER.incrementAndGet()
            + ".tmp";
    USED.add(name);
    return new Temporary(absolute.resolveSibling(name));
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    try {
      delete(path);
    } finally {
      USED.remove(path.getFileName().toString());
    }
  }

  private static void removeAbandoned(Path absolute) throws IOException {
    Path directory = absolute.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return;
    }
    Pattern name =
        Pattern.compile(
            Pattern.quote("." + absolute.getFileName() + ".") + "(\\d+)-[0-9a-f]+-\\d+\\.tmp");
    Instant limit = Instant.now().minus(ABANDONED);
    DirectoryStream.Filter<Path> abandoned =
        file -> {
          Matcher matcher = name.matcher(file.getFileName().toString());
          return matcher.matches()
              && (isOfDeadProcess(matcher.group(), matcher.group(1)) || isOlderThan(limit, file));
        };
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, abandoned)) {
      for (Path file : files) {
        delete(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isOfDeadProcess(String name, String pid) {
    long id = pid.length() > 18 ? Long.MAX_VALUE : Long.parseLong(pid);
    if (id == ProcessHandle.current().pid()) {
      // In a container the process that was killed often had the same number.
      return !USED.contains(name);
    }
    return ProcessHandle.of(id).isEmpty();
  }

  private static boolean isOlderThan(Instant limit, Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
    } catch (NoSuchFileException e) {
      return false; // Its writer has moved it into place.
    }
  }

  /** Deletes a file, or a directory with its files, if it is there. */
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
