package dev.carousel.cli;

import dev.carousel.data.Labels;
import dev.carousel.data.Vocabulary;
import dev.carousel.model.Encoding;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.model.Provenance;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Models with initial weights, saved: what they say is arbitrary but fixed. */
final class TinyModels {
  static final Vocabulary LETTERS = Vocabulary.fit(List.of("abcde \naü"));
  static final Labels LABELS = new Labels(List.of("ham", "spam", "eggs"));

  private TinyModels() {}

  static Model classifier() {
    Network network =
        Network.tokens(LETTERS.size()).embedding(4).lstm(8).lastStep().dense(3).softmax();
    return model(network, Encoding.textClassification(LETTERS, LABELS), "carousel train text");
  }

  static Model languages() {
    Network network =
        Network.tokens(LETTERS.size()).embedding(4).gru(5).lastStep().dense(2).softmax();
    Encoding encoding =
        Encoding.textClassification(LETTERS, new Labels(List.of("de", "no")))
            .withOption("labels", "languages");
    return model(network, encoding, "carousel train languages");
  }

  static Model languageModel() {
    return languageModel(8);
  }

  static Model languageModel(int hiddenSize) {
    Network network =
        Network.tokens(LETTERS.size())
            .embedding(4)
            .lstm(hiddenSize)
            .dense(LETTERS.size())
            .softmax();
    return model(network, Encoding.characterLanguageModel(LETTERS), "carousel train characters");
  }

  static Model images(int inputSize) {
    Network network = Network.input(inputSize).lstm(6).lastStep().dense(3).softmax();
    return model(network, Encoding.imageClassification(LABELS, Map.of()), "carousel train images");
  }

  static Model custom() {
    return model(Network.input(3).lstm(4).lastStep().dense(1).linear(), Encoding.custom(), "none");
  }

  static Model model(Network network, Encoding encoding, String command) {
    Instant time = Instant.parse("2026-01-31T12:00:00Z");
    Provenance provenance =
        new Provenance(
            "examples made up",
            "",
            7,
            "0.1.0",
            "17.0.1",
            "scalar",
            Map.of("command", command),
            time,
            time,
            1.25);
    Parameters parameters = Parameters.initialize(network, 7);
    // Large enough that the answers differ from input to input.
    for (int i = 0; i < parameters.values().length; i++) {
      parameters.values()[i] *= 4;
    }
    EpochMetrics metrics = new EpochMetrics(3, 0.5, 0.75, 0.875, Double.NaN, 0.001, 1, 100);
    return new Model(parameters, encoding, provenance, List.of(metrics));
  }

  static String save(Model model, Path directory) throws IOException {
    Path target = directory.resolve("model");
    model.save(target, true);
    return target.toString();
  }
}
