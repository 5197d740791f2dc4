package dev.carousel.training;

import dev.carousel.cell.Packing;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.InputCheck;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.Workers;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Parameters;
import dev.carousel.network.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One training, from its start or from a checkpoint to its end or to a stop.
 *
 * <p>All that decides the bits to come is in {@link TrainingState}; order and dropout follow from
 * the seed and the place.
 */
public final class TrainingRun implements AutoCloseable {
  /** How a run ended. */
  public enum Outcome {
    /** All epochs are done. */
    FINISHED,
    /** The validation loss had stopped falling. */
    STOPPED_EARLY,
    /** It was asked to stop; the checkpoint says where. */
    INTERRUPTED
  }

  private final Trainer settings;
  private final Sequences train;
  private final @Nullable Sequences validation;
  private final String dataDigest;
  private final Workers workers;
  private final Parameters parameters;
  private final CompiledNetwork compiled;
  private final Batch batch;
  private final GradientStep gradient;
  private final ParameterUpdate update;
  private final Evaluator evaluator;
  private final TrainingState state;
  private final int stateSize;
  // The order of the sequences in this epoch; its batches, or windows of them, and how many are
  // done, with an update or without.
  private int[] order = {};
  private long stepsOfEpoch;
  private long stepsOfEpochDone;
  private final Instant started = Instant.now();
  private long clock = System.nanoTime();
  private long lastCheckpoint = clock;
  private double lastLoss = Double.NaN;
  private double lastNorm = Double.NaN;

  TrainingRun(Trainer trainer, Sequences train, @Nullable Sequences validation) {
    // The trainer may be set otherwise while this runs.
    this.settings = trainer.copy();
    this.train = train;
    this.validation = validation;
    check("data", train);
    if (validation != null) {
      check("validation data", validation);
    } else if (settings.earlyStopping != null) {
      throw new IllegalArgumentException("early stopping: expected validation data, got none");
    }
    if (settings.truncation != null && !settings.network.perStep()) {
      throw new IllegalArgumentException(
          "truncation: expected a network with scores at every step, got one with scores once per"
              + " sequence");
    }
    // Before there are threads: the layout of a state refuses what cannot be run in windows.
    this.stateSize = settings.truncation == null ? 0 : settings.network.stateLayout().size();
    this.dataDigest = Trainer.dataSha256(train, validation);
    this.workers = new Workers(settings.threads);
    this.parameters =
        settings.initial == null
            ? Parameters.initialize(settings.network, settings.seed)
            : settings.initial.copy();
    this.compiled = new CompiledNetwork(parameters, settings.kernel());
    this.batch = new Batch(train);
    this.gradient = new GradientStep(compiled, workers, batch);
    this.update =
        new ParameterUpdate(
            compiled.kernel(),
            workers,
            parameters,
            gradient.gradients(),
            settings.optimizer,
            settings.clipping,
            settings.penalty);
    this.evaluator = new Evaluator(compiled, workers);
    int rows = Math.min(settings.batchSize, train.size());
    this.state = new TrainingState(parameters, update.moments, rows * stateSize);
  }

  private void check(String name, Sequences data) {
    if (data.size() == 0) {
      throw new IllegalArgumentException(name + ": expected at least one sequence, got none");
    }
    InputCheck.check(settings.network, data);
    Loss.check(settings.network, data.targets());
    if (!Loss.hasTarget(data)) {
      throw new IllegalArgumentException(
          name + ": expected at least one target, got none (all steps are masked)");
    }
  }

  /** The batches of the first so many sequences of the order, or their windows. */
  private long steps(int sequences) {
    Truncation truncation = settings.truncation;
    long count = 0;
    for (long at = 0; at < sequences; at += settings.batchSize) {
      if (truncation == null) {
        count++;
        continue;
      }
      int longest = 0;
      for (int i = (int) at; i < Math.min(sequences, at + settings.batchSize); i++) {
        longest = Math.max(longest, train.length(order[i]));
      }
      count += ((long) longest + truncation.stride() - 1) / truncation.stride();
    }
    return count;
  }

