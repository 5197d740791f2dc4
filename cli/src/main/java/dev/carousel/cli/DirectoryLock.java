package dev.carousel.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Keeps a second training out of a directory. What holds it is a lock of the operating system,
 * which goes with its process however that ends; a file that is left behind holds nothing.
 */
final class DirectoryLock implements AutoCloseable {
  static final String NAME = ".training.lock";

  /** Behind the content: elsewhere than on POSIX nobody else reads what is locked. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  private static final int LONGEST = 20;

  /** On POSIX a process loses its locks of a file as soon as it closes any channel to it. */
  private static final Set<Path> OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Asks the operating system for the lock; false if another process has it. */
  interface Locking {
    boolean tryLock(FileChannel channel) throws IOException;
  }

  /**
   * Takes the lock. Where the file system has no locks, a note says so.
   *
   * @throws IllegalStateException if another training has it; the message names its process
   * @throws IOException if the directory cannot be written to
   */
  static DirectoryLock take(Path directory, Consumer<String> note) throws IOException {
    return take(directory, note, channel -> channel.tryLock(PLACE, 1, false) != null);
  }

  static DirectoryLock take(Path directory, Consumer<String> note, Locking locking)
      throws IOException {
    Path file = directory.toRealPath().resolve(NAME);
    String mine = Long.toString(ProcessHandle.current().pid());
    if (!OF_THIS_PROCESS.add(file)) {
      throw taken(directory, mine);
    }
    try {
      while (true) {
        FileChannel channel = open(file);
        try {
          if (!lock(channel, directory, note, locking)) {
            throw taken(directory, content(channel));
          }
          // Whoever had it before deletes the file, perhaps after we have opened it.
          if (Files.exists(file)) {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(mine.getBytes(StandardCharsets.UTF_8)), 0);
            return new DirectoryLock(file, channel);
          }
          channel.close();
        } catch (Throwable e) {
          channel.close();
          throw e;
        }
      }
    } catch (Throwable e) {
      OF_THIS_PROCESS.remove(file);
      throw e;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static boolean lock(
      FileChannel channel, Path directory, Consumer<String> note, Locking locking) {
    try {
      return locking.tryLock(channel);
    } catch (IOException e) {
      note.accept(
          "the file system of "
              + directory
              + " has no locks ("
              + e.getMessage()
              + "): a second training into it would not be refused");
      return true;
    }
  }

  private static String content(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
    int length = Math.max(0, channel.read(bytes, 0));
    return new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
  }

  private static IllegalStateException taken(Path directory, String process) {
    return new IllegalStateException(
        "--out: expected no other training in "
            + directory
            + ", got one"
            + (process.isEmpty() ? "" : " (process " + process + ")"));
  }

  /** Deletes the file while it is still ours, and lets go of it. */
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(file);
    } finally {
      OF_THIS_PROCESS.remove(file);
    }
  }
}
