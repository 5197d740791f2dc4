package dev.carousel.benchmarks;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.network.Cell;
import dev.carousel.network.Input;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What all sides of a row are given: a network, its parameters, and a few batches of sequences of
 * equal length.
 *
 * @param parameters to start from; whoever trains copies them
 * @param data {@code batches x batchSize} sequences: the first batch, the second and so on
 * @param timeSteps of every sequence
 */
record Task(Parameters parameters, Sequences data, int timeSteps, int batchSize) {
  private static final int BATCHES = 4;
  private static final int CLASSES = 10;

  /** One recurrent layer, last step, dense 10, softmax. */
  static Network classifier(Cell cell, int inputSize, int hiddenSize) {
    return Network.input(inputSize).recurrent(cell, hiddenSize).lastStep().dense(CLASSES).softmax();
  }

  /** An embedding and two LSTM layers of the same size, softmax over all words at every step. */
  static Network wordModel(int words, int size) {
    return Network.tokens(words).embedding(size).lstm(size).lstm(size).dense(words).softmax();
  }

  /** An embedding and an LSTM, softmax over all characters at every step. */
  static Network characterModel(int characters, int embedding, int hidden) {
    return Network.tokens(characters).embedding(embedding).lstm(hidden).dense(characters).softmax();
  }

  /** A {@link #classifier} on random features. */
  static Task classify(Cell cell, int inputSize, int hiddenSize, int timeSteps, int batchSize) {
    Network network = classifier(cell, inputSize, hiddenSize);
    SplittableRandom random = new SplittableRandom(7);
    int sequences = BATCHES * batchSize;
    float[] features = new float[sequences * timeSteps * inputSize];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextDouble(-1, 1);
    }
    Targets targets = new Targets.Classes(classes(random, sequences, CLASSES), CLASSES);
    return new Task(
        start(network, random),
        Sequences.ofFeatures(features, lengths(sequences, timeSteps), inputSize, targets),
        timeSteps,
        batchSize);
  }

  /**
   * A {@link #classify} with a GRU whose update gates are near one: the gradient reaches the first
   * of 784 steps, where it else has vanished after 218 of them.
   */
  static Task remember(int inputSize, int hiddenSize, int timeSteps, int batchSize) {
    Cell gru = new Cell.Gru(Cell.Gru.Reset.AFTER);
    Task task = classify(gru, inputSize, hiddenSize, timeSteps, batchSize);
    ParameterLayout.Slice bias = task.parameters.layout().slice("layers.0.bias_l0");
    for (int i = hiddenSize; i < 2 * hiddenSize; i++) {
      task.parameters.values()[bias.offset() + i] += 5;
    }
    return task;
  }

  /** A {@link #wordModel} or {@link #characterModel} on random tokens, all equally frequent. */
  static Task tokens(Network network, int timeSteps, int batchSize) {
    int words = network.outputSize();
    SplittableRandom random = new SplittableRandom(7);
    int sequences = BATCHES * batchSize;
    int[] tokens = classes(random, sequences * timeSteps, words);
    Targets next = new Targets.StepClasses(classes(random, tokens.length, words), words);
    return new Task(
        start(network, random),
        Sequences.ofTokens(tokens, lengths(sequences, timeSteps), words, next),
        timeSteps,
        batchSize);
  }

  private static int[] classes(SplittableRandom random, int count, int classes) {
    return random.ints(count, 0, classes).toArray();
  }

  private static int[] lengths(int sequences, int timeSteps) {
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, timeSteps);
    return lengths;
  }

  /** Biases are not left at 0: an answer should show whether they are where they belong. */
  private static Parameters start(Network network, SplittableRandom random) {
    Parameters parameters = Parameters.initialize(network, 7);
    for (ParameterLayout.Slice slice : parameters.layout().slices()) {
      if (slice.role() == ParameterLayout.Role.BIAS) {
        for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
          parameters.values()[i] += (float) random.nextDouble(-0.1, 0.1);
        }
      }
    }
    return parameters;
  }

  Network network() {
    return parameters.network();
  }

  int batches() {
    return data.size() / batchSize;
  }

  /** The features of a batch, [timeSteps, batchSize, inputSize]. */
  float[] features(int batch) {
    int inputSize = data.inputSize();
    float[] features = new float[timeSteps * batchSize * inputSize];
    for (int t = 0; t < timeSteps; t++) {
      for (int r = 0; r < batchSize; r++) {
        data.copyFeatures(batch * batchSize + r, t, features, (t * batchSize + r) * inputSize);
      }
    }
    return features;
  }

  /** The tokens of a batch, [timeSteps, batchSize]. */
  long[] tokens(int batch) {
    long[] tokens = new long[timeSteps * batchSize];
    for (int t = 0; t < timeSteps; t++) {
      for (int r = 0; r < batchSize; r++) {
        tokens[t * batchSize + r] = data.token(batch * batchSize + r, t);
      }
    }
    return tokens;
  }

  /**
   * The wanted classes of a batch, [batchSize], or [timeSteps, batchSize] if every step has one.
   */
  int[] classes(int batch) {
    int[] classes = new int[network().perStep() ? timeSteps * batchSize : batchSize];
    for (int i = 0; i < classes.length; i++) {
      int sequence = batch * batchSize + i % batchSize;
      classes[i] =
          data.targets() instanceof Targets.StepClasses steps
              ? steps.of(data.start(sequence) + i / batchSize)
              : ((Targets.Classes) data.targets()).of(sequence);
    }
    return classes;
  }

  /** Floating-point operations of the matrix products of a forward pass over one batch. */
  double forwardFlops() {
    return flops(network(), timeSteps, batchSize, 1, 1);
  }

  /**
   * The same of a training step: forward, gradient of the weights, and gradient of the input, which
   * a first layer on features does without.
   */
  static double trainingFlops(Network network, int timeSteps, int batchSize) {
    int first = network.input() instanceof Input.Features ? 2 : 3;
    return flops(network, timeSteps, batchSize, 3, first);
  }

  private static double flops(
      Network network, int timeSteps, int batchSize, int products, int productsOfFirstInput) {
    double sum = 0;
    for (ParameterLayout.Slice slice : network.parameterLayout().slices()) {
      boolean weight =
          slice.role() == ParameterLayout.Role.WEIGHT
              || slice.role() == ParameterLayout.Role.RECURRENT_WEIGHT;
      if (weight) {
        boolean first = slice.layer() == 0 && slice.role() == ParameterLayout.Role.WEIGHT;
        List<Layer> before = network.layers().subList(0, slice.layer());
        boolean pooled = before.stream().anyMatch(Layer.Pool.class::isInstance);
        double vectors = pooled ? batchSize : (double) batchSize * timeSteps;
        sum += 2 * vectors * slice.size() * (first ? productsOfFirstInput : products);
      }
    }
    return sum;
  }
}
