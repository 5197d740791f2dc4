package dev.carousel.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets a training end well when the process is told to end (Ctrl-C, {@code kill}): it is asked to
 * stop, and the process waits for it to save.
 */
final class Interruption implements BooleanSupplier, AutoCloseable {
  /** What the shell says of a process ended by Ctrl-C. */
  static final int EXIT_CODE = 130;

  private static final long LONGEST_SECONDS = 60;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopAndWait, "carousel-interruption");
  private volatile boolean asked;

  private Interruption() {}

  /** Listens from now to {@link #close}. */
  static Interruption listen() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  private void stopAndWait() {
    asked = true;
    try {
      if (!done.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "carousel: the training did not stop in " + LONGEST_SECONDS + " s; ended without it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process has been told to end. */
  @Override
  public boolean getAsBoolean() {
    return asked;
  }

  @Override
  public void close() {
    done.countDown();
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending just now; the hook does not wait any more.
        asked = true;
      }
    }
  }
}
