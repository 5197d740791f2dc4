package dev.carousel.kernels.vector;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape in use.
 *
 * <p>The species must be a static constant for the compiler to see through it, so a class loader
 * holds exactly one; tests load this package once for each. {@code
 * -Dcarousel.vector.bits=128|256|512} overrides the width the platform prefers, {@code
 * -Dcarousel.vector.registers=16|32} for how many registers the loops are laid out.
 *
 * <p>Kernels load and broadcast with {@link FloatVector}'s own methods, which the compiler inlines
 * by force. A wrapper of ours it does not, once a method has many vector operations: it becomes a
 * call, and every vector is boxed. Runs of sigmoid took 28 ns a vector so, and take 5.
 */
final class Lanes {
  static final VectorSpecies<Float> SPECIES = species();
  static final int LENGTH = SPECIES.length();

  /**
   * Whether there are 16 vector registers, as on x86-64 but for 512 bits; other processors have 32.
   * Vectors of 512 bits always take 32.
   */
  static final boolean FEW_REGISTERS = registers() == 16 && LENGTH < 16;

  private Lanes() {}

  private static VectorSpecies<Float> species() {
    String bits = System.getProperty("carousel.vector.bits");
    if (bits == null) {
      VectorSpecies<Float> preferred = FloatVector.SPECIES_PREFERRED;
      // A reduction has sixteen stripes: wider vectors than that are not used.
      return preferred.length() > 16 ? FloatVector.SPECIES_512 : preferred;
    }
    return switch (bits) {
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "carousel.vector.bits: expected 128, 256 or 512, got " + bits);
    };
  }

  private static int registers() {
    String registers = System.getProperty("carousel.vector.registers");
    if (registers == null) {
      return List.of("amd64", "x86_64").contains(System.getProperty("os.arch")) ? 16 : 32;
    }
    return switch (registers) {
      case "16" -> 16;
      case "32" -> 32;
      default ->
          throw new IllegalArgumentException(
              "carousel.vector.registers: expected 16 or 32, got " + registers);
    };
  }
}
