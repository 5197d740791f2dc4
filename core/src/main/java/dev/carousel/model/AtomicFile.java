package dev.carousel.model;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

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
      writeDirectly(temporary, content);
      move(temporary, absolute);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(target + ": could not be written: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceDirectory(absolute.getParent());
  }

  /** Writes a new file and forces it to the disk. */
  static void writeDirectly(Path file, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
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
  static void forceDirectory(Path directory) throws IOException {
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

  private static void removeAbandoned(Path absolute) throws IOException {
    Path directory = absolute.getParent();
    if (!Files.isDirectory(directory)) {
      return;
    }
    String prefix = "." + absolute.getFileName() + ".";
    Instant limit = Instant.now().minus(ABANDONED);
    DirectoryStream.Filter<Path> abandoned =
        file -> {
          String name = file.getFileName().toString();
          return name.startsWith(prefix)
              && name.endsWith(".tmp")
              && Files.isRegularFile(file)
              && Files.getLastModifiedTime(file).toInstant().isBefore(limit);
        };
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, abandoned)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }
}
