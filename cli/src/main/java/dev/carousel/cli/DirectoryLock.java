package dev.carousel.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second training out of a directory. What holds it is a lock of the operating system,
 * which goes with its process however that ends; a file that is left behind holds nothing.
 */
final class DirectoryLock implements AutoCloseable {
  static final String NAME = ".training.lock";

  /** Behind the content: elsewhere than on POSIX nobody else reads what is locked. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  private static final int LONGEST = 20;
  private static final Object GONE = new Object();

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
   * @throws IOException if there cannot be a file to lock
   */
  static DirectoryLock take(Path directory, Consumer<String> note) throws IOException {
    return take(directory, note, channel -> channel.tryLock(PLACE, 1, false) != null);
  }

  static DirectoryLock take(Path directory, Consumer<String> note, Locking locking)
      throws IOException {
    Path file;
    try {
      file = directory.toRealPath().resolve(NAME);
    } catch (IOException e) {
      throw notWritable(directory.resolve(NAME), e);
    }
    if (!OF_THIS_PROCESS.add(file)) {
      throw taken(directory, Long.toString(ProcessHandle.current().pid()));
    }
    try {
      DirectoryLock lock = null;
      while (lock == null) {
        lock = attempt(directory, file, note, locking);
      }
      return lock;
    } catch (IOException e) {
      OF_THIS_PROCESS.remove(file);
      throw notWritable(file, e);
    } catch (Throwable e) {
      OF_THIS_PROCESS.remove(file);
      throw e;
    }
  }

  private static IOException notWritable(Path file, IOException e) {
    return new IOException(
        "--out: expected to be able to write to " + file + ", got " + Failure.reason(e), e);
  }

  /** Null if the file was replaced meanwhile: whoever has the lock deletes it in the end. */
  private static @Nullable DirectoryLock attempt(
      Path directory, Path file, Consumer<String> note, Locking locking) throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      // Of a training that runs, or was killed.
    }
    Object before = identity(file);
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
    boolean mine = false;
    try {
      if (!lock(channel, directory, note, locking)) {
        throw taken(directory, owner(channel));
      }
      if (before == GONE || !Objects.equals(before, identity(file))) {
        channel.close();
        return null;
      }
      mine = true;
      channel.truncate(0);
      String process = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(process.getBytes(StandardCharsets.US_ASCII)), 0);
      return new DirectoryLock(file, channel);
    } catch (Throwable e) {
      try (channel) {
        if (mine) {
          Files.deleteIfExists(file);
        }
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** What tells a file from another of the same name, null where nothing does. */
  private static @Nullable Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return GONE;
    }
  }

  private static boolean lock(
      FileChannel channel, Path directory, Consumer<String> note, Locking locking)
      throws IOException {
    try {
      return locking.tryLock(channel);
    } catch (ClosedChannelException e) {
      throw e; // This thread was interrupted.
    } catch (IOException e) {
      note.accept(
          "the file system of "
              + directory
              + " has no locks ("
              + Failure.reason(e)
              + "): a second training into it would not be refused");
      return true;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
    int length = Math.max(0, channel.read(bytes, 0));
    String content = new String(bytes.array(), 0, length, StandardCharsets.US_ASCII);
    return content.matches("\\d+") ? content : "";
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
