package dev.carousel.cli;

/**
 * Takes the JVM's line "Using incubator modules: jdk.incubator.vector" back from the terminal.
 *
 * <p>The JVM prints it while it boots, whenever that module is resolved, and has no option against
 * it. Where the launcher has seen that standard error is a terminal, it is the line above the
 * cursor when {@code main} begins; anywhere else it stays.
 */
final class IncubatorNotice {
  private static final String CURSOR_UP_AND_CLEAR_LINE = "\033[1A\033[2K";

  private IncubatorNotice() {}

  /** Erases the line. To be called before anything else is printed. */
  static void erase() {
    if (Boolean.getBoolean("carousel.terminal")
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      System.err.print(CURSOR_UP_AND_CLEAR_LINE);
      System.err.flush();
    }
  }
}
