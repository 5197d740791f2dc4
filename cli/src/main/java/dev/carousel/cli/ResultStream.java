package dev.carousel.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A print stream in UTF-8, whatever the locale, that can tell why it failed. It flushes when it is
 * told to.
 */
final class ResultStream extends PrintStream {
  private final Remembering remembering;

  ResultStream(OutputStream out) {
    this(new Remembering(out));
  }

  private ResultStream(Remembering remembering) {
    super(remembering, false, StandardCharsets.UTF_8);
    this.remembering = remembering;
  }

  /** The process's standard output. */
  static ResultStream ofProcess() {
    return new ResultStream(new FileOutputStream(FileDescriptor.out));
  }

  /** What went wrong first, if anything did. */
  @Nullable IOException failure() {
    return remembering.failure;
  }

  /** A print stream drops its exceptions; here they are kept. */
  private static final class Remembering extends FilterOutputStream {
    @Nullable IOException failure;

    Remembering(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        out.write(bytes, from, count);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }
}
