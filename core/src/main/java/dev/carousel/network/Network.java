package dev.carousel.network;

import dev.carousel.network.Layer.Bidirectional.Merge;
import java.util.ArrayList;
import java.util.List;

/**
 * The description of a network: input, layers, head. Immutable; nothing is allocated for its
 * parameters.
 *
 * <pre>{@code
 * Network network = Network.input(28).lstm(128).lastStep().dense(10).softmax();
 * }</pre>
 *
 * @param input what arrives at each step
 * @param layers from the input to the output; the last one's size is the number of scores
 * @param head what the scores mean
 */
public record Network(Input input, List<Layer> layers, Head head) {

  /**
   * What flows between two layers.
   *
   * @param size numbers in one vector; 1 for tokens
   * @param perStep whether there is a vector at every step, or one per sequence
   */
  public record Signal(int size, boolean perStep) {}

  /**
   * Checks that the layers fit each other.
   *
   * @throws IllegalArgumentException naming the layer, what it expects and what it gets
   */
  public Network {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("network: expected at least one layer, got none");
    }
    signals(input, layers);
  }

  /** Starts a network on vectors of {@code size} numbers. */
  public static Builder input(int size) {
    return new Builder(new Input.Features(size));
  }

  /**
   * Starts a network on symbols numbered 0 to {@code count - 1}; continue with {@link
   * Builder#embedding}.
   */
  public static Builder tokens(int count) {
    return new Builder(new Input.Tokens(count));
  }

  /** What goes into layer i is element i; what comes out of the last layer is the last element. */
  public List<Signal> signals() {
    return signals(input, layers);
  }

  /** The number of scores. */
  public int outputSize() {
    return signals().get(layers.size()).size();
  }

  /** Whether there are scores at every step, or once per sequence. */
  public boolean perStep() {
    return signals().get(layers.size()).perStep();
  }

  /**
   * The named slices of this network's parameters.
   *
   * @throws IllegalArgumentException if there are more than an array holds, 2^31 - 1
   */
  public ParameterLayout parameterLayout() {
    return ParameterLayout.of(this);
  }

  /**
   * The named slices of what this network remembers from one input to the next.
   *
   * @throws IllegalStateException if a layer is bidirectional: it needs the whole sequence
   */
  public StateLayout stateLayout() {
    return StateLayout.of(this);
  }

  /** Whether the network can be run one input at a time. */
  public boolean canStep() {
    return layers.stream().noneMatch(layer -> layer instanceof Layer.Bidirectional);
  }

  /**
   * A table of the layers, their outputs and parameters, and the size of the state; see {@link
   * Summary}.
   */
  public String summary() {
    return Summary.of(this).toString();
  }

  private static List<Signal> signals(Input input, List<Layer> layers) {
    List<Signal> signals = new ArrayList<>();
    Signal signal = new Signal(input instanceof Input.Features f ? f.size() : 1, true);
    signals.add(signal);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      String name = "layer " + i + " (" + layer.label() + ")";
      boolean onTokens = i == 0 && input instanceof Input.Tokens;
      if (layer instanceof Layer.Embedding && !onTokens) {
        throw new IllegalArgumentException(
            name + ": expected to be the first layer of a network on tokens");
      }
      if (onTokens && !(layer instanceof Layer.Embedding)) {
        throw new IllegalArgumentException(
            name + ": expected an embedding as the first layer, since the input is tokens");
      }
      if (!signal.perStep() && needsSteps(layer)) {
        throw new IllegalArgumentException(
            name
                + ": expected a vector at every step, got one per sequence (from a layer before it)");
      }
      signal = after(layer, signal);
      signals.add(signal);
    }
    return List.copyOf(signals);
  }

  private static boolean needsSteps(Layer layer) {
    return layer instanceof Layer.Recurrent
        || layer instanceof Layer.Bidirectional
        || layer instanceof Layer.Pool;
  }

  private static Signal after(Layer layer, Signal signal) {
    if (layer instanceof Layer.Embedding embedding) {
      return new Signal(embedding.size(), true);
    }
    if (layer instanceof Layer.Recurrent recurrent) {
      return new Signal(recurrent.hiddenSize(), true);
    }
    if (layer instanceof Layer.Bidirectional both) {
      int factor = both.merge() == Merge.CONCATENATE ? 2 : 1;
      return new Signal(checkedSize((long) factor * both.hiddenSize()), true);
    }
    if (layer instanceof Layer.Dense dense) {
      return new Signal(dense.size(), signal.perStep());
    }
    if (layer instanceof Layer.Pool) {
      return new Signal(signal.size(), false);
    }
    return signal;
  }

  /**
   * @throws IllegalArgumentException if it is not the size of an array
   */
  static int checkedSize(long size) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "network: expected at most " + Integer.MAX_VALUE + " parameters, got more");
    }
    return (int) size;
  }

  /** Adds layers one after the other; ends with the head. */
  public static final class Builder {
    private final Input input;
    private final List<Layer> layers = new ArrayList<>();

    private Builder(Input input) {
      this.input = input;
    }

    /** Any layer, for what the short forms do not say. */
    public Builder layer(Layer layer) {
      layers.add(layer);
      return this;
    }

    /**
     * A table of vectors of {@code size} numbers, uniform on [-1, 1) at first: about the scale of
     * PyTorch's. (Keras starts at 0.05, which on short texts costs the first epochs.)
     */
    public Builder embedding(int size) {
      return layer(new Layer.Embedding(size, new Initializer.Uniform(1f)));
    }

    /** An Elman layer with tanh. */
    public Builder elman(int hiddenSize) {
      return recurrent(new Cell.Elman(Activation.TANH), hiddenSize);
    }

    /** An LSTM layer: forget bias 1, no peepholes. */
    public Builder lstm(int hiddenSize) {
      return recurrent(new Cell.Lstm(), hiddenSize);
    }

    /** A GRU layer with the reset gate after the product, as PyTorch and cuDNN have it. */
    public Builder gru(int hiddenSize) {
      return recurrent(new Cell.Gru(Cell.Gru.Reset.AFTER), hiddenSize);
    }

    /** A recurrent layer of any cell. */
    public Builder recurrent(Cell cell, int hiddenSize) {
      return layer(new Layer.Recurrent(cell, hiddenSize));
    }

    /** Two recurrent layers, one in each direction, concatenated. */
    public Builder bidirectional(Cell cell, int hiddenSize) {
      return layer(new Layer.Bidirectional(cell, hiddenSize, Merge.CONCATENATE));
    }

    /** A dense layer without an activation. */
    public Builder dense(int size) {
      return dense(size, Activation.LINEAR);
    }

    /** A dense layer of {@code size} outputs. */
    public Builder dense(int size, Activation activation) {
      return layer(new Layer.Dense(size, activation, new Initializer.Glorot()));
    }

    /** Dropout; a rate of 0 adds no layer. */
    public Builder dropout(double rate) {
      return rate == 0 ? this : layer(new Layer.Dropout((float) rate));
    }

    /** Each sequence's own last step. */
    public Builder lastStep() {
      return layer(new Layer.Pool(Layer.Pool.Kind.LAST));
    }

    /** The mean over the steps of a sequence. */
    public Builder meanOverTime() {
      return layer(new Layer.Pool(Layer.Pool.Kind.MEAN));
    }

    /** The largest value of each feature over the steps of a sequence. */
    public Builder maxOverTime() {
      return layer(new Layer.Pool(Layer.Pool.Kind.MAX));
    }

    /** Ends with class probabilities. */
    public Network softmax() {
      return head(Head.SOFTMAX);
    }

    /** Ends with independent probabilities. */
    public Network sigmoid() {
      return head(Head.SIGMOID);
    }

    /** Ends with the numbers themselves. */
    public Network linear() {
      return head(Head.LINEAR);
    }

    /** Ends with that head. */
    public Network head(Head head) {
      return new Network(input, layers, head);
    }
  }
}
