package dev.carousel.inference;

import dev.carousel.execution.Activations;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Workers;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import java.util.Arrays;

/**
 * Takes some sequences through one step: their inputs and states in, one call of {@link #run},
 * their states out. For one thread; allocates nothing once it is made.
 */
final class Stepper {
  // However many keys a session has, so few need room at a time; they stay in the nearest caches.
  private static final int FEW = 24;

  private final CompiledNetwork compiled;
  private final NetworkPass pass;
  private final RowRange range = new RowRange();
  private final Network network;
  private final int capacity;

  /**
   * @param most sequences that its caller will ever have at once, at least 1
   */
  Stepper(CompiledNetwork compiled, int most) {
    this.compiled = compiled;
    this.network = compiled.network();
    this.capacity = compiled.isLarge() ? most : Math.min(most, FEW);
    this.pass = NetworkPass.forSteps(compiled);
    int[] lengths = new int[capacity];
    Arrays.fill(lengths, 1);
    pass.reserve(lengths, capacity, 1);
  }

  /** How many sequences it takes at once. */
  int capacity() {
    return capacity;
  }

  /** The inputs of {@code rows} sequences, from the one with number {@code from} on. */
  void take(float[] inputs, int from, int rows) {
    Activations to = pass.inputs();
    int size = to.width();
    System.arraycopy(inputs, from * size, to.values(), to.index(0), rows * size);
  }

  /** The tokens of {@code rows} sequences, from the one with number {@code from} on. */
  void take(int[] tokens, int from, int rows) {
    System.arraycopy(tokens, from, pass.tokens(), 0, rows);
  }

  /** The token of one sequence. */
  void take(int token) {
    pass.tokens()[0] = token;
  }

  /** What the sequence in that row remembers. */
  void load(int row, State state) {
    pass.loadState(row, state.values(), 0);
  }

  /** Before some sequences are stepped, of whichever stepper, by one thread. */
  void alignWeights(int vectors) {
    pass.alignWeights(vectors);
  }

  /** Makes {@link #step} divide large layers between the members of a team. */
  void divide(Workers team) {
    pass.divide(team);
  }

  /** Steps the first {@code rows} rows; their scores go to {@code scores} from {@code at} on. */
  void run(int rows, float[] scores, int at) {
    range.setFirst(pass.steps(), rows);
    pass.forward(range);
    score(rows, scores, at);
  }

  /** {@link #run} of the first row, by the team that it was divided between. */
  void step(float[] scores) {
    pass.step();
    score(1, scores, 0);
  }

  private void score(int rows, float[] scores, int at) {
    Activations out = pass.output();
    int size = out.width();
    System.arraycopy(out.values(), out.index(0), scores, at, rows * size);
    Scores.apply(compiled.kernel(), network.head(), rows, size, scores, at);
  }

  /** What the sequence in that row remembers now. */
  void store(int row, State state) {
    pass.storeState(row, 1, state.values(), 0);
  }
}
