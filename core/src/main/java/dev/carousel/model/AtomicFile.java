package dev.carousel.model;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a file as a whole: written beside it, forced to the disk, moved into place. Whoever
 * reads sees the old or the new file, whatever happens in between.
 */
final class AtomicFile {
  private static final AtomicLong COUNTER = new AtomicLong();

  /** No writer pauses that long; what is older was left by a process that was killed. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** Writes the content. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  static void write(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    removeAbandoned(absolute);
    Path temporary = temporaryBeside(absolute);
    try {
      writeDirectly(temporary, target, content);
      move(temporary, absolute);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceDirectory(absolute.getParent());
  }

  /**
   * Writes a new file and forces it to the disk.
   *
   * @param target what errors call it
   */
  static void writeDirectly(Path file, Path target, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(target + ": could not be written: " + e.getMessage(), e);
    }
  }

  /** A name that no other writer uses, in the same directory, so that a move is atomic. */
  static Path temporaryBeside(Path absolute) {
    return absolute.resolveSibling(
        "."
            + absolute.getFileName()
            + "."
            + ProcessHandle.current().pid()
            + "-"
            + Long.toHexString(System.nanoTime())
            + "-"
            + COUNTER.incrementAndGet()
            + ".tmp");
  }

  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(to + ": its file system cannot move a file atomically", e);
    }
  }

  /** Makes the moves in a directory last; where a directory cannot be opened, they last anyway. */
  static void forceDirectory(@Nullable Path directory) throws IOException {
    if (directory == null) {
      return; // The file system's root.
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException e) {
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** Removes what killed processes left of their writing to the same target. */
  static void removeAbandoned(Path absolute) throws IOException {
    Path directory = absolute.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return;
    }
    Pattern name =
        Pattern.compile(
            Pattern.quote("." + absolute.getFileName() + ".") + "\\d+-[0-9a-f]+-\\d+\\.tmp");
    Instant limit = Instant.now().minus(ABANDONED);
    DirectoryStream.Filter<Path> abandoned =
        file -> name.matcher(file.getFileName().toString()).matches() && isOlderThan(limit, file);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, abandoned)) {
      for (Path file : files) {
        delete(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
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
