package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One training at a time in a directory. */
class DirectoryLockTest {
  @TempDir Path directory;
  private final List<String> notes = new ArrayList<>();

  private DirectoryLock take() throws IOException {
    return DirectoryLock.take(directory, notes::add);
  }

  @Test
  void theSecondIsRefusedUntilTheFirstHasLetGo() throws IOException {
    try (DirectoryLock first = take()) {
      assertThat(first).isNotNull();
      assertThatIllegalStateException()
          .isThrownBy(this::take)
          .withMessage(
              "--out: expected no other training in "
                  + directory
                  + ", got one (process "
                  + ProcessHandle.current().pid()
                  + ")");
    }
    assertThat(directory).isEmptyDirectory();
    take().close();
    assertThat(directory).isEmptyDirectory();
    assertThat(notes).isEmpty();
  }

  @Test
  void byWhateverPath() throws IOException {
    try (DirectoryLock first = take()) {
      assertThat(first).isNotNull();
      Path other = directory.resolve("..").resolve(directory.getFileName());
      assertThatIllegalStateException()
          .isThrownBy(() -> DirectoryLock.take(other, notes::add))
          .withMessageContaining(other.toString());
    }
  }

  @Test
  void whatAKilledTrainingLeftHoldsNothing() throws IOException {
    Path file = directory.resolve(DirectoryLock.NAME);
    Files.writeString(file, "1 longer than what is written over it ".repeat(9));
    DirectoryLock lock = take();
    assertThat(file).hasContent(Long.toString(ProcessHandle.current().pid()));
    lock.close();
    assertThat(file).doesNotExist();
  }

  private DirectoryLock takeWhile(Step disturbance) throws IOException {
    int[] times = {0};
    DirectoryLock lock =
        DirectoryLock.take(
            directory,
            notes::add,
            channel -> {
              if (times[0]++ == 0) {
                disturbance.run();
              }
              return channel.tryLock() != null;
            });
    assertThat(times[0]).isEqualTo(2);
    return lock;
  }

  private interface Step {
    void run() throws IOException;
  }

  @Test
  void aFileThatTheOneBeforeDeletesIsNotTaken() throws IOException {
    Path file = directory.resolve(DirectoryLock.NAME);
    DirectoryLock lock = takeWhile(() -> Files.delete(file));
    assertThat(file).exists();
    lock.close();
  }

  @Test
  void norWhenAThirdHasAlreadyMadeAnother() throws IOException {
    Path file = directory.resolve(DirectoryLock.NAME);
    DirectoryLock lock =
        takeWhile(
            () -> {
              Files.delete(file);
              Files.writeString(file, "of another");
            });
    assertThat(file).hasContent(Long.toString(ProcessHandle.current().pid()));
    lock.close();
  }

  @Test
  void linksAreNotFollowed() throws IOException {
    Path precious = Files.writeString(directory.resolve("precious"), "precious");
    Files.createSymbolicLink(directory.resolve(DirectoryLock.NAME), precious);
    assertThatIOException()
        .isThrownBy(this::take)
        .withMessageStartingWith("--out: expected to be able to write to ");
    assertThat(precious).hasContent("precious");
  }

  @Test
  void withoutLocksItIsSaid() throws IOException {
    DirectoryLock lock =
        DirectoryLock.take(
            directory,
            notes::add,
            channel -> {
              throw new IOException("No locks available");
            });
    assertThat(notes)
        .containsExactly(
            "the file system of "
                + directory
                + " has no locks (No locks available): a second training into it would not be"
                + " refused");
    lock.close();
  }

  @Command
  static final class Training {
    @Mixin final DirectoryOptions directory = new DirectoryOptions();
    @Mixin final OutputOptions output = new OutputOptions();
  }

  @Test
  void whatAnotherLeftBetweenTheFirstLookAndTheLockIsSeen() throws IOException {
    Training training = new Training();
    CommandLine line = new CommandLine(training);
    line.parseArgs("--out=" + directory);
    training.directory.check(line.getCommandSpec());
    Path checkpoint = Files.writeString(training.directory.checkpoint(), "of another");
    assertThatIllegalStateException()
        .isThrownBy(() -> training.directory.take(line.getCommandSpec(), training.output))
        .withMessageContaining(directory + " already holds an interrupted training");
    assertThat(checkpoint).hasContent("of another");
    assertThat(directory.resolve(DirectoryLock.NAME)).doesNotExist();
  }
}
