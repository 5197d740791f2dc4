package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.kernel.PackedMatrix;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.List;
import java.util.Map;

/** Single matrix products, against the fastest BLAS there is in Java. */
final class ProductRows {
  private static final int SIZE = 512;

  private ProductRows() {}

  static List<Row> rows() {
    return List.of(
        new Row(
            "product-512",
            "c += a b, 512 x 512 x 512; ours has b packed beforehand; one thread",
            "product",
            1,
            2.0 * SIZE * SIZE * SIZE,
            Double.NaN,
            1,
            1e-5,
            Double.NaN,
            Contender.factory("Carousel", threads -> new PackedProduct()),
            List.of(
                new Row.Peer(
                    Contender.factory("netlib VectorBLAS", threads -> new NetlibProduct()), 4))));
  }

  private abstract static class Product implements Contender {
    final float[] a = RandomNumbers.of(SIZE * SIZE, 1);
    final float[] b = RandomNumbers.of(SIZE * SIZE, 2);
    final float[] c = new float[SIZE * SIZE];

    @Override
    public Map<String, float[]> answer() {
      run();
      return Map.of("product", c.clone());
    }

    @Override
    public void close() {}
  }

  private static final class PackedProduct extends Product {
    private final Kernel kernel = Kernels.chosen().kernel();
    private final PackedMatrix packed = kernel.packed(SIZE, SIZE);

    PackedProduct() {
      packed.pack(0, packed.panels(), b, 0, SIZE);
    }

    @Override
    public void run() {
      packed.align();
      kernel.product(SIZE, a, 0, SIZE, packed, c, 0, SIZE);
    }
  }

  private static final class NetlibProduct extends Product {
    private final JavaBLAS blas = JavaBLAS.getInstance();

    NetlibProduct() {
      String found = blas.getClass().getSimpleName();
      if (!found.equals("VectorBLAS")) {
        throw new IllegalStateException(
            "netlib: expected VectorBLAS (from --add-modules jdk.incubator.vector), got " + found);
      }
    }

    // Its matrices are column-major, ours read as those are the transposes: c' += b' a'.
    @Override
    public void run() {
      blas.sgemm("N", "N", SIZE, SIZE, SIZE, 1f, b, SIZE, a, SIZE, 1f, c, SIZE);
    }
  }
}
