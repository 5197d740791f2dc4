package dev.carousel.model;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a file as a whole: written beside it, forced to the disk, moved into place. Whoever
 * reads sees the old or the new file, whatever happens in between.
 */
final class AtomicFile {
  /** Writes the content. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  static void write(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    try (Temporary temporary = Temporary.beside(absolute)) {
      writeDirectly(temporary.path(), target, content);
      move(temporary.path(), absolute);
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
}
