package dev.carousel.kernels.vector;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.KernelProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The vector kernel once per width that this machine has registers for.
 *
 * <p>The width is a static constant of the package, so each kernel comes from a class loader that
 * defines the package anew; everything else, {@link Kernel} among it, is the parent's.
 */
final class VectorWidths {
  private static final String PROPERTY = "carousel.vector.bits";

  private VectorWidths() {}

  /** The widths from 128 bits to the platform's preferred shape. */
  static List<Integer> bits() {
    List<Integer> bits = new ArrayList<>();
    for (int width = 128; width <= Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize()); ) {
      bits.add(width);
      width *= 2;
    }
    return bits;
  }

  /** A kernel of that width, from a class loader of its own. */
  static Kernel kernel(int bits) {
    return provider(Integer.toString(bits)).kernel();
  }

  /** A provider whose package initialises with that value of the property. */
  static KernelProvider provider(String bits) {
    String before = System.getProperty(PROPERTY);
    System.setProperty(PROPERTY, bits);
    try {
      ClassLoader loader = new PackageLoader(VectorWidths.class.getClassLoader());
      Class.forName(Lanes.class.getName(), true, loader);
      return (KernelProvider)
          loader.loadClass(VectorKernelProvider.class.getName()).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the vector package cannot be loaded again", e);
    } finally {
      if (before == null) {
        System.clearProperty(PROPERTY);
      } else {
        System.setProperty(PROPERTY, before);
      }
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
