package dev.carousel.cli;

import dev.carousel.model.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where a trained model goes, and what becomes of what is already there. */
final class DirectoryOptions {
  private static final String CONFIG = "config.json";
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final List<String> MODEL_FILES =
      List.of(
          CONFIG,
          "model.safetensors",
          "vocabulary.json",
          "labels.json",
          "provenance.json",
          "metrics.csv",
          "README.md");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Directory of the model; default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("model");

  @Option(
      names = "--resume",
      description =
          "Go on with the training that was interrupted in this directory, with the same options.")
  private boolean resume;

  @Option(
      names = "--replace",
      description = "Replace the model or the interrupted training that is in this directory.")
  private boolean replace;

  private final List<Path> made = new ArrayList<>();

  Path out() {
    return out;
  }

  boolean resume() {
    return resume;
  }

  Path checkpoint() {
    return out.resolve(CHECKPOINT);
  }

  /**
   * Checks what is there: before any work, and once more when nobody else can change it.
   *
   * @throws IllegalStateException if it stands against this training; the message names the ways
   *     out
   * @throws IOException if it cannot be looked at or written to
   */
  void check(CommandSpec command) throws IOException {
    Refusal.unless(
        !(resume && replace), command, "--replace", "either --resume or --replace", "both");
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new IllegalStateException(
          "--out: expected a directory or nothing at " + out + ", got a file");
    }
    if (resume) {
      if (!Files.exists(checkpoint())) {
        throw new IllegalStateException(
            "--resume: expected an interrupted training in "
                + out
                + ", got no "
                + CHECKPOINT
                + (hasModel()
                    ? " (the training there is finished)"
                    : "; start one without --resume"));
      }
    } else if (!replace && (hasModel() || Files.exists(checkpoint()))) {
      boolean interrupted = Files.exists(checkpoint());
      throw new IllegalStateException(
          out
              + " already holds "
              + (interrupted ? "an interrupted training" : "a model")
              + ": go on with an interrupted training with --resume, start anew with --replace, or"
              + " choose another directory with --out");
    }
    checkOthers();
    checkWritable();
  }

  /** Saving never replaces what is no model's; better to know before the training than after. */
  private void checkOthers() throws IOException {
    for (String name : MODEL_FILES) {
      Path file = out.resolve(name);
      if (Files.exists(file) && (!hasModel() || Files.isDirectory(file))) {
        throw new IllegalStateException(
            "--out: expected a directory without "
                + name
                + " or with a model, got "
                + out
                + " with a "
                + name
                + " of something else");
      }
    }
  }

  private boolean hasModel() throws IOException {
    Path config = out.resolve(CONFIG);
    if (!Files.isRegularFile(config)) {
      return false;
    }
    try (InputStream stream = Files.newInputStream(config)) {
      return new String(stream.readNBytes(200), StandardCharsets.UTF_8).contains("carousel-model");
    }
  }

  private void checkWritable() throws IOException {
    Path place = out.toAbsolutePath();
    while (!Files.exists(place) && place.getParent() != null) {
      place = place.getParent();
    }
    if (!Files.isDirectory(place)) {
      throw new IllegalStateException(
          "--out: expected a directory or nothing at " + place + ", got a file");
    }
    if (!Files.isWritable(place)) {
      throw new IOException(
          "--out: expected to be able to write to " + place + ", got no permission");
    }
  }

  /** The directory, while nobody else trains in it. */
  interface Taken extends AutoCloseable {
    /** Lets others in, and takes back the directories that were made for nothing. */
    @Override
    void close();
  }

  /**
   * Makes the directory and keeps others out of it.
   *
   * @throws IllegalStateException if another training runs in it, or has ended in it since it was
   *     checked
   * @throws IOException if it cannot be made or written to
   */
  Taken take(CommandSpec command, OutputOptions output) throws IOException {
    DirectoryLock lock;
    try {
      make();
      lock = DirectoryLock.take(out, output::note);
    } catch (Throwable e) {
      removeIfEmpty(output);
      throw e;
    }
    Taken taken = () -> release(lock, output);
    try {
      check(command);
    } catch (Throwable e) {
      taken.close();
      throw e;
    }
    return taken;
  }

  // What stays behind harms nobody, and no training is to end otherwise for it: a note will do.
  private void release(DirectoryLock lock, OutputOptions output) {
    try {
      lock.close();
    } catch (IOException e) {
      output.note("a lock file stays in " + out + ": " + Failure.reason(e));
    }
    removeIfEmpty(output);
  }

  private void make() throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path p = out.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
      missing.add(p);
    }
    try {
      for (int k = missing.size() - 1; k >= 0; k--) {
        Files.createDirectory(missing.get(k));
        made.add(missing.get(k));
      }
    } catch (FileSystemException e) {
      throw new IOException(
          "--out: expected a directory that can be written to, got "
              + out
              + " ("
              + Failure.reason(e)
              + ")",
          e);
    }
  }

  /** Takes back what {@link #make} made, as far as nothing has been put into it. */
  private void removeIfEmpty(OutputOptions output) {
    for (int k = made.size() - 1; k >= 0; k--) {
      try {
        Files.deleteIfExists(made.get(k));
      } catch (DirectoryNotEmptyException e) {
        return;
      } catch (IOException e) {
        output.note("an empty directory stays: " + made.get(k) + ": " + Failure.reason(e));
        return;
      }
    }
  }

  /**
   * Saves the model and removes the checkpoint, which it has made superfluous.
   *
   * @throws IOException if it cannot be saved; the checkpoint stays
   */
  void save(Model model) throws IOException {
    model.save(out, replace || resume);
    Files.deleteIfExists(checkpoint());
  }
}
