package dev.carousel.execution;

import dev.carousel.cell.Packing;
import dev.carousel.data.Sequences;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Layer;
import dev.carousel.network.LayerParameters;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A network bound to parameters and a kernel, its weights in the kernel's layout.
 *
 * <p>Once {@link #pack}ed it may be shared by threads, each with a {@link NetworkPass} of its own;
 * what it makes of the weights when that is first asked for, it makes once for all. Whoever changes
 * the parameters packs again.
 */
public final class CompiledNetwork {
  // Weights, in values, that fill a second-level cache.
  static final int LARGE = 1 << 18;
  private static final int MOST_AT_ONCE = 256;
  private static final long MOST_VALUES_AT_ONCE = 1 << 26;
  // An LSTM keeps seven values for each it gives, z, c, tanh c and h.
  private static final int VALUES_OF_OUTPUT = 8;

  private final Parameters parameters;
  private final Kernel kernel;
  // An array: an iterator over a list would be an allocation.
  private final CompiledLayer[] layers;
  private final boolean large;
  private final AtomicBoolean aligning = new AtomicBoolean();

  /** Shares the parameters; they are packed when {@link #pack} is called. */
  public CompiledNetwork(Parameters parameters, Kernel kernel) {
    this.parameters = parameters;
    this.kernel = kernel;
    List<Layer> specs = parameters.network().layers();
    layers = new CompiledLayer[specs.size()];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = compile(specs.get(i), i);
    }
    int multiplied =
        parameters.layout().slices().stream()
            .filter(slice -> slice.role() != ParameterLayout.Role.EMBEDDING)
            .mapToInt(ParameterLayout.Slice::size)
            .sum();
    large = multiplied >= LARGE;
  }

  private CompiledLayer compile(Layer spec, int index) {
    if (spec instanceof Layer.Embedding) {
      return new EmbeddingLayer(parameters, index);
    }
    if (spec instanceof Layer.Recurrent recurrent) {
      return new RecurrentLayer(recurrent.cell(), kernel, of(index, "_l0"));
    }
    if (spec instanceof Layer.Bidirectional both) {
      return new BidirectionalLayer(
          new RecurrentLayer(both.cell(), kernel, of(index, "_l0")),
          new RecurrentLayer(both.cell(), kernel, of(index, "_l0_reverse")),
          both.merge());
    }
    if (spec instanceof Layer.Dense dense) {
      return new DenseLayer(kernel, of(index, ""), dense.activation());
    }
    if (spec instanceof Layer.Dropout dropout) {
      return new DropoutLayer(kernel, dropout.rate(), index);
    }
    return new PoolLayer(((Layer.Pool) spec).kind());
  }

  private LayerParameters of(int layer, String suffix) {
    return LayerParameters.of(parameters, layer, suffix);
  }

  /** Brings all packed weights up to date, for inference only. */
  public void pack() {
    pack(0, 1, Packing.FORWARD);
  }

  /**
   * Brings a worker's share of the packed weights up to date; all shares are disjoint.
   *
   * @param packing what the network is to do; the first layer packs what {@link
   *     Packing#BACKWARD_TO_INPUTS} needs only when that is asked for
   */
  public void pack(int worker, int workers, Packing packing) {
    for (int i = 0; i < layers.length; i++) {
      boolean inner = packing == Packing.BACKWARD && i > 0;
      layers[i].pack(worker, workers, inner ? Packing.BACKWARD_TO_INPUTS : packing);
    }
  }

  /**
   * Copies the packed weights to where the kernel reads them faster, which no bit depends on; cheap
   * where they are well placed. Others may run the network meanwhile, but not pack it; who comes
   * while one is at it goes on.
   */
  public void align() {
    if (aligning.compareAndSet(false, true)) {
      try {
        for (CompiledLayer layer : layers) {
          layer.align();
        }
      } finally {
        aligning.set(false);
      }
    }
  }

  /**
   * Whether the weights that every row is multiplied with do not fit a near cache: rows are then
   * not divided further than they have to be, since each part reads them again.
   */
  public boolean isLarge() {
    return large;
  }

  /**
   * How many sequences to run at once, from one on, so that what is kept of them takes some 256 MB,
   * of bidirectional layers up to twice that: at most 256, at least 1.
   *
   * @param longestWindow steps that are run at once of a sequence, at most
   */
  public int sequencesAtOnce(Sequences data, int first, int longestWindow) {
    long ofStep = 0;
    for (Network.Signal signal : network().signals()) {
      ofStep += (long) VALUES_OF_OUTPUT * signal.size();
    }
    long steps = 0;
    int count = 0;
    while (first + count < data.size() && count < MOST_AT_ONCE) {
      steps += Math.min(longestWindow, data.length(first + count));
      if (count > 0 && steps * ofStep > MOST_VALUES_AT_ONCE) {
        break;
      }
      count++;
    }
    return count;
  }

  /** What is computed. */
  public Network network() {
    return parameters.network();
  }

  /** The parameters that are packed. */
  public Parameters parameters() {
    return parameters;
  }

  /** What computes it. */
  public Kernel kernel() {
    return kernel;
  }

  CompiledLayer[] layers() {
    return layers;
  }
}
