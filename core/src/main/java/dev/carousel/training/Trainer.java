package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.Kernels;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to train a network. Each call sets one thing; {@link #fit} trains.
 *
 * <pre>{@code
 * Model model = Trainer.of(network)
 *     .optimizer(Adam.withLearningRate(1e-3))
 *     .clipGlobalNorm(5)
 *     .batchSize(64)
 *     .epochs(10)
 *     .seed(7)
 *     .on(Progress.toStderr())
 *     .fit(train, validation);
 * }</pre>
 *
 * <p>The same settings, data and seed give the same bits, on any number of threads, with any
 * kernel, on any Java. Not thread-safe.
 */
public final class Trainer {
  final Network network;
  Optimizer optimizer = Adam.withLearningRate(1e-3);
  Schedule schedule = new Schedule.Constant();
  Clipping clipping = new Clipping.None();
  Penalty penalty = Penalty.NONE;
  @Nullable Truncation truncation;
  @Nullable EarlyStopping earlyStopping;
  int batchSize = 32;
  int epochs = 10;
  long seed = 1;
  int threads = Runtime.getRuntime().availableProcessors();
  boolean shuffle = true;
  @Nullable Kernel kernel;
  Encoding encoding = Encoding.custom();
  String dataDescription = "data given to the trainer";
  final Map<String, String> notes = new LinkedHashMap<>();
  final List<TrainingListener> listeners = new ArrayList<>();
  @Nullable Parameters initial;
  private @Nullable String start;
  @Nullable Path checkpoint;
  Duration checkpointInterval = Duration.ofSeconds(60);

  private Trainer(Network network) {
    this.network = network;
  }

  /** The same settings, of which later calls of this one's methods change nothing. */
  Trainer copy() {
    Trainer copy = new Trainer(network);
    copy.optimizer = optimizer;
    copy.schedule = schedule;
    copy.clipping = clipping;
    copy.penalty = penalty;
    copy.truncation = truncation;
    copy.earlyStopping = earlyStopping;
    copy.batchSize = batchSize;
    copy.epochs = epochs;
    copy.seed = seed;
    copy.threads = threads;
    copy.shuffle = shuffle;
    copy.kernel = kernel;
    copy.encoding = encoding;
    copy.dataDescription = dataDescription;
    copy.notes.putAll(notes);
    copy.listeners.addAll(listeners);
    copy.initial = initial;
    copy.start = start;
    copy.checkpoint = checkpoint;
    copy.checkpointInterval = checkpointInterval;
    return copy;
  }

  /**
   * A trainer with Adam at 1e-3, batches of 32, 10 epochs, seed 1, all processors, and the kernel
   * found.
   */
  public static Trainer of(Network network) {
    return new Trainer(Objects.requireNonNull(network, "trainer: expected a network, got null"));
  }

  /** How parameters follow their gradients. */
  public Trainer optimizer(Optimizer value) {
    optimizer = Objects.requireNonNull(value, "optimizer: expected one, got null");
    return this;
  }

  /**
   * What the optimizer's learning rate is multiplied with as training goes on; constant by default.
   */
  public Trainer schedule(Schedule value) {
    schedule = Objects.requireNonNull(value, "schedule: expected one, got null");
    return this;
  }

  /** Clips by the norm of all gradients together; see {@link Clipping.GlobalNorm}. */
  public Trainer clipGlobalNorm(double limit) {
    return clip(new Clipping.GlobalNorm((float) limit));
  }

  /** What happens to large gradients; nothing by default. */
  public Trainer clip(Clipping value) {
    clipping = value;
    return this;
  }

  /** A penalty on the size of weights; none by default. */
  public Trainer penalty(Penalty value) {
    penalty = value;
    return this;
  }

  /** Truncated back-propagation through time, for networks with scores at every step. */
  public Trainer truncation(Truncation value) {
    truncation = value;
    return this;
  }

  /** Needs validation data. */
  public Trainer earlyStopping(int patience) {
    earlyStopping = new EarlyStopping(patience);
    return this;
  }

  /**
   * Sequences in a batch.
   *
   * @throws IllegalArgumentException if there is not at least 1
   */
  public Trainer batchSize(int value) {
    batchSize = positive("batch size", value);
    return this;
  }

  /**
   * How often all sequences are trained on.
   *
   * @throws IllegalArgumentException if not at least once
   */
  public Trainer epochs(int value) {
    epochs = positive("epochs", value);
    return this;
  }

  /** What all random numbers come from: initial weights, order, dropout. */
  public Trainer seed(long value) {
    seed = value;
    return this;
  }

  /** Changes how long it takes, not what comes out. */
  public Trainer threads(int value) {
    threads = positive("threads", value);
    return this;
  }

  /** Whether every epoch takes the sequences in a new order; otherwise in that of the data. */
  public Trainer shuffle(boolean value) {
    shuffle = value;
    return this;
  }

  /** Changes how long it takes, not what comes out. */
  public Trainer kernel(Kernel value) {
    kernel = value;
    return this;
  }

  /** The one set, or else the one found. */
  Kernel kernel() {
    return kernel == null ? Kernels.chosen().kernel() : kernel;
  }

  /** What the model is to know about its inputs and scores: vocabulary, labels, scaling. */
  public Trainer encoding(Encoding value) {
    encoding = value;
    return this;
  }

  /** What the model's provenance says the data were. */
  public Trainer data(String description) {
    dataDescription = description;
    return this;
  }

  /**
   * A setting outside the trainer, kept in the provenance and compared when a training is resumed.
   *
   * @throws IllegalArgumentException if the trainer has a setting of that name
   */
  public Trainer note(String name, String value) {
    Set<String> taken = ownSettings().keySet();
    if (taken.contains(name)) {
      throw new IllegalArgumentException(
          "note: expected a name that is none of the trainer's settings ("
              + String.join(", ", taken)
              + "), got "
              + name);
    }
    notes.put(name, Objects.requireNonNull(value, "note " + name + ": expected a text, got null"));
    return this;
  }

  /** Adds a listener. */
  public Trainer on(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Starts from these parameters, copied, instead of drawing them.
   *
   * @throws IllegalArgumentException if their names and shapes are not those of the network
   */
  public Trainer startFrom(Parameters parameters) {
    List<String> expected = shapes(network.parameterLayout());
    List<String> given = shapes(parameters.layout());
    if (!given.equals(expected)) {
      throw new IllegalArgumentException(
          "start: expected parameters " + expected + " (the network's), got " + given);
    }
    initial = new Parameters(network, parameters.values().clone());
    start = initial.fingerprint();
    return this;
  }

  private static List<String> shapes(ParameterLayout layout) {
    return layout.slices().stream()
        .map(slice -> slice.name() + " " + slice.rows() + "x" + slice.columns())
        .toList();
  }

  /**
   * Saves the whole state of the training to a file after every epoch and at least every {@code
   * interval}, so that a killed training can be resumed with the same bits.
   *
   * @throws IllegalArgumentException if the interval is negative
   */
  public Trainer checkpoint(Path file, Duration interval) {
    if (interval.isNegative()) {
      throw new IllegalArgumentException(
          "checkpoint: expected an interval of at least 0, got " + interval);
    }
    checkpoint = file;
    checkpointInterval = interval;
    return this;
  }

  /** Trains without validation data. */
  public Model fit(Sequences train) {
    return finish(start(train, null));
  }

  /**
   * Trains to the end.
   *
   * @throws IllegalArgumentException if data and network do not fit each other, or there is no
   *     target
   * @throws DivergedException if a loss or gradient is not finite
   * @throws UncheckedIOException if a checkpoint cannot be written
   */
  public Model fit(Sequences train, Sequences validation) {
    return finish(start(train, validation));
  }

  private static Model finish(TrainingRun prepared) {
    try (TrainingRun run = prepared) {
      run.run(() -> false);
      return run.model();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Prepares a training without starting it, for callers who want to stop or resume it. What this
   * trainer is told afterwards does not change it.
   *
   * @throws IllegalArgumentException if data and network do not fit each other, or there is no
   *     target
   */
  public TrainingRun start(Sequences train, @Nullable Sequences validation) {
    return new TrainingRun(this, train, validation);
  }

  /**
   * The digest that a training on these data records in {@code Provenance.dataSha256}: whether two
   * trainings saw the same lengths, inputs and targets, bit by bit.
   */
  public static String dataSha256(Sequences train, @Nullable Sequences validation) {
    DataDigest digest = new DataDigest().add(train);
    return (validation == null ? digest : digest.add(validation)).hex();
  }

  /** Everything that the resulting bits depend on, except the data: by name, as text. */
  Map<String, String> settings() {
    Map<String, String> settings = ownSettings();
    settings.putAll(notes);
    return settings;
  }

  private Map<String, String> ownSettings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("network", describe(network));
    settings.put("optimizer", optimizer.toString());
    settings.put("schedule", schedule.toString());
    settings.put("clipping", clipping.toString());
    settings.put("penalty", penalty.toString());
    settings.put("truncation", truncation == null ? "none" : truncation.toString());
    settings.put("early stopping", earlyStopping == null ? "none" : earlyStopping.toString());
    settings.put("batch size", Integer.toString(batchSize));
    settings.put("epochs", Integer.toString(epochs));
    settings.put("seed", Long.toString(seed));
    settings.put("shuffle", Boolean.toString(shuffle));
    if (start != null) {
      settings.put("start", start);
    }
    return settings;
  }

  private static String describe(Network network) {
    return network.input() + " " + network.layers() + " " + network.head();
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value);
    }
    return value;
  }
}
