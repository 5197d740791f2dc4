package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.network.Input;
import dev.carousel.network.StateLayout;
import java.util.Arrays;

/**
 * The buffers of one run of a network over one batch, forward and, if wanted, backward. Buffers
 * only grow: repeated batches of the same size allocate nothing.
 *
 * <p>One thread calls {@link #reserve} and fills {@link #tokens} or {@link #inputs}; then several
 * may call {@link #forward} and {@link #backward} on disjoint row ranges; when all are done,
 * several may call {@link #weightGradients}.
 */
public final class NetworkPass {
  private final CompiledNetwork network;
  private final boolean gradients;
  private final boolean inputGradients;
  private final Steps steps = new Steps();
  private final Activations input;
  // Arrays: an iterator over a list would be an allocation.
  private final LayerPass[] layers;
  // Those with something to remember of a sequence. Calling the other layers too, to do nothing,
  // took 4 % of one event and of the step of many keys.
  private final LayerPass[] stateful;

  /** Buffers for a forward pass only. */
  public static NetworkPass forInference(CompiledNetwork network) {
    return new NetworkPass(network, false, false);
  }

  /** Buffers for training. */
  public static NetworkPass forTraining(CompiledNetwork network) {
    return new NetworkPass(network, true, false);
  }

  /** Buffers for training in which the gradient of the loss in the inputs is computed too. */
  public static NetworkPass withInputGradients(CompiledNetwork network) {
    return new NetworkPass(network, true, true);
  }

  private NetworkPass(CompiledNetwork network, boolean gradients, boolean inputGradients) {
    this.network = network;
    this.gradients = gradients;
    Input spec = network.network().input();
    this.inputGradients = inputGradients && spec instanceof Input.Features;
    input = new Activations(spec instanceof Input.Features f ? f.size() : 0, true);
    Activations signal = input;
    layers = new LayerPass[network.layers().length];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = network.layers()[i].pass(signal);
      signal = layers[i].out;
    }
    stateful =
        Arrays.stream(layers).filter(layer -> layer.stateSize() > 0).toArray(LayerPass[]::new);
  }

  /**
   * Makes room for a batch and forgets every state.
   *
   * @param lengths of the sequences, longest first; see {@link Steps#set}
   * @param workers that will run it, part by part
   */
  public void reserve(int[] lengths, int batchSize, int workers) {
    steps.set(lengths, batchSize, parts(lengths, batchSize, workers));
    input.reserve(steps, inputGradients);
    for (LayerPass layer : layers) {
      layer.reserve(steps, gradients);
    }
    clearStates();
  }

  /** Small parts, where the kernel has them, are also what lets a slower core take fewer. */
  private int parts(int[] lengths, int batchSize, int workers) {
    if (workers == 1 || network.isLarge()) {
      return workers;
    }
    long total = 0;
    for (int r = 0; r < batchSize; r++) {
      total += lengths[r];
    }
    long most = (long) lengths[0] * workers * network.kernel().rowsAtOnce(gradients);
    return (int) (workers * ((total + most - 1) / most));
  }

  /** Which rows run at which step. */
  public Steps steps() {
    return steps;
  }

  /**
   * The input of a network on features: write vector {@code steps().vector(r, t)} before {@link
   * #forward}.
   */
  public Activations inputs() {
    return input;
  }

  /**
   * The input of a network on tokens: write element {@code steps().vector(r, t)} before {@link
   * #forward}.
   */
  public int[] tokens() {
    return ((EmbeddingLayer.EmbeddingPass) layers[0]).tokens;
  }

  /** The last layer's output, before the head. */
  public Activations output() {
    return layers[layers.length - 1].out;
  }

  /** Whether a backward pass can follow. */
  public boolean hasGradients() {
    return gradients;
  }

  /** Sets the state of every sequence before the first step to zero. */
  public void clearStates() {
    for (int r = 0; r < steps.batchSize(); r++) {
      for (LayerPass layer : layers) {
        layer.clearState(r);
      }
    }
  }

  /**
   * Sets the state of sequence r before the first step, from {@code at} on in the order of {@link
   * StateLayout}.
   */
  public void loadState(int r, float[] state, int at) {
    int from = at;
    for (LayerPass layer : stateful) {
      layer.loadState(r, state, from);
      from += layer.stateSize();
    }
  }

  /**
   * Copies the state of sequence r after {@code taken} of its steps; after all of them where time
   * is pooled.
   */
  public void storeState(int r, int taken, float[] state, int at) {
    int to = at;
    for (LayerPass layer : stateful) {
      layer.storeState(steps, r, taken, state, to);
      to += layer.stateSize();
    }
  }

  /** Makes the next passes drop values, by a key that changes with every update. */
  public void activateDropout(long updateKey) {
    for (LayerPass layer : layers) {
      if (layer instanceof DropoutLayer.DropoutPass dropout) {
        dropout.activate(updateKey);
      }
    }
  }

  /** Makes the next passes drop nothing. */
  public void deactivateDropout() {
    for (LayerPass layer : layers) {
      if (layer instanceof DropoutLayer.DropoutPass dropout) {
        dropout.deactivate();
      }
    }
  }

  /** From the inputs to the output, for one part of the rows. */
  public void forward(RowRange range) {
    for (LayerPass layer : layers) {
      layer.forward(steps, range);
    }
  }

  /**
   * Sets the gradients of a part of the rows to zero, but for those of {@link #output}, which the
   * loss then writes, all of them.
   */
  public void clearGradients(RowRange range) {
    if (inputGradients) {
      input.clearGradients(range);
    }
    int last = layers.length - 1;
    for (int i = 0; i < last; i++) {
      layers[i].clearGradients(steps, range);
    }
    layers[last].clearInnerGradients(steps, range);
  }

  /** From the output's gradients back to the first layer's, for one part of the rows. */
  public void backward(RowRange range) {
    for (int i = layers.length - 1; i >= 0; i--) {
      layers[i].backward(steps, range);
    }
  }

  /** Adds a worker's share, by columns, of the gradients of all parameters. */
  public void weightGradients(float[] to, int worker, int workers) {
    for (LayerPass layer : layers) {
      layer.weightGradients(steps, to, worker, workers);
    }
  }

  /**
   * The tape of a recurrent layer, for those who look at what is remembered.
   *
   * @throws IllegalArgumentException if that layer is not recurrent in one direction
   */
  public CellTape tape(int layer) {
    if (layers[layer] instanceof RecurrentLayer.RecurrentPass recurrent) {
      return recurrent.tape;
    }
    throw new IllegalArgumentException(
        "layer "
            + layer
            + ": expected a recurrent layer, got "
            + network.network().layers().get(layer).label());
  }
}
