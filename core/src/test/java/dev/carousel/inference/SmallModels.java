package dev.carousel.inference;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.Seeds;
import dev.carousel.network.State;
import dev.carousel.training.SmallProblems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;

/** Models with random parameters, biases and peepholes among them, and inputs for them. */
final class SmallModels {
  private SmallModels() {}

  /** Every cell with every way to pool, every head, tokens and several layers. */
  static Map<String, Network> stepping() {
    Map<String, Network> networks = new LinkedHashMap<>();
    SmallProblems.cells()
        .forEach(
            (name, cell) -> {
              networks.put(name, features(cell).dense(3).softmax());
              networks.put(name + ", last", features(cell).lastStep().dense(3).softmax());
              networks.put(name + ", mean", features(cell).meanOverTime().dense(3).sigmoid());
              networks.put(name + ", maximum", features(cell).maxOverTime().dense(3).linear());
              networks.put(
                  name + ", tokens", Network.tokens(4).embedding(3).recurrent(cell, 7).linear());
            });
    networks.put(
        "tokens, three layers",
        Network.tokens(11)
            .embedding(6)
            .lstm(7)
            .dropout(0.5)
            .gru(17)
            .elman(4)
            .meanOverTime()
            .dense(8, dev.carousel.network.Activation.TANH)
            .dense(3)
            .softmax());
    networks.put(
        "tokens at every step", Network.tokens(11).embedding(6).gru(9).dense(11).softmax());
    // More products than are kept.
    networks.put(
        "many tokens", Network.tokens(40_000).embedding(2).lstm(7).lastStep().dense(3).softmax());
    return networks;
  }

  private static Network.Builder features(dev.carousel.network.Cell cell) {
    return Network.input(5).recurrent(cell, 7);
  }

  interface Check {
    void of(Network network);
  }

  static List<DynamicTest> forEachNetwork(Check check) {
    List<DynamicTest> tests = new ArrayList<>();
    stepping()
        .forEach(
            (name, network) -> tests.add(DynamicTest.dynamicTest(name, () -> check.of(network))));
    return tests;
  }

  static float[] step(Session session, Sequences data, int sequence, int t, State state) {
    return data.hasTokens()
        ? session.step(data.token(sequence, t), state)
        : session.step(features(data, sequence, t), state);
  }

  static Model model(Network network, long seed) {
    float[] values =
        SmallProblems.values(
            Seeds.of(seed, Seeds.Purpose.INITIALISATION), network.parameterLayout().size());
    return new Model(
        new Parameters(network, values), Encoding.custom(), Provenance.of("none"), List.of());
  }

  static Predictor predictor(Network network) {
    return Predictor.of(model(network, 4), new ScalarKernel());
  }

  /** Step t of a sequence, as a session takes it. */
  static float[] features(Sequences data, int sequence, int t) {
    float[] features = new float[data.inputSize()];
    data.copyFeatures(sequence, t, features, 0);
    return features;
  }

  /** For each sequence and each of its steps, in that order, the sequence up to that step. */
  static Sequences prefixes(Sequences data) {
    List<int[]> tokens = new ArrayList<>();
    List<float[][]> features = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      for (int length = 1; length <= data.length(i); length++) {
        int[] symbols = new int[length];
        float[][] rows = new float[length][];
        for (int t = 0; t < length; t++) {
          symbols[t] = data.hasTokens() ? data.token(i, t) : 0;
          rows[t] = features(data, i, data.hasTokens() ? 0 : t, data.hasTokens());
        }
        tokens.add(symbols);
        features.add(rows);
      }
    }
    return data.hasTokens()
        ? Sequences.ofTokens(tokens, data.tokenCount(), new Targets.None())
        : Sequences.ofFeatures(features, data.inputSize(), new Targets.None());
  }

  private static float[] features(Sequences data, int sequence, int t, boolean none) {
    return none ? new float[0] : features(data, sequence, t);
  }
}
