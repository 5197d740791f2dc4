package dev.carousel.cli;

/** The command {@code carousel}. */
public final class Main {
  private Main() {}

  /**
   * Prints the name and version.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    IncubatorNotice.erase();
    System.out.println("carousel 0.1.0-SNAPSHOT");
  }
}
