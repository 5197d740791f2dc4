package dev.carousel.kernels.vector;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.KernelProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The vector kernel once per width that this machine has registers for, and per number of registers
 * it is laid out for.
 *
 * <p>Both are static constants of the package, so each kernel comes from a class loader that
 * defines the package anew; everything else, {@link Kernel} among it, is the parent's.
 */
final class VectorWidths {
  private static final String BITS = "carousel.vector.bits";
  private static final String REGISTERS = "carousel.vector.registers";

  /** What a kernel is loaded for. */
  record Shape(int bits, int registers) {
    @Override
    public String toString() {
      return bits + " bits, " + registers + " registers";
    }
  }

  private VectorWidths() {}

  /** From 128 bits to the platform's preferred shape. */
  static Map<Shape, Kernel> kernels() {
    Map<Shape, Kernel> kernels = new LinkedHashMap<>();
    int widest = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    for (int bits = 128; bits <= widest; bits *= 2) {
      for (int registers : bits < 512 ? List.of(16, 32) : List.of(32)) {
        Shape shape = new Shape(bits, registers);
        kernels.put(shape, kernel(Integer.toString(bits), Integer.toString(registers)));
      }
    }
    return kernels;
  }

  /** A kernel of a package that initialises with those values of the properties. */
  static Kernel kernel(String bits, String registers) {
    String bitsBefore = System.setProperty(BITS, bits);
    String registersBefore = System.setProperty(REGISTERS, registers);
    try {
      ClassLoader loader = new PackageLoader(VectorWidths.class.getClassLoader());
      Class.forName(Lanes.class.getName(), true, loader);
      Class<?> provider = loader.loadClass(VectorKernelProvider.class.getName());
      return ((KernelProvider) provider.getConstructor().newInstance()).kernel();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the vector package cannot be loaded again", e);
    } finally {
      restore(BITS, bitsBefore);
      restore(REGISTERS, registersBefore);
    }
  }

  private static void restore(String property, @Nullable String before) {
    if (before == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, before);
    }
  }

  /** Defines the classes of this package itself and leaves all others to the parent. */
  private static final class PackageLoader extends ClassLoader {
    private static final String PREFIX = VectorWidths.class.getPackageName() + ".";

    PackageLoader(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(PREFIX)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
