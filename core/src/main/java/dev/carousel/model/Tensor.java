package dev.carousel.model;

import java.util.Arrays;

/**
 * A named array of a safetensors file, row-major. The arrays are shared, not copied.
 *
 * @see SafeTensors
 */
public sealed interface Tensor {

  /** Its name, once in a file. */
  String name();

  /** The size of each dimension; empty for a single number. */
  int[] shape();

  /** A vector of 32-bit floating-point numbers. */
  static Floats of(String name, float[] values) {
    return new Floats(name, new int[] {values.length}, values);
  }

  /** A vector of 64-bit floating-point numbers. */
  static Doubles of(String name, double[] values) {
    return new Doubles(name, new int[] {values.length}, values);
  }

  /** A vector of 64-bit whole numbers. */
  static Longs of(String name, long... values) {
    return new Longs(name, new int[] {values.length}, values);
  }

  /**
   * 32-bit floating-point numbers, {@code F32} in the file.
   *
   * @param shape its product is the number of values
   */
  record Floats(String name, int[] shape, float[] values) implements Tensor {
    public Floats {
      checkSize(name, shape, values.length);
    }
  }

  /**
   * 64-bit floating-point numbers, {@code F64} in the file.
   *
   * @param shape its product is the number of values
   */
  record Doubles(String name, int[] shape, double[] values) implements Tensor {
    public Doubles {
      checkSize(name, shape, values.length);
    }
  }

  /**
   * 64-bit whole numbers, {@code I64} in the file; {@code I32} is read as these too.
   *
   * @param shape its product is the number of values
   */
  record Longs(String name, int[] shape, long[] values) implements Tensor {
    public Longs {
      checkSize(name, shape, values.length);
    }
  }

  private static void checkSize(String name, int[] shape, int size) {
    long product = 1;
    for (int dimension : shape) {
      if (dimension < 0 || product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "tensor " + name + ": expected a shape of an array, got " + Arrays.toString(shape));
      }
      product *= dimension;
    }
    if (product != size) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + ": expected "
              + product
              + " values (from its shape "
              + Arrays.toString(shape)
              + "), got "
              + size);
    }
  }
}
