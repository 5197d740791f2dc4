package dev.carousel.training;

import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.kernel.Kernel;
import dev.carousel.model.Model;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small trainings that use all there is: ragged data, dropout, clipping, penalty, Adam, cosine. */
public final class SmallTrainings {
  private SmallTrainings() {}

  /** A network for every cell, and some for the other layers, pools and heads. */
  public static Map<String, Network> networks() {
    Map<String, Network> networks = new LinkedHashMap<>();
    SmallProblems.cells()
        .forEach(
            (name, cell) ->
                networks.put(
                    name, Network.input(5).recurrent(cell, 7).dropout(0.25).dense(3).softmax()));
    networks.put(
        "embedding, two layers, mean, sigmoid",
        Network.tokens(11)
            .embedding(6)
            .lstm(7)
            .dropout(0.1)
            .gru(5)
            .meanOverTime()
            .dropout(0.1)
            .dense(3)
            .sigmoid());
    networks.put(
        "bidirectional, maximum, linear",
        Network.input(5)
            .bidirectional(new Cell.Lstm(), 6)
            .maxOverTime()
            .dense(4, Activation.TANH)
            .dense(3)
            .linear());
    networks.put(
        "bidirectional sum, last step, softmax",
        Network.input(5)
            .layer(
                new Layer.Bidirectional(
                    new Cell.Gru(Cell.Gru.Reset.AFTER), 6, Layer.Bidirectional.Merge.ADD))
            .lastStep()
            .dense(3)
            .softmax());
    // W_ih of more than 2^16 values: with few rows its products come ahead of the steps.
    networks.put("large input", Network.input(300).lstm(60).lastStep().dense(3).softmax());
    return networks;
  }

  /** Three epochs of eight batches. */
  public static Model train(Network network, Kernel kernel, int threads) {
    return Trainer.of(network)
        .kernel(kernel)
        .threads(threads)
        .optimizer(Adam.withLearningRate(0.02).withWeightDecay(0.01))
        .schedule(new Schedule.Cosine(0.1, 0.05))
        .clipGlobalNorm(0.5)
        .penalty(new Penalty(1e-4f, 1e-3f))
        .batchSize(4)
        .epochs(3)
        .seed(99)
        .fit(SmallProblems.fitting(network, 30, 17), SmallProblems.fitting(network, 11, 18));
  }

  /**
   * Two epochs of two batches so large that the gradients of each are summed in groups.
   *
   * @throws IllegalStateException if they are not
   */
  public static Model trainInGroups(Kernel kernel, int threads) {
    return trainInGroups(
        Network.input(5).lstm(9).gru(7).lastStep().dense(3).softmax(), kernel, threads);
  }

  /** The same of tokens, of which there are far fewer than steps. */
  public static Model trainTokensInGroups(Kernel kernel, int threads) {
    return trainInGroups(
        Network.tokens(11)
            .embedding(6)
            .bidirectional(new Cell.Lstm(), 9)
            .gru(7)
            .lastStep()
            .dense(3)
            .softmax(),
        kernel,
        threads);
  }

  private static Model trainInGroups(Network network, Kernel kernel, int threads) {
    NetworkPass pass =
        NetworkPass.forTraining(new CompiledNetwork(Parameters.initialize(network, 1), kernel));
    int[] lengths = new int[250];
    Arrays.fill(lengths, 4);
    pass.reserve(lengths, lengths.length, threads);
    if (pass.steps().groups() == 1) {
      throw new IllegalStateException("1,000 vectors: expected several groups, got 1");
    }
    return Trainer.of(network)
        .kernel(kernel)
        .threads(threads)
        .batchSize(250)
        .epochs(2)
        .seed(99)
        .fit(SmallProblems.fitting(network, 500, 17), SmallProblems.fitting(network, 11, 18));
  }
}
