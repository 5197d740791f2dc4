package dev.carousel.kernels.vector;

import dev.carousel.kernel.AlternatingRows;
import dev.carousel.kernel.Draws;
import dev.carousel.kernel.GuardedMatrix;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.PackedMatrix;
import java.util.List;

/**
 * One method of {@link Kernel} as the widths are compared on it. A case makes its arguments with
 * the trial's generator, so they are the same for each kernel, and hands every array to the trial,
 * which keeps it for the comparison.
 *
 * <p>A new method of Kernel is one more constant here.
 */
enum KernelCase {
  PRODUCT("product", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix a = t.matrix("a", t.m(), t.k());
      GuardedMatrix b = t.matrix("b", t.k(), t.n());
      GuardedMatrix c = t.matrix("c", t.m(), t.n());
      PackedMatrix packed = kernel.packed(t.k(), t.n());
      packed.pack(0, packed.panels(), b.data(), b.at(), b.stride());
      kernel.product(t.m(), a.data(), a.at(), a.stride(), packed, c.data(), c.at(), c.stride());
    }
  },
  PRODUCT_FROM_BIAS("productFromBias", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix bias = t.matrix("bias", 1, t.n());
      GuardedMatrix a = t.matrix("a", t.m(), t.k());
      GuardedMatrix b = t.matrix("b", t.n(), t.k());
      GuardedMatrix c = t.matrix("c", t.m(), t.n());
      PackedMatrix packed = kernel.packed(t.k(), t.n());
      packed.packTransposed(0, packed.panels(), b.data(), b.at(), b.stride());
      kernel.productFromBias(
          t.m(),
          bias.data(),
          bias.at(),
          a.data(),
          a.at(),
          a.stride(),
          packed,
          c.data(),
          c.at(),
          c.stride());
    }
  },
  JOINED_PRODUCT_FROM_BIAS("joinedProductFromBias", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      joined(kernel, t, t.k(), 5);
    }
  },
  PRODUCT_WITH_A_PART("product", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix a = t.matrix("a", t.m(), t.k());
      GuardedMatrix b = t.matrix("b", t.k() + 5, t.n());
      GuardedMatrix c = t.matrix("c", t.m(), t.n());
      kernel.product(
          t.m(),
          a.data(),
          a.at(),
          a.stride(),
          packed(kernel, t.k() + 5, t.n(), b).part(3, t.k()),
          c.data(),
          c.at(),
          c.stride());
    }
  },
  LARGE_PRODUCT("product", Sizes.LARGE) {
    @Override
    void run(Kernel kernel, Trial t) {
      PRODUCT.run(kernel, t);
    }
  },
  LARGE_PRODUCT_FROM_BIAS("productFromBias", Sizes.LARGE) {
    @Override
    void run(Kernel kernel, Trial t) {
      PRODUCT_FROM_BIAS.run(kernel, t);
    }
  },
  LARGE_JOINED_PRODUCT_FROM_BIAS("joinedProductFromBias", Sizes.LARGE) {
    @Override
    void run(Kernel kernel, Trial t) {
      joined(kernel, t, t.k(), 5);
    }
  },
  LARGE_SECOND_JOINED_PRODUCT_FROM_BIAS("joinedProductFromBias", Sizes.LARGE) {
    @Override
    void run(Kernel kernel, Trial t) {
      joined(kernel, t, 5, t.k());
    }
  },
  WEIGHT_GRADIENTS("weightGradients", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      int hidden = t.m();
      int input = hidden / 2;
      int n = t.n();
      GuardedMatrix dz = t.matrix("dz", 2 * t.k(), n);
      GuardedMatrix x = t.rows("x", 2 * t.k(), input);
      GuardedMatrix h = t.rows("h", 2 * t.k(), hidden);
      GuardedMatrix gradients = t.matrix("gradients", input + hidden + 1, n);
      int dWhh = gradients.at() + input * gradients.stride();
      kernel.weightGradients(
          new AlternatingRows(t.k()),
          n,
          dz.data(),
          dz.at(),
          dz.stride(),
          input,
          x.data(),
          x.at(),
          hidden,
          h.data(),
          h.at(),
          gradients.data(),
          gradients.at(),
          dWhh,
          n % 2 == 0 ? -1 : dWhh + hidden * gradients.stride(),
          gradients.stride());
    }
  },
  SCATTERED_WEIGHT_GRADIENTS("weightGradients", Sizes.M_N_K) {
    @Override
    void run(Kernel kernel, Trial t) {
      int n = t.n();
      GuardedMatrix dz = t.matrix("dz", 2 * t.k(), n);
      GuardedMatrix x = t.rows("x", 2 * t.k(), t.m());
      GuardedMatrix h = t.rows("h", 2 * t.k(), 12);
      // The bias, a row that is nobody's, W_hh, another, W_ih.
      GuardedMatrix gradients = t.matrix("gradients", t.m() + 15, n);
      int dWhh = gradients.at() + 2 * gradients.stride();
      kernel.weightGradients(
          new AlternatingRows(t.k()),
          n,
          dz.data(),
          dz.at(),
          dz.stride(),
          t.m(),
          x.data(),
          x.at(),
          12,
          h.data(),
          h.at(),
          gradients.data(),
          dWhh + 13 * gradients.stride(),
          dWhh,
          gradients.at(),
          gradients.stride());
    }
  },
  LARGE_WEIGHT_GRADIENTS("weightGradients", Sizes.LARGE) {
    @Override
    void run(Kernel kernel, Trial t) {
      WEIGHT_GRADIENTS.run(kernel, t);
    }
  },
  ADD("add", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      GuardedMatrix sum = t.matrix("sum", 1, t.n());
      kernel.add(t.n(), x.data(), x.at(), sum.data(), sum.at());
    }
  },
  SIGMOID("sigmoid", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      kernel.sigmoid(t.n(), x.data(), x.at());
    }
  },
  TANH("tanh", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      kernel.tanh(t.n(), x.data(), x.at());
    }
  },
  EXP_SUM("expSum", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      float shift = t.value();
      GuardedMatrix x = t.matrix("x", 1, t.n());
      t.result("sum", kernel.expSum(t.n(), shift, x.data(), x.at()));
    }
  },
  DROPOUT_MASK("dropoutMask", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      // Draws 2 and 3 of the last keys are 0, which a threshold of 0 must keep.
      long any = Float.floatToRawIntBits(t.value());
      for (long key : new long[] {any, Long.MAX_VALUE - 5, -2, -3}) {
        int draw = Draws.draw(key, t.n() / 2);
        for (int threshold : new int[] {0, 1 << 29, Integer.MAX_VALUE, draw, draw + 1}) {
          for (float scale : new float[] {1.25f, -1.25f, -0f}) {
            GuardedMatrix mask = t.matrix(key + " " + threshold + " " + scale, 1, t.n());
            kernel.dropoutMask(t.n(), key, threshold, scale, mask.data(), mask.at());
          }
        }
      }
    }
  },
  MAXIMUM("maximum", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      t.result("largest", kernel.maximum(t.n(), x.data(), x.at()));
    }
  },
  BELOW("below", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      for (int i = 0; i < t.n(); i++) {
        // Few different values: many are equal to a limit.
        x.data()[x.at() + i] = Math.round(2 * x.data()[x.at() + i]) / 2f;
      }
      for (float limit : new float[] {-1f, Math.nextUp(-1f), 0f, 0.5f, Float.NaN}) {
        t.result("below " + limit, kernel.below(t.n(), limit, x.data(), x.at()));
      }
    }
  },
  SUM_OF_SQUARES("sumOfSquares", Sizes.N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix x = t.matrix("x", 1, t.n());
      t.result("sum", kernel.sumOfSquares(t.n(), x.data(), x.at()));
    }
  },
  LSTM_FORWARD("lstmForward", Sizes.M_N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix z = t.rows("z", t.m(), 4 * t.n());
      GuardedMatrix cPrevious = t.rows("cPrevious", t.m(), t.n());
      GuardedMatrix c = t.rows("c", t.m(), t.n());
      GuardedMatrix tanhC = t.rows("tanhC", t.m(), t.n());
      GuardedMatrix h = t.rows("h", t.m(), t.n());
      kernel.lstmForward(
          t.m(),
          t.n(),
          z.data(),
          z.at(),
          cPrevious.data(),
          cPrevious.at(),
          c.data(),
          c.at(),
          tanhC.data(),
          tanhC.at(),
          h.data(),
          h.at());
    }
  },
  LSTM_BACKWARD("lstmBackward", Sizes.M_N) {
    @Override
    void run(Kernel kernel, Trial t) {
      lstmBackward(kernel, t, t.rows("dc", t.m(), t.n()), t.rows("dcPrevious", t.m(), t.n()));
    }
  },
  LSTM_BACKWARD_IN_PLACE("lstmBackward", Sizes.M_N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix dc = t.rows("dc", t.m(), t.n());
      lstmBackward(kernel, t, dc, dc);
    }
  },
  GRU_FORWARD("gruForward", Sizes.M_N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix z = t.rows("z", t.m(), 3 * t.n());
      GuardedMatrix u = t.rows("u", t.m(), t.n());
      GuardedMatrix hPrevious = t.rows("hPrevious", t.m(), t.n());
      GuardedMatrix h = t.rows("h", t.m(), t.n());
      kernel.gruForward(
          t.m(),
          t.n(),
          z.data(),
          z.at(),
          u.data(),
          u.at(),
          hPrevious.data(),
          hPrevious.at(),
          h.data(),
          h.at());
    }
  },
  GRU_BACKWARD("gruBackward", Sizes.M_N) {
    @Override
    void run(Kernel kernel, Trial t) {
      GuardedMatrix z = t.rows("z", t.m(), 3 * t.n());
      GuardedMatrix u = t.rows("u", t.m(), t.n());
      GuardedMatrix hPrevious = t.rows("hPrevious", t.m(), t.n());
      GuardedMatrix dh = t.rows("dh", t.m(), t.n());
      GuardedMatrix dhPrevious = t.rows("dhPrevious", t.m(), t.n());
      kernel.gruBackward(
          t.m(),
          t.n(),
          z.data(),
          z.at(),
          u.data(),
          u.at(),
          hPrevious.data(),
          hPrevious.at(),
          dh.data(),
          dh.at(),
          dhPrevious.data(),
          dhPrevious.at());
    }
  };

  private static void joined(Kernel kernel, Trial t, int columns, int columns2) {
    GuardedMatrix bias = t.matrix("bias", 1, t.n());
    GuardedMatrix a = t.rows("a", t.m(), columns);
    GuardedMatrix a2 = t.rows("a2", t.m(), columns2);
    GuardedMatrix b = t.matrix("b", columns + columns2, t.n());
    GuardedMatrix c = t.matrix("c", t.m(), t.n());
    kernel.joinedProductFromBias(
        t.m(),
        bias.data(),
        bias.at(),
        columns,
        a.data(),
        a.at(),
        columns2,
        a2.data(),
        a2.at(),
        packed(kernel, columns + columns2, t.n(), b),
        c.data(),
        c.at(),
        c.stride());
  }

  private static void lstmBackward(
      Kernel kernel, Trial t, GuardedMatrix dc, GuardedMatrix dcPrevious) {
    GuardedMatrix cPrevious = t.rows("cPrevious", t.m(), t.n());
    GuardedMatrix tanhC = t.rows("tanhC", t.m(), t.n());
    GuardedMatrix dh = t.rows("dh", t.m(), t.n());
    GuardedMatrix z = t.rows("z", t.m(), 4 * t.n());
    kernel.lstmBackward(
        t.m(),
        t.n(),
        cPrevious.data(),
        cPrevious.at(),
        tanhC.data(),
        tanhC.at(),
        dh.data(),
        dh.at(),
        dc.data(),
        dc.at(),
        z.data(),
        z.at(),
        dcPrevious.data(),
        dcPrevious.at());
  }

  private static PackedMatrix packed(Kernel kernel, int rows, int columns, GuardedMatrix b) {
    PackedMatrix packed = kernel.packed(rows, columns);
    packed.pack(0, packed.panels(), b.data(), b.at(), b.stride());
    return packed;
  }

  /** Which sizes a method has: its trials run over all combinations of them. */
  enum Sizes {
    N,
    M_N,
    M_N_K,
    LARGE
  }

  /** Around the lanes of every width, and around their tiles and panels. */
  private static final List<Integer> SIZES =
      List.of(1, 3, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 31, 33, 64, 100, 129);

  /**
   * Around a block of the weight gradients too; {@link Sizes#LARGE} has several of the products.
   */
  private static final List<Integer> SUM_LENGTHS = List.of(1, 3, 8, 17, 64, 129, 257);

  private final String method;
  private final Sizes sizes;

  KernelCase(String method, Sizes sizes) {
    this.method = method;
    this.sizes = sizes;
  }

  /** The name of the method of {@link Kernel}. */
  String method() {
    return method;
  }

  List<Integer> ms() {
    return switch (sizes) {
      case N -> List.of(1);
      case M_N, M_N_K -> SIZES;
      case LARGE -> List.of(7, 121, 122, 150);
    };
  }

  List<Integer> ns() {
    return sizes == Sizes.LARGE ? List.of(40, 64, 330) : SIZES;
  }

  List<Integer> ks() {
    return switch (sizes) {
      case N, M_N -> List.of(1);
      case M_N_K -> SUM_LENGTHS;
      case LARGE -> List.of(0, 512, 513, 1100);
    };
  }

  abstract void run(Kernel kernel, Trial trial);
}
