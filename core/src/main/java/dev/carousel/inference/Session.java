package dev.carousel.inference;

import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.Shares;
import dev.carousel.execution.Workers;
import dev.carousel.model.Model;
import dev.carousel.network.Input;
import dev.carousel.network.State;

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
 * them, and {@link #close} ends the others. So it does one sequence, divided by units, where a
 * layer's weights do not fit one core's cache, there is a processor for each thread and the next
 * event comes within 0.1 ms; the others then wait for it without letting go of their processors.
 * The weights of such layers are kept twice more, as values and packed. Of a recurrent layer behind
 * an embedding all tokens' products with the input weights are kept once for a {@link Predictor},
 * if they are not too many, 4 MB at most for each such layer. A step allocates nothing, but for a
 * copy of weights that the collector has moved to where they are read slowly: the scores are in an
 * array that the next step overwrites.
 */
public final class Session implements AutoCloseable {
  /** Fewer sequences than this for each thread are not worth waking it. */
  private static final int LEAST_SHARE = 8;

  private static final State[] NONE = {};
  private static final float[] NO_INPUTS = {};
  private static final int[] NO_TOKENS = {};

  private final Model model;
  private final Workers workers;
  private final Stepper[] steppers;
  private final Shares shares;
  private final Workers.Task checks = this::checkShare;
  private final Workers.Task steps = this::stepParts;
  private final int inputSize;
  private final int tokenCount;
  private final int outputSize;
  private final int stateSize;
  private final int capacity;
  private boolean divided;
  private boolean closed;
  private final float[] scores;
  private final DistinctStates distinct;
  // What the team steps.
  private float[] inputs = NO_INPUTS;
  private int[] tokens = NO_TOKENS;
  private State[] states = NONE;
  private int rows;

  Session(Model model, CompiledNetwork compiled, int capacity, int threads) {
    if (capacity < 1) {
      throw new IllegalArgumentException("session: expected at least 1 key, got " + capacity);
    }
    this.model = model;
    this.stateSize = model.network().stateLayout().size();
    this.inputSize = model.network().input() instanceof Input.Features f ? f.size() : 0;
    this.tokenCount = model.network().input() instanceof Input.Tokens t ? t.count() : 0;
    this.outputSize = model.network().outputSize();
    this.capacity = capacity;
    if ((long) capacity * outputSize > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "session: expected at most "
              + (Integer.MAX_VALUE - 8) / outputSize
              + " keys, whose "
              + outputSize
              + " scores each fit one array, got "
              + capacity);
    }
    this.scores = new float[capacity * outputSize];
    this.distinct = new DistinctStates(capacity);
    this.workers = new Workers(threads);
    this.shares = new Shares(threads);
    this.steppers = new Stepper[threads];
    int share = (capacity + threads - 1) / threads;
    // The caller alone takes all, where there are too few for the team.
    int alone = Math.max(share, LEAST_SHARE * threads - 1);
    steppers[0] = new Stepper(compiled, Math.min(capacity, alone));
    for (int w = 1; w < threads; w++) {
      steppers[w] = new Stepper(compiled, share);
    }
  }

  /**
   * One input vector of one sequence.
   *
   * @param input {@code inputSize} values
   * @param state what is remembered of the sequence; overwritten
   * @return {@code outputSize} scores, valid until the next step
   * @throws IllegalArgumentException if the input's size is not the network's, a feature is not
   *     finite, or the state is another model's
   * @throws IllegalStateException if the session was closed
   */
  public float[] step(float[] input, State state) {
    checkOpen();
    checkFeatures(input.length == inputSize, input.length, inputSize);
    checkFinite(input, 0, 1);
    check(state);
    steppers[0].take(input, 0, 1);
    return stepped(state);
  }

  /** One token of one sequence; as {@link #step(float[], State)}. */
  public float[] step(int token, State state) {
    checkOpen();
    checkToken(token);
    check(state);
    steppers[0].take(token);
    return stepped(state);
  }

  private float[] stepped(State state) {
    Stepper stepper = steppers[0];
    stepper.alignWeights(1);
    stepper.load(0, state);
    if (workers.count() == 1) {
      stepper.run(1, scores, 0);
    } else {
      divide(stepper);
      stepper.step(scores);
    }
    stepper.store(0, state);
    return scores;
  }

  /** Not before there is one sequence to step: it takes the weights of large layers twice more. */
  private void divide(Stepper stepper) {
    if (!divided) {
      stepper.divide(workers);
      divided = true;
    }
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
   * @throws IllegalStateException if the session was closed
   */
  public float[] step(float[] inputs, State[] states, int count) {
    checkCount(count, states.length);
    long needed = (long) count * inputSize;
    checkFeatures(inputs.length >= needed, inputs.length, needed);
    return stepAll(inputs, NO_TOKENS, states, count);
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
    for (int r = 0; r < count; r++) {
      checkToken(tokens[r]);
    }
    return stepAll(NO_INPUTS, tokens, states, count);
  }

  private float[] stepAll(float[] inputs, int[] tokens, State[] states, int count) {
    this.inputs = inputs;
    this.tokens = tokens;
    this.states = states;
    rows = count;
    try {
      // Nothing is overwritten before all is found to be right.
      together(checks);
      distinct.check(states, count);
      steppers[0].alignWeights(count);
      int most = team() * steppers[team() - 1].capacity();
      shares.set(team() * ((count + most - 1) / most), team());
      together(steps);
    } finally {
      this.inputs = NO_INPUTS;
      this.tokens = NO_TOKENS;
      this.states = NONE;
    }
    return scores;
  }

  /** All members, or the caller alone. */
  private int team() {
    return rows < LEAST_SHARE * steppers.length ? 1 : steppers.length;
  }

  private void together(Workers.Task task) {
    if (team() == 1) {
      task.run(0, 1);
    } else {
      workers.run(task);
    }
  }

  /** Where the rows of one part of several begin; they end where the next one's begin. */
  private int firstRow(int part, int parts) {
    return (int) ((long) rows * part / parts);
  }

  private void checkShare(int worker, int count) {
    int from = firstRow(worker, count);
    int to = firstRow(worker + 1, count);
    if (tokenCount == 0) {
      checkFinite(inputs, from, to);
    }
    for (int r = from; r < to; r++) {
      check(states[r]);
    }
    distinct.note(states, from, to);
  }

  private void stepParts(int worker, int count) {
    for (int part = shares.take(worker); part >= 0; part = shares.take(worker)) {
      int from = firstRow(part, shares.parts());
      stepPart(steppers[worker], from, firstRow(part + 1, shares.parts()) - from);
    }
  }

  private void stepPart(Stepper stepper, int from, int count) {
    if (tokenCount > 0) {
      stepper.take(tokens, from, count);
    } else {
      stepper.take(inputs, from, count);
    }
    for (int r = 0; r < count; r++) {
      stepper.load(r, states[from + r]);
    }
    stepper.run(count, scores, from * outputSize);
    for (int r = 0; r < count; r++) {
      stepper.store(r, states[from + r]);
    }
  }

  /** Ends the other threads of a session that has any; none can step afterwards. */
  @Override
  public void close() {
    closed = true;
    workers.close();
  }

  /** The model that runs. */
  public Model model() {
    return model;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(
          "session: expected one that is open, got one that was closed");
    }
  }

  private void checkCount(int count, int states) {
    checkOpen();
    if (count < 1 || count > capacity || count > states) {
      throw new IllegalArgumentException(
          "session: expected 1 to "
              + Math.min(capacity, states)
              + " sequences (its keys and the states given), got "
              + count);
    }
  }

  private void checkFeatures(boolean fits, int given, long expected) {
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

  /** What is no number would stay in the memory of its key for good. */
  private void checkFinite(float[] inputs, int from, int to) {
    if (allFinite(inputs, from * inputSize, to * inputSize)) {
      return;
    }
    for (int i = from * inputSize; i < to * inputSize; i++) {
      if (!Float.isFinite(inputs[i])) {
        throw new IllegalArgumentException(
            "input: expected finite features, got "
                + inputs[i]
                + " as feature "
                + i % inputSize
                + (capacity == 1 ? "" : " of sequence " + i / inputSize));
      }
    }
  }

  /** By products with zero, which need no branch: that took 3 % of one event. */
  private static boolean allFinite(float[] inputs, int from, int to) {
    float even = 0f;
    float odd = 0f;
    int i = from;
    for (; i + 3 < to; i += 4) {
      even += inputs[i] * 0f + inputs[i + 1] * 0f;
      odd += inputs[i + 2] * 0f + inputs[i + 3] * 0f;
    }
    for (; i < to; i++) {
      even += inputs[i] * 0f;
    }
    return even + odd == 0f;
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
