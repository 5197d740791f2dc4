package dev.carousel.execution;

import dev.carousel.cell.CellTape;
import dev.carousel.network.Head;
import dev.carousel.network.Input;
import dev.carousel.network.StateLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one run of a network over one batch, forward and, if wanted, backward. Buffers
 * only grow: repeated batches of the same size allocate nothing.
 *
 * <p>One thread calls {@link #reserve} and fills {@link #tokens} or {@link #inputs}; then several
 * may call {@link #forward} and {@link #backward} on disjoint row ranges; when all are done,
 * several may call {@link #weightGradients}, and when these are done {@link
 * #finishWeightGradients}. Where {@link #partsAreGroups}, {@link #backwardAndSum} does the work of
 * {@link #backward} and of both.
 */
public final class NetworkPass {
  // Groups of sequences whose gradients are summed apart: a core then sums what it computed itself,
  // instead of some columns of what all did. Of a training step of an LSTM 28 to 128 that is 10 to
  // 15 % where the cores share no cache, nothing where they do; of 784 steps 4 to 10 %. A sum of
  // its own for each group costs 1 % of that step at 448 vectors a group, but with two groups 5 %
  // of an LSTM 512 to 512, whose sums fit no near cache. Of fewer than four rows products take much
  // longer: 8 sequences of 784 steps, in 8 groups, 36 %. A power of two, as teams mostly are: all
  // members then have as many groups.
  private static final int MOST_GROUPS = 8;
  private static final int VECTORS_OF_GROUP = 400;
  private static final int ROWS_OF_GROUP = 4;
  private static final int MOST_PARAMETERS_OF_GROUPS = 1 << 18;

  // Vectors between two calls of align, which now and then takes as long as a few of them.
  private static final int ALIGN_EVERY = 1 << 10;

  private final CompiledNetwork network;
  private final Gradients wanted;
  private final boolean inputGradients;
  private final Steps steps = new Steps();
  private final Activations input;
  // Arrays: an iterator over a list would be an allocation.
  private final LayerPass[] layers;
  // Those with something to remember of a sequence. Calling the other layers too, to do nothing,
  // took 4 % of one event and of the step of many keys.
  private final LayerPass[] stateful;
  private int untilAligned;
  private @Nullable TeamStep teamStep;

  /** Buffers for a forward pass only. */
  public static NetworkPass forInference(CompiledNetwork network) {
    return new NetworkPass(network, Gradients.NONE, false, true);
  }

  /**
   * The same for batches of one step, many of them with the same weights: products with the vectors
   * of tokens are then kept, if they are not too many, for all passes of the network.
   */
  public static NetworkPass forSteps(CompiledNetwork network) {
    // Sessions copy the output before the head is applied.
    NetworkPass pass = new NetworkPass(network, Gradients.NONE, false, false);
    TokenVectors tokens = pass.layers[0].out.tokens;
    if (tokens != null) {
      tokens.expectSteps();
    }
    return pass;
  }

  /** Buffers for training: of gradients, those of the parameters are kept. */
  public static NetworkPass forTraining(CompiledNetwork network) {
    return new NetworkPass(network, Gradients.PARAMETERS, false, true);
  }

  /** The same, but the gradients of all states are kept too, for those who look at them. */
  public static NetworkPass withStateGradients(CompiledNetwork network) {
    return new NetworkPass(network, Gradients.ALL, false, true);
  }

  /** The same, and the gradient of the loss in the inputs is computed too. */
  public static NetworkPass withInputGradients(CompiledNetwork network) {
    return new NetworkPass(network, Gradients.ALL, true, true);
  }

  /**
   * @param overwritten whether the head's scores may take the place of the output
   */
  private NetworkPass(
      CompiledNetwork network, Gradients wanted, boolean inputGradients, boolean overwritten) {
    this.network = network;
    this.wanted = wanted;
    Input spec = network.network().input();
    this.inputGradients = inputGradients && spec instanceof Input.Features;
    input = new Activations(spec instanceof Input.Features f ? f.size() : 0, true);
    layers = layers(network, input, wanted, overwritten);
    for (int i = layers.length - 1; i >= 0; i--) {
      layers[i].link();
    }
    stateful =
        Arrays.stream(layers).filter(layer -> layer.stateSize() > 0).toArray(LayerPass[]::new);
  }

  private static LayerPass[] layers(
      CompiledNetwork network, Activations input, Gradients wanted, boolean overwritten) {
    List<LayerPass> layers = new ArrayList<>();
    Activations signal = input;
    boolean lastIsRead = false;
    for (CompiledLayer layer : network.layers()) {
      LayerPass pass = layer.pass(signal);
      layers.add(pass);
      signal = pass.out;
      lastIsRead = pass.readsOutput(wanted);
    }
    if (overwritten && lastIsRead && network.network().head() != Head.LINEAR) {
      layers.add(new CopyPass(signal));
    }
    return layers.toArray(LayerPass[]::new);
  }

  /**
   * Makes room for a batch and forgets every state.
   *
   * @param lengths of the sequences, longest first; see {@link Steps#set}
   * @param workers that will run it, part by part; there may be several parts for each
   */
  public void reserve(int[] lengths, int batchSize, int workers) {
    long total = 0;
    for (int r = 0; r < batchSize; r++) {
      total += lengths[r];
    }
    int groups = groups(lengths, total);
    int parts = groupsPay(groups, workers) ? groups : parts(lengths, total, workers);
    steps.set(lengths, batchSize, parts, groups);
    teamStep = null;
    input.reserve(steps, inputGradients);
    for (LayerPass layer : layers) {
      layer.reserve(steps, wanted);
    }
    clearStates();
  }

  /** Whether groups can be parts: all workers get as many. */
  private boolean groupsPay(int groups, int workers) {
    return wanted == Gradients.PARAMETERS && groups > 1 && groups % workers == 0;
  }

  /** Small parts, where the kernel has them, are also what lets a slower core take fewer. */
  private int parts(int[] lengths, long total, int workers) {
    // Nothing to divide: Steps says what is wrong with it.
    boolean empty = total <= 0;
    if (workers == 1 || network.isLarge() || empty) {
      return workers;
    }
    long most = (long) lengths[0] * workers * network.kernel().rowsAtOnce(wanted != Gradients.NONE);
    return (int) (workers * ((total + most - 1) / most));
  }

  /**
   * Not a function of the workers or the kernel: it decides in which order gradients are summed.
   */
  private int groups(int[] lengths, long total) {
    boolean empty = total <= 0;
    if (empty
        || wanted == Gradients.NONE
        || network.parameters().values().length > MOST_PARAMETERS_OF_GROUPS) {
      return 1;
    }
    long vectors = Math.max(VECTORS_OF_GROUP, (long) ROWS_OF_GROUP * lengths[0]);
    return Math.max(1, Integer.highestOneBit((int) Math.min(MOST_GROUPS, total / vectors)));
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
    return ((EmbeddingLayer.EmbeddingPass) layers[0]).tokens();
  }

  /** The last layer's output, before the head; to be overwritten by what the head makes of it. */
  public Activations output() {
    return layers[layers.length - 1].out;
  }

  /** Whether a backward pass can follow. */
  public boolean hasGradients() {
    return wanted != Gradients.NONE;
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

  /**
   * Now and then looks whether the weights are where they are read fastest; see {@link
   * CompiledNetwork#align}. Before {@link #forward}, by one thread.
   *
   * @param vectors that are about to be run
   */
  public void alignWeights(int vectors) {
    untilAligned -= vectors;
    if (untilAligned <= 0) {
      untilAligned = ALIGN_EVERY;
      network.align();
    }
  }

  /** From the inputs to the output, for one part of the rows. */
  public void forward(RowRange range) {
    for (LayerPass layer : layers) {
      layer.forward(steps, range);
    }
  }

  /**
   * Divides the layers that are worth it between the members of a team, for {@link #step}: with the
   * weights as they were last packed. After {@link #reserve} for a batch of one step; to be called
   * again after either. The divided layers' weights are kept twice more, for all passes with a team
   * of that size.
   *
   * @return whether there is such a layer
   * @throws IllegalArgumentException if the batch has more than one step
   */
  public boolean divide(Workers team) {
    teamStep = new TeamStep(layers, steps, team);
    return teamStep.isDivided();
  }

  /**
   * {@link #forward} of the first row, by the team that {@link #divide} was called for, if it is
   * awake and there is something to divide; else by the caller. The same bits.
   *
   * @throws IllegalStateException if that was not called, or there is something to divide and the
   *     team was closed
   */
  public void step() {
    teamStep().forward();
  }

  /** {@link #step} by shares, even where the caller has to do them all. */
  void stepTogether() {
    teamStep().together();
  }

  private TeamStep teamStep() {
    if (teamStep == null) {
      throw new IllegalStateException(
          "step: expected a pass that was divided, got one that was not");
    }
    return teamStep;
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

  /** Whether each part of the rows is a group, so that {@link #backwardAndSum} can be called. */
  public boolean partsAreGroups() {
    return wanted == Gradients.PARAMETERS && steps.partsAreGroups();
  }

  /**
   * {@link #backward} of a part that is a group, which adds its {@link #weightGradients} on the
   * way, while what they are sums of is in the nearest caches. The same bits.
   */
  public void backwardAndSum(RowRange range, float[] to) {
    SumOrder.Group group = steps.sums().group(range.part());
    for (int i = layers.length - 1; i >= 0; i--) {
      layers[i].backwardAndSum(steps, range, group, to);
    }
  }

  /**
   * Adds a share, by columns, of the gradients of all parameters, summed over a group of sequences.
   *
   * @param group from 0 to {@code steps().groups() - 1}
   */
  public void weightGradients(float[] to, int group, int share, int shares) {
    for (LayerPass layer : layers) {
      layer.weightGradients(steps, steps.sums().group(group), to, share, shares);
    }
  }

  /**
   * Whether, of the batch last reserved, there are gradients that need the whole sums of other
   * ones, so that {@link #finishWeightGradients} has to follow {@link #weightGradients}.
   */
  public boolean hasGradientsOfSums() {
    TokenVectors tokens = layers[0].out.tokens;
    return tokens != null && tokens.shared();
  }

  /**
   * A share, by distinct tokens, of the gradients that need the whole sums of a group: to be called
   * when {@link #weightGradients} is done with all shares of columns, of which there may be another
   * number.
   *
   * @param to the same array
   * @param group from 0 to {@code steps().groups() - 1}
   */
  public void finishWeightGradients(float[] to, int group, int share, int shares) {
    for (int i = layers.length - 1; i >= 0; i--) {
      layers[i].finishWeightGradients(steps, steps.sums().group(group), to, share, shares);
    }
  }

  /**
   * The tape of a recurrent layer, for those who look at what is remembered.
   *
   * @throws IllegalArgumentException if that layer is not recurrent in one direction
   */
  public CellTape tape(int layer) {
    if (layers[layer] instanceof RecurrentPass recurrent) {
      return recurrent.tape;
    }
    throw new IllegalArgumentException(
        "layer "
            + layer
            + ": expected a recurrent layer, got "
            + network.network().layers().get(layer).label());
  }
}