  private int[] order(int epoch) {
    return settings.shuffle
        ? Seeds.permutation(Seeds.of(settings.seed, Seeds.Purpose.SHUFFLING, epoch), train.size())
        : IntStream.range(0, train.size()).toArray();
  }

  /**
   * Continues from the checkpoint file of the settings.
   *
   * @throws IOException if it cannot be read
   * @throws dev.carousel.model.ModelFormatException if it is no checkpoint, one of another version,
   *     or damaged
   * @throws IllegalArgumentException if there is no checkpoint file among the settings, or it was
   *     written with other settings or other data; the message names the first
   */
  public void resume() throws IOException {
    Path file = settings.checkpoint;
    if (file == null) {
      throw new IllegalArgumentException("resume: expected a checkpoint file, got none");
    }
    long[] most = {
      settings.epochs,
      train.size(),
      train.longest(),
      Long.MAX_VALUE,
      1,
      settings.epochs,
      settings.epochs,
      settings.epochs
    };
    Checkpoint.read(file, settings.settings(), dataDigest, most, state);
  }

  /** The epochs that are done. */
  public int epochsDone() {
    return state.epoch;
  }

  /** The number of updates so far. */
  public long stepsDone() {
    return update.moments.step;
  }

  /**
   * Trains on.
   *
   * @param stop asked after every update and again after every epoch; once true, the training is
   *     saved, if a checkpoint file is set, and ends
   * @throws DivergedException if a loss, a gradient or a parameter is not finite; the last
   *     checkpoint stays as it is
   * @throws IOException if a checkpoint cannot be written
   */
  public Outcome run(BooleanSupplier stop) throws IOException {
    clock = System.nanoTime();
    while (state.epoch < settings.epochs && !state.stoppedEarly) {
      if (!epoch(stop)) {
        save();
        return Outcome.INTERRUPTED;
      }
      save();
    }
    return state.stoppedEarly ? Outcome.STOPPED_EARLY : Outcome.FINISHED;
  }

  /** Runs the rest of the current epoch; false if asked to stop within it. */
  private boolean epoch(BooleanSupplier stop) throws IOException {
    order = order(state.epoch);
    stepsOfEpoch = steps(order.length);
    stepsOfEpochDone = steps(state.position);
    if (settings.truncation != null) {
      stepsOfEpochDone += state.windowStart / settings.truncation.stride();
    }
    while (state.position < order.length) {
      int count = Math.min(settings.batchSize, order.length - state.position);
      batch.select(order, state.position, count);
      boolean batchDone = settings.truncation == null ? wholeBatch() : window(settings.truncation);
      stepsOfEpochDone++;
      if (batchDone) {
        state.position += count;
        state.windowStart = 0;
      }
      tell(order.length);
      if (stop.getAsBoolean() && state.position < order.length) {
        return false;
      }
      Duration sinceCheckpoint = Duration.ofNanos(System.nanoTime() - lastCheckpoint);
      if (sinceCheckpoint.compareTo(settings.checkpointInterval) > 0) {
        save();
      }
    }
    endEpoch(order.length);
    return !stop.getAsBoolean() || state.stoppedEarly || state.epoch == settings.epochs;
  }

  private boolean wholeBatch() {
    gradient.open(batch, 0, batch.longest(), 0);
    step();
    return true;
  }

  private boolean window(Truncation truncation) {
    int from = state.windowStart;
    long end = (long) from + truncation.stride();
    boolean last = end >= batch.longest();
    int begin = (int) Math.max(0, end - truncation.window());
    gradient.open(batch, begin, (int) Math.min(end, batch.longest()) - begin, from - begin);
    NetworkPass pass = gradient.pass();
    for (int r = 0; begin > 0 && r < pass.steps().batchSize(); r++) {
      pass.loadState(r, state.carried, r * stateSize);
    }
    step();
    if (last) {
      return true;
    }
    state.windowStart = (int) end;
    int taken = (int) Math.max(0, end + truncation.stride() - truncation.window()) - begin;
    for (int r = 0; taken > 0 && r < pass.steps().batchSize(); r++) {
      if (pass.steps().length(r) >= taken) {
        pass.storeState(r, taken, state.carried, r * stateSize);
      }
    }
    return false;
  }

