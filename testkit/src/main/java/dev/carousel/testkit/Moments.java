package dev.carousel.testkit;

import java.util.Arrays;

/**
 * Creates an optimizer's moments at its first step and checks every step's lengths against them.
 */
final class Moments {

  private Moments() {}

  /** The moments themselves or, while they are empty, as many new ones as there are parameters. */
  static double[] of(
      String name, double[] moments, double[] parameters, double[] gradients, double initial) {
    Shapes.requireVector("gradients", gradients, parameters.length, "as many as parameters");
    if (moments.length == 0) {
      double[] created = new double[parameters.length];
      Arrays.fill(created, initial);
      return created;
    }
    Shapes.requireVector("parameters", parameters, moments.length, name + " of the first step");
    return moments;
  }
}
