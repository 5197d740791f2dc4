package dev.carousel.model;

import dev.carousel.data.Labels;
import dev.carousel.data.Scaling;
import dev.carousel.data.Vocabulary;
import dev.carousel.network.Input;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A trained network with all that is needed to use it: parameters, encoding, provenance and
 * metrics. Immutable and safe to share between threads.
 *
 * <p>Saved as a directory:
 *
 * <pre>
 * config.json         version of the format, network, encoding, fingerprint, SHA-256 of the files below
 * model.safetensors   parameters, named and shaped as PyTorch's, but for biases and peepholes
 * vocabulary.json     symbols by token, if there are any
 * labels.json         names by class, if there are any
 * provenance.json     what it was trained on, how and with what
 * metrics.csv         figures of each epoch
 * README.md           all of this for people; not read back
 * </pre>
 */
public final class Model {
  private final Parameters parameters;
  private final Encoding encoding;
  private final Provenance provenance;
  private final List<EpochMetrics> metrics;
  private final String fingerprint;
  private final int stateSize;

  /**
   * A model of the network that the parameters belong to.
   *
   * @param parameters copied
   * @param metrics by epoch
   * @throws IllegalArgumentException if vocabulary, labels or scaling do not fit the network
   */
  public Model(
      Parameters parameters, Encoding encoding, Provenance provenance, List<EpochMetrics> metrics) {
    check(parameters.network(), encoding);
    this.parameters = parameters.copy();
    this.encoding = encoding;
    this.provenance = provenance;
    this.metrics = List.copyOf(metrics);
    this.fingerprint = this.parameters.fingerprint();
    Network network = parameters.network();
    this.stateSize = network.canStep() ? network.stateLayout().size() : 0;
  }

  private static void check(Network network, Encoding encoding) {
    Vocabulary vocabulary = encoding.vocabulary();
    if (vocabulary != null) {
      if (!(network.input() instanceof Input.Tokens tokens)) {
        throw new IllegalArgumentException(
            "vocabulary: expected a network on tokens, got one on features");
      }
      if (tokens.count() != vocabulary.size()) {
        throw new IllegalArgumentException(
            "vocabulary: expected "
                + tokens.count()
                + " symbols (the network's tokens), got "
                + vocabulary.size());
      }
      if (encoding.task() == Encoding.Task.CHARACTER_LANGUAGE_MODEL
          && network.outputSize() != vocabulary.size()) {
        throw new IllegalArgumentException(
            "vocabulary: expected "
                + network.outputSize()
                + " symbols (the network's scores), got "
                + vocabulary.size());
      }
    }
    Labels labels = encoding.labels();
    if (labels != null && labels.size() != network.outputSize()) {
      throw new IllegalArgumentException(
          "labels: expected "
              + network.outputSize()
              + " names (the network's scores), got "
              + labels.size());
    }
    Scaling scaling = encoding.scaling();
    if (scaling != null) {
      int size = network.input() instanceof Input.Features features ? features.size() : 0;
      if (scaling.inputSize() != size) {
        throw new IllegalArgumentException(
            "scaling: expected "
                + size
                + " features (the network's input), got "
                + scaling.inputSize());
      }
    }
  }

  /** What is computed. */
  public Network network() {
    return parameters.network();
  }

  /** The parameters; they are shared and must not be written to. */
  public Parameters parameters() {
    return parameters;
  }

  /** {@link Parameters#fingerprint()}, computed once: what a state is checked against. */
  public String fingerprint() {
    return fingerprint;
  }

  /** What its inputs and scores mean. */
  public Encoding encoding() {
    return encoding;
  }

  /** Where it comes from. */
  public Provenance provenance() {
    return provenance;
  }

  /** The figures of each epoch, in order; unmodifiable. */
  public List<EpochMetrics> metrics() {
    return metrics;
  }

  /**
   * A new state of zeros: nothing has been seen yet.
   *
   * @throws IllegalStateException if a layer is bidirectional: it needs the whole sequence
   */
  public State initialState() {
    return new State(fingerprint, new float[stateSize()]);
  }

  /**
   * A state from {@link State#toBytes()}.
   *
   * @throws IllegalArgumentException if the bytes are damaged or belong to another model
   * @throws IllegalStateException if a layer is bidirectional: it needs the whole sequence
   */
  public State stateFromBytes(byte[] bytes) {
    return State.fromBytes(bytes, fingerprint, stateSize());
  }

  private int stateSize() {
    return network().canStep() ? stateSize : network().stateLayout().size();
  }

  /**
   * Saves into a directory that holds no model yet.
   *
   * @see #save(Path, boolean)
   */
  public void save(Path directory) throws IOException {
    save(directory, false);
  }

  /**
   * Saves into a directory.
   *
   * <p>A directory that does not exist appears with all its files at once. In one that exists, all
   * files are written to the disk in a directory {@code .carousel-replacement} within it, which
   * appears at once; from then on they are the model, for {@link #load} too. They are then moved to
   * their places one by one; files of other names, such as the checkpoint of the training, stay. So
   * a failure, or a process killed at any moment, leaves the old or the new model. The next save
   * finishes what a killed one has begun. Threads may save into one directory at the same time,
   * processes must not.
   *
   * @param replace whether a model that is already there may be replaced
   * @throws java.nio.file.FileAlreadyExistsException if there is a model and {@code replace} is
   *     false, or a file of such a name that is no model's
   * @throws IOException if a file cannot be written, naming it
   */
  public void save(Path directory, boolean replace) throws IOException {
    ModelDirectory.save(this, directory, replace);
  }

  /**
   * Loads a model that was saved.
   *
   * @throws ModelFormatException if a file is damaged, of another version, or does not fit the
   *     others
   * @throws java.nio.file.NoSuchFileException if the directory or one of its files is missing
   * @throws IOException if a file cannot be read
   */
  public static Model load(Path directory) throws IOException {
    return ModelDirectory.load(directory);
  }
}
