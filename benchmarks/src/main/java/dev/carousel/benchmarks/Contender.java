package dev.carousel.benchmarks;

import java.util.Map;

/** One side of a comparison, ready to work. Used by one thread. */
public interface Contender extends AutoCloseable {
  /**
   * The numbers by which the sides are held against each other, computed from the row's weights and
   * inputs: {@code scores}, {@code loss}, {@code gradient of weight_hh} and so on, laid out alike
   * by all sides of a row. Sides are compared in the parts that both give. Asked for once, before
   * the first {@link #run}.
   */
  Map<String, float[]> answer();

  /** Does one unit of work, such as a training step; all of it is done when this returns. */
  void run();

  /** Ends threads and frees native memory. */
  @Override
  void close();

  /** Makes one side of a row, and can say its name without loading anything. */
  interface Factory {
    /** Who this is, without versions: {@code Carousel}, {@code DJL PyTorch}. */
    String name();

    /**
     * Loads what is needed and prepares the work.
     *
     * @param threads to compute with
     * @throws Exception or a {@link LinkageError} if it cannot run here, such as when a native
     *     library does not load
     */
    Contender create(int threads) throws Exception;
  }

  /** A factory from a name and a constructor. */
  static Factory factory(String name, Maker maker) {
    return new Factory() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Contender create(int threads) throws Exception {
        return maker.create(threads);
      }
    };
  }

  /** See {@link Factory#create}. */
  @FunctionalInterface
  interface Maker {
    Contender create(int threads) throws Exception;
  }
}
