package dev.carousel.inference;

import dev.carousel.execution.Activations;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.RowRange;
import dev.carousel.execution.Scores;
import dev.carousel.execution.Workers;
import dev.carousel.model.Model;
import dev.carousel.network.Head;
import dev.carousel.network.Input;
import dev.carousel.network.State;
import java.util.Arrays;

/**
 * Runs a model one input at a time. It remembers nothing: the {@link State} that goes in is
 * overwritten with what comes out, and belongs to the caller.
 *
 * <pre>{@code
 * Session session = Predictor.of(model).session();
 * State memory = model.initialState();
 * float[] scores = session.step(event, memory);
 * }</pre>
 *
 * <p>One thread calls; a session with a team of threads steps many sequences at once with all of
 * them, and {@link #close} ends the others. A step allocates nothing: the scores are in an array
 * that the next step overwrites.
 */
public final class Session implements AutoCloseable {
  /** Fewer sequences than this for each thread are not worth waking it. */
  private static final int LEAST_SHARE = 8;

  private static final State[] NONE = {};

  private final Model model;
  private final CompiledNetwork compiled;
  private final NetworkPass pass;
  private final Workers workers;
  private final RowRange[] ranges;
  private final Workers.Task shares = this::share;
  private State[] states = NONE;
  private final Head head;
  private final int inputSize;
  private final int tokenCount;
  private final int outputSize;
  private final int stateSize;
  private final int capacity;
  private final int[] lengths;
  private final float[] scores;
  private final DistinctStates distinct;
  private int rows;

  Session(Model model, CompiledNetwork compiled, int capacity, int threads) {
    if (capacity < 1) {
      throw new IllegalArgumentException("session: expected at least 1 key, got " + capacity);
    }
    this.model = model;
    this.compiled = compiled;
    this.stateSize = model.network().stateLayout().size();
    this.pass = NetworkPass.forInference(compiled);
    this.head = model.network().head();
    this.inputSize = model.network().input() instanceof Input.Features f ? f.size() : 0;
    this.tokenCount = model.network().input() instanceof Input.Tokens t ? t.count() : 0;
    this.outputSize = model.network().outputSize();
    this.capacity = capacity;
    this.lengths = new int[capacity];
    this.scores = new float[capacity * outputSize];
    this.distinct = new DistinctStates(capacity);
    Arrays.fill(lengths, 1);
    this.workers = new Workers(threads);
    this.ranges = RowRange.forWorkers(threads);
    resize(capacity);
  }

  private void resize(int count) {
    if (count != rows) {
      rows = count;
      pass.reserve(lengths, count, team());
      for (int w = 0; w < team(); w++) {
        ranges[w].set(pass.steps(), w);
      }
    }
  }

  /**
   * One input vector of one sequence.
   *
   * @param input {@code inputSize} values
   * @param state what is remembered of the sequence; overwritten
   * @return {@code outputSize} scores, valid until the next step
   * @throws IllegalArgumentException if the input's size is not the network's, or the state is
   *     another model's
   */
  public float[] step(float[] input, State state) {
    checkFeatures(input.length == inputSize, input.length, inputSize);
    check(state);
    resize(1);
    System.arraycopy(input, 0, pass.inputs().values(), pass.inputs().index(0), inputSize);
    pass.loadState(0, state.values(), 0);
    run(ranges[0]);
    pass.storeState(0, 1, state.values(), 0);
    return scores;
  }

  /** One token of one sequence; as {@link #step(float[], State)}. */
  public float[] step(int token, State state) {
    checkToken(token);
    check(state);
    resize(1);
    pass.tokens()[0] = token;
    pass.loadState(0, state.values(), 0);
    run(ranges[0]);
    pass.storeState(0, 1, state.values(), 0);
    return scores;
  }

