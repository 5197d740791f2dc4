package dev.carousel.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Puts the files of a model into place without harming what is there. */
final class ModelSaving {
  /** In the order in which they are moved: the one that vouches for the others comes last. */
  private static final List<String> FILES =
      List.of(
          ModelDirectory.WEIGHTS,
          ModelDirectory.VOCABULARY,
          ModelDirectory.LABELS,
          ModelDirectory.PROVENANCE,
          ModelDirectory.METRICS,
          ModelDirectory.CARD,
          ModelDirectory.CONFIG);

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
    checkTarget();
    boolean exists = Files.isDirectory(directory);
    Path parent = directory.getParent();
    if (!exists && parent != null) {
      Files.createDirectories(parent);
    }
    // Inside a directory that exists: it may be a mount, and moves must stay on one file system.
    Path staging = AtomicFile.temporaryBeside(exists ? directory.resolve("model") : directory);
    AtomicFile.removeAbandoned(exists ? directory.resolve("model") : directory);
    try {
      Files.createDirectory(staging);
      content.writeTo(staging);
      AtomicFile.forceDirectory(staging);
      MOVING.lock();
      try {
        place(staging);
      } finally {
        MOVING.unlock();
      }
    } finally {
      AtomicFile.delete(staging);
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
    for (String name : FILES) {
      Path file = staging.resolve(name);
      if (Files.exists(file)) {
        AtomicFile.move(file, directory.resolve(name));
      } else {
        Files.deleteIfExists(directory.resolve(name));
      }
    }
    AtomicFile.forceDirectory(directory);
  }

  private void checkTarget() throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw exists("expected a directory or nothing of that name, got a file");
    }
    boolean config = Files.exists(directory.resolve(ModelDirectory.CONFIG));
    boolean holdsModel =
        config ? isModelConfig() : Files.exists(directory.resolve(ModelDirectory.WEIGHTS));
    for (String name : FILES) {
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
  private boolean isModelConfig() throws IOException {
    byte[] start;
    try (var stream = Files.newInputStream(directory.resolve(ModelDirectory.CONFIG))) {
      start = stream.readNBytes(200);
    }
    return new String(start, StandardCharsets.UTF_8).contains(ModelDirectory.FORMAT);
  }

  private FileAlreadyExistsException exists(String reason) {
    return new FileAlreadyExistsException(directory.toString(), null, reason);
  }
}
