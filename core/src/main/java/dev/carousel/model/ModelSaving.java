package dev.carousel.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts the files of a model into place without harming what is there. A process killed at any
 * moment leaves the old or the new model; see {@link ModelDirectory}.
 */
final class ModelSaving {
  /** Two saves of this process into one directory must not mix their files. */
  private static final ReentrantLock MOVING = new ReentrantLock();

  /** Writes all files into an empty directory. */
  interface Content {
    void writeTo(Path staging) throws IOException;
  }

  private final Path directory;
  private final boolean replace;

  ModelSaving(Path directory, boolean replace) {
    this.directory = directory.toAbsolutePath();
    this.replace = replace;
  }

  void save(Content content) throws IOException {
    // Another thread's files may be on the move.
    MOVING.lock();
    try {
      checkTarget();
    } finally {
      MOVING.unlock();
    }
    boolean exists = Files.isDirectory(directory);
    Path parent = directory.getParent();
    if (!exists && parent != null) {
      Files.createDirectories(parent);
    }
    // Inside a directory that exists: it may be a mount, and moves must stay on one file system.
    Path beside = exists ? directory.resolve("model") : directory;
    try (Temporary staging = Temporary.beside(beside)) {
      Files.createDirectory(staging.path());
      content.writeTo(staging.path());
      AtomicFile.forceDirectory(staging.path());
      MOVING.lock();
      try {
        place(staging.path());
      } finally {
        MOVING.unlock();
      }
    }
  }

  private void place(Path staging) throws IOException {
    checkTarget();
    if (Files.notExists(directory)) {
      try {
        AtomicFile.move(staging, directory);
        AtomicFile.forceDirectory(directory.getParent());
        return;
      } catch (FileSystemException e) {
        if (Files.notExists(directory)) {
          throw e;
        }
        // Another process was faster; what it put there decides.
        checkTarget();
      }
    }
    finishReplacement(); // One that was killed.
    AtomicFile.move(staging, directory.resolve(ModelDirectory.REPLACEMENT));
    AtomicFile.forceDirectory(directory);
    finishReplacement();
  }

  /** Moves the files that are still in the replacement to where they belong. */
  private void finishReplacement() throws IOException {
    Path replacement = directory.resolve(ModelDirectory.REPLACEMENT);
    if (Files.notExists(replacement)) {
      return;
    }
    // As long as the first file to be moved is there, all are that belong to the model.
    if (Files.exists(replacement.resolve(ModelDirectory.FILES.get(0)))) {
      for (String name : ModelDirectory.FILES) {
        if (Files.notExists(replacement.resolve(name))) {
          Files.deleteIfExists(directory.resolve(name));
        }
      }
    }
    for (String name : ModelDirectory.FILES) {
      Path file = replacement.resolve(name);
      if (Files.exists(file)) {
        AtomicFile.move(file, directory.resolve(name));
      }
    }
    AtomicFile.forceDirectory(directory);
    Files.delete(replacement);
  }

  private void checkTarget() throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw exists("expected a directory or nothing of that name, got a file");
    }
    boolean holdsModel = holdsModel();
    for (String name : ModelDirectory.FILES) {
      Path file = directory.resolve(name);
      if (Files.isDirectory(file)) {
        throw exists("expected no directory named " + name + ", got one");
      }
      if (!holdsModel && Files.exists(file)) {
        throw exists(
            "expected a directory without "
                + name
                + " or with a model, got a "
                + name
                + " of something else");
      }
    }
    if (holdsModel && !replace) {
      throw exists("already holds a model; save elsewhere or ask for it to be replaced");
    }
  }

  /** Other libraries name their files so too, and theirs are not ours to replace. */
  private boolean holdsModel() throws IOException {
    Path config = ModelDirectory.find(directory, ModelDirectory.CONFIG);
    if (!Files.isRegularFile(config)) {
      return false;
    }
    byte[] start;
    try (var stream = Files.newInputStream(config)) {
      start = stream.readNBytes(200);
    }
    return new String(start, StandardCharsets.UTF_8).contains(ModelDirectory.FORMAT);
  }

  private FileAlreadyExistsException exists(String reason) {
    return new FileAlreadyExistsException(directory.toString(), null, reason);
  }
}
