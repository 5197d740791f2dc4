package dev.carousel.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/** The scalar kernel, whose packed matrices move whenever they are aligned. */
public final class MovingKernel {
  private final AtomicInteger moves = new AtomicInteger();

  /** How often one of them moved. */
  public int moves() {
    return moves.get();
  }

  /** The kernel itself. */
  public Kernel kernel() {
    Kernel scalar = new ScalarKernel();
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("packed")) {
                return new PackedMatrix(
                    (Integer) arguments[0],
                    (Integer) arguments[1],
                    ScalarProducts.PANEL,
                    new MovingAlignment(moves));
              }
              try {
                return method.invoke(scalar, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
