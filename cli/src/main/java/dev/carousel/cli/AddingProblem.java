package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.data.Tasks;
import dev.carousel.kernel.Kernel;
import dev.carousel.network.Activation;
import dev.carousel.network.BiasInitializer;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.training.Adam;
import dev.carousel.training.Evaluator;
import dev.carousel.training.Progress;
import dev.carousel.training.Schedule;
import dev.carousel.training.Trainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An Elman network, an LSTM and a GRU on the adding problem, before and after training.
 *
 * @param length steps of a sequence
 * @param hidden size of the recurrent layer
 * @param epochs passes over the training sequences; 0 does not train
 * @param trainedOn number of those sequences
 * @param biases how the LSTM's and the GRU's start
 */
record AddingProblem(
    int length, int hidden, int epochs, int trainedOn, BiasInitializer biases, long seed) {
  /** The mean squared error of always predicting the mean, 1. */
  static final double ERROR_OF_THE_MEAN = 1 / 6.0;

  private static final int TESTED_ON = 2_000;
  private static final int MEASURED_ON = 256;
  private static final int BATCH = 50;

  /** Trains and measures; says what it does unless it is to be quiet. */
  List<Remembering> run(Kernel kernel, int threads, OutputOptions output) {
    Sequences train = Tasks.addingProblem(trainedOn, length, seed);
    Sequences test = Tasks.addingProblem(TESTED_ON, length, seed + 1);
    Sequences measured = Tasks.addingProblem(MEASURED_ON, length, seed + 2);
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("Elman", new Layer.Recurrent(new Cell.Elman(Activation.TANH), hidden));
    layers.put("LSTM", new Layer.Recurrent(new Cell.Lstm(), hidden).withBiases(biases));
    Cell gru = new Cell.Gru(Cell.Gru.Reset.AFTER);
    layers.put("GRU", new Layer.Recurrent(gru, hidden).withBiases(biases));
    List<Remembering> found = new ArrayList<>();
    layers.forEach(
        (name, layer) -> {
          Network network = Network.input(2).layer(layer).lastStep().dense(1).linear();
          Map<String, Parameters> moments = new LinkedHashMap<>();
          moments.put("at first", Parameters.initialize(network, seed));
          if (epochs > 0) {
            output.note("training " + name + " on the adding problem, " + length + " steps");
            moments.put("trained", train(network, kernel, threads, output, train, test));
          }
          moments.forEach(
              (moment, parameters) -> {
                double error = Evaluator.evaluate(parameters, kernel, test, threads).loss();
                found.addAll(
                    Remembering.measure(
                        name, moment, error, parameters, kernel, measured, length - 1));
              });
        });
    return found;
  }

  private Parameters train(
      Network network,
      Kernel kernel,
      int threads,
      OutputOptions output,
      Sequences train,
      Sequences test) {
    Trainer trainer =
        Trainer.of(network)
            .optimizer(Adam.withLearningRate(0.005))
            .schedule(new Schedule.Cosine(0, 0.05))
            .clipGlobalNorm(1)
            .batchSize(BATCH)
            .epochs(epochs)
            .seed(seed)
            .kernel(kernel)
            .threads(threads);
    if (!output.quiet()) {
      trainer.on(Progress.toStderr());
    }
    return trainer.fit(train, test).parameters();
  }
}