  private void step() {
    gradient.pass().activateDropout(dropoutKey());
    double loss = gradient.run();
    double weight = gradient.totalWeight();
    if (weight == 0) {
      return;
    }
    double penalty = update.penaltyValue();
    double norm = update.measure();
    lastLoss = loss;
    lastNorm = norm;
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new DivergedException(
          state.epoch + 1, update.moments.step + 1, loss, norm, update.parameterNorm());
    }
    state.lossSum += (loss + penalty) * weight;
    state.lossWeight += weight;
    update.step(norm, learningRate());
  }

  /** An update can leave parameters that are not finite, before any loss shows it. */
  private void checkParameters() {
    double parameterNorm = update.parameterNorm();
    if (!Double.isFinite(parameterNorm)) {
      throw new DivergedException(
          state.epoch + 1, update.moments.step, lastLoss, lastNorm, parameterNorm);
    }
  }

  private long dropoutKey() {
    return Seeds.of(settings.seed, Seeds.Purpose.DROPOUT, update.moments.step).nextLong();
  }

  private double learningRate() {
    return settings.optimizer.learningRate()
        * settings.schedule.factor(
            new Schedule.Place(
                state.epoch * stepsOfEpoch + stepsOfEpochDone,
                stepsOfEpoch,
                settings.epochs,
                state.reductions));
  }

  private void tell(int sequences) {
    if (settings.listeners.isEmpty()) {
      return;
    }
    tick();
    boolean windows = settings.truncation != null;
    long done = windows ? state.windowStart : state.position;
    if (windows && state.windowStart == 0) {
      done = batch.longest();
    }
    long total = windows ? batch.longest() : sequences;
    double rate = state.position / Math.max(1e-9, state.epochSeconds);
    double loss = state.lossSum / Math.max(1e-300, state.lossWeight);
    for (TrainingListener listener : settings.listeners) {
      listener.onStep(state.epoch + 1, done, total, loss, rate);
    }
  }

  private void endEpoch(int sequences) {
    // Before the evaluation: what a sequence costs to train is the training alone.
    tick();
    double trainSeconds = state.epochSeconds;
    checkParameters();
    double rate = learningRate();
    double loss = state.lossWeight == 0 ? Double.NaN : state.lossSum / state.lossWeight;
    Evaluation on = new Evaluation(0, Double.NaN, Double.NaN, Double.NaN);
    if (validation != null) {
      workers.run((worker, count) -> compiled.pack(worker, count, Packing.FORWARD));
      on = evaluator.evaluate(validation);
    }
    tick();
    EpochMetrics metrics =
        new EpochMetrics(
            state.epoch + 1,
            loss,
            on.loss(),
            on.accuracy(),
            on.top5(),
            rate,
            state.epochSeconds,
            sequences / Math.max(1e-9, trainSeconds));
    double judged = validation == null ? loss : on.loss();
    state.endEpoch(metrics, judged, settings.earlyStopping, settings.schedule, parameters.values());
    for (TrainingListener listener : settings.listeners) {
      listener.onEpoch(metrics);
    }
  }

  private void tick() {
    long now = System.nanoTime();
    state.epochSeconds += (now - clock) * 1e-9;
    state.totalSeconds += (now - clock) * 1e-9;
    clock = now;
  }

  private void save() throws IOException {
    if (settings.checkpoint != null) {
      checkParameters();
      tick();
      Checkpoint.write(settings.checkpoint, settings.settings(), dataDigest, state);
      lastCheckpoint = System.nanoTime();
    }
  }

  /**
   * The model as it stands: with early stopping the best epoch's parameters, else the last ones.
   */
  public Model model() {
    float[] best = state.best;
    Parameters chosen =
        best.length == 0 ? parameters : new Parameters(settings.network, best.clone());
    return new Model(
        chosen,
        settings.encoding,
        Provenance.endingNow(
            settings.dataDescription,
            dataDigest,
            settings.seed,
            settings.kernel().name(),
            settings.settings(),
            started,
            state.totalSeconds),
        state.history);
  }

  /** Ends the worker threads. */
  @Override
  public void close() {
    workers.close();
  }
}
