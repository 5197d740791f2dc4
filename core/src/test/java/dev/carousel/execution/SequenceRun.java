package dev.carousel.execution;

import dev.carousel.network.Input;
import dev.carousel.testkit.FloatArrays;
import java.util.function.Consumer;

/**
 * A {@link NetworkPass} driven with arrays for each sequence, {@code [batchSize][timeSteps of that
 * sequence][features]}, longest first; tokens are one feature, and what is one vector per sequence
 * has one step. The doubles hold floats: nothing is rounded on the way in or out.
 */
public final class SequenceRun {
  private static final Workers ALONE = new Workers(1);

  private final CompiledNetwork network;
  private final NetworkPass pass;
  private Workers team = ALONE;

  /** With gradients of the parameters and, where the input is features, of the inputs. */
  public SequenceRun(CompiledNetwork network) {
    this.network = network;
    this.pass = NetworkPass.withInputGradients(network);
  }

  /** From the next sequences on the work is divided by rows and columns among a team. */
  public SequenceRun by(Workers workers) {
    team = workers;
    return this;
  }

  public NetworkPass pass() {
    return pass;
  }

  /** Reserves for these sequences and copies them in; every state is zero. */
  public SequenceRun on(double[][][] sequences) {
    int[] lengths = new int[sequences.length];
    for (int r = 0; r < lengths.length; r++) {
      lengths[r] = sequences[r].length;
    }
    pass.reserve(lengths, lengths.length, team.count());
    if (network.network().input() instanceof Input.Tokens) {
      for (int r = 0; r < lengths.length; r++) {
        for (int t = 0; t < lengths[r]; t++) {
          pass.tokens()[pass.steps().vector(r, t)] = (int) sequences[r][t][0];
        }
      }
    } else {
      write(sequences, pass.inputs(), pass.inputs().values());
    }
    return this;
  }

  /** Sets the states before the first step, {@code [batchSize][size of the state layout]}. */
  public SequenceRun from(double[][] states) {
    for (int r = 0; r < states.length; r++) {
      pass.loadState(r, FloatArrays.flat(states[r]), 0);
    }
    return this;
  }

  public SequenceRun forward() {
    everyPart(pass::forward);
    return this;
  }

  /** Clears all gradients and sets those of the outputs. */
  public SequenceRun seed(double[][][] dOutputs) {
    everyPart(pass::clearGradients);
    write(dOutputs, pass.output(), pass.output().gradients());
    return this;
  }

  /** Sets the gradients of a layer's last cell states, {@code [batchSize][hiddenSize]}. */
  public SequenceRun seedCells(int layer, double[][] dCells) {
    for (int r = 0; r < dCells.length; r++) {
      float[] row = FloatArrays.flat(dCells[r]);
      int at = pass.steps().stateRow(r, pass.steps().length(r)) * row.length;
      System.arraycopy(row, 0, pass.tape(layer).dc(), at, row.length);
    }
    return this;
  }

  public SequenceRun backward() {
    everyPart(pass::backward);
    return this;
  }

  /** Adds the gradients of the parameters, of a batch so small that they are one sum. */
  public float[] weightGradients(float[] to) {
    if (pass.steps().groups() != 1) {
      throw new IllegalStateException(
          "expected gradients in 1 group, got " + pass.steps().groups() + ": sums of their own");
    }
    team.run((worker, workers) -> pass.weightGradients(to, 0, worker, workers));
    team.run((worker, workers) -> pass.finishWeightGradients(to, 0, worker, workers));
    return to;
  }

  public float[] weightGradients() {
    return weightGradients(new float[network.parameters().values().length]);
  }

  public double[][][] outputs() {
    return read(pass.output(), pass.output().values());
  }

  public double[][][] inputGradients() {
    return read(pass.inputs(), pass.inputs().gradients());
  }

  /** The states after the last steps, {@code [batchSize][size of the state layout]}. */
  public double[][] states() {
    double[][] states = new double[pass.steps().batchSize()][];
    for (int r = 0; r < states.length; r++) {
      float[] state = new float[network.network().stateLayout().size()];
      pass.storeState(r, pass.steps().length(r), state, 0);
      states[r] = FloatArrays.vector(state, 0, state.length);
    }
    return states;
  }

  /** The gradients of the states before the first step, in a layer without or with cell states. */
  public double[][] initialStateGradients(int layer, int hiddenSize) {
    double[][] gradients = new double[pass.steps().batchSize()][];
    boolean cells = pass.tape(layer).c().length > 0;
    for (int r = 0; r < gradients.length; r++) {
      gradients[r] = new double[cells ? 2 * hiddenSize : hiddenSize];
      for (int j = 0; j < hiddenSize; j++) {
        gradients[r][j] = pass.tape(layer).dh()[r * hiddenSize + j];
        if (cells) {
          gradients[r][hiddenSize + j] = pass.tape(layer).dc()[r * hiddenSize + j];
        }
      }
    }
    return gradients;
  }

  private void everyPart(Consumer<RowRange> work) {
    RowParts parts = new RowParts(team.count());
    parts.set(pass.steps());
    team.run((worker, workers) -> parts.each(worker, work));
  }

  private void write(double[][][] from, Activations to, float[] array) {
    for (int r = 0; r < from.length; r++) {
      for (int t = 0; t < from[r].length; t++) {
        float[] vector = FloatArrays.flat(from[r][t]);
        System.arraycopy(vector, 0, array, at(to, r, t), to.width());
      }
    }
  }

  private double[][][] read(Activations from, float[] array) {
    double[][][] found = new double[pass.steps().batchSize()][][];
    for (int r = 0; r < found.length; r++) {
      found[r] = new double[from.perStep() ? pass.steps().length(r) : 1][];
      for (int t = 0; t < found[r].length; t++) {
        found[r][t] = FloatArrays.vector(array, at(from, r, t), from.width());
      }
    }
    return found;
  }

  private int at(Activations activations, int r, int t) {
    return activations.index(activations.perStep() ? pass.steps().vector(r, t) : r);
  }
}