  /**
   * One input vector of each of several independent sequences.
   *
   * @param inputs at least {@code count x inputSize} values
   * @param states one for each sequence, each with values of its own; overwritten
   * @param count at most the session's number of keys
   * @return {@code count x outputSize} scores, valid until the next step
   * @throws IllegalArgumentException if an input does not fit, a state is another model's, or two
   *     sequences have the same state, in which one of them would be lost
   */
  public float[] step(float[] inputs, State[] states, int count) {
    checkCount(count, states.length);
    checkFeatures(inputs.length >= count * inputSize, inputs.length, count * inputSize);
    resize(count);
    Activations to = pass.inputs();
    System.arraycopy(inputs, 0, to.values(), to.index(0), count * inputSize);
    stepAll(states, count);
    return scores;
  }

  /**
   * One token of each of several independent sequences; as {@link #step(float[], State[], int)}.
   */
  public float[] step(int[] tokens, State[] states, int count) {
    checkCount(count, states.length);
    if (tokens.length < count) {
      throw new IllegalArgumentException(
          "input: expected " + count + " tokens (one for each state), got " + tokens.length);
    }
    resize(count);
    for (int r = 0; r < count; r++) {
      checkToken(tokens[r]);
      pass.tokens()[r] = tokens[r];
    }
    stepAll(states, count);
    return scores;
  }

  private void stepAll(State[] given, int count) {
    distinct.check(given, count);
    for (int r = 0; r < count; r++) {
      check(given[r]);
    }
    states = given;
    if (team() == 1) {
      share(0, 1);
    } else {
      workers.run(shares);
    }
    states = NONE;
  }

  /** All members or the caller alone. */
  private int team() {
    return rows < LEAST_SHARE * ranges.length ? 1 : ranges.length;
  }

  private void share(int worker, int count) {
    RowRange range = ranges[worker];
    for (int r = range.from(); r < range.to(); r++) {
      pass.loadState(r, states[r].values(), 0);
    }
    run(range);
    for (int r = range.from(); r < range.to(); r++) {
      pass.storeState(r, 1, states[r].values(), 0);
    }
  }

  private void run(RowRange range) {
    pass.forward(range);
    Activations out = pass.output();
    int vectors = range.to() - range.from();
    int to = range.from() * outputSize;
    System.arraycopy(out.values(), out.index(range.from()), scores, to, vectors * outputSize);
    Scores.apply(compiled.kernel(), head, vectors, outputSize, scores, to);
  }

  /** Ends the other threads of a session that has any; it cannot step afterwards. */
  @Override
  public void close() {
    workers.close();
  }

  /** The model that runs. */
  public Model model() {
    return model;
  }

  private void checkCount(int count, int states) {
    if (count < 1 || count > capacity || count > states) {
      throw new IllegalArgumentException(
          "session: expected 1 to "
              + Math.min(capacity, states)
              + " sequences (its keys and the states given), got "
              + count);
    }
  }

  private void checkFeatures(boolean fits, int given, int expected) {
    if (tokenCount > 0) {
      throw new IllegalArgumentException(
          "input has features but layer 0 (Embedding) expects tokens");
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input has "
              + given
              + " features but layer 0 ("
              + model.network().layers().get(0).label()
              + ") expects "
              + expected);
    }
  }

  private void checkToken(int token) {
    if (tokenCount == 0) {
      throw new IllegalArgumentException(
          "input is a token but layer 0 ("
              + model.network().layers().get(0).label()
              + ") expects "
              + inputSize
              + " features");
    }
    if (token < 0 || token >= tokenCount) {
      throw new IllegalArgumentException(
          "token: expected 0 to " + (tokenCount - 1) + ", got " + token);
    }
  }

  private void check(State state) {
    if (!state.fingerprint().equals(model.fingerprint())) {
      throw new IllegalArgumentException(
          "state: expected a state of model "
              + model.fingerprint().substring(0, 12)
              + ", got one of model "
              + state.fingerprint().substring(0, 12));
    }
    if (state.values().length != stateSize) {
      throw new IllegalArgumentException(
          "state: expected " + stateSize + " values, got " + state.values().length);
    }
  }
}
