package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.carousel.data.Labels;
import dev.carousel.data.Scaling;
import dev.carousel.data.Vocabulary;
import dev.carousel.network.Activation;
import dev.carousel.network.BiasInitializer;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Head;
import dev.carousel.network.Initializer;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelTest {
  @TempDir Path directory;

  static List<Network> networks() {
    List<Network> networks = new ArrayList<>();
    List<Cell> cells = new ArrayList<>();
    for (GateActivation gate : GateActivation.values()) {
      cells.add(new Cell.Lstm().withGateActivation(gate));
    }
    for (Cell.Gru.Reset reset : Cell.Gru.Reset.values()) {
      cells.add(new Cell.Gru(reset));
    }
    cells.add(new Cell.Elman(Activation.TANH));
    cells.add(new Cell.Elman(Activation.RELU));
    cells.add(new Cell.Lstm().withPeepholes());
    cells.add(new Cell.Lstm().withCoupledInputForget());
    cells.add(new Cell.Lstm().withPeepholes().withCoupledInputForget().withCellClip(0.1));
    cells.add(new Cell.Lstm().withForgetBias(-0.0));
    cells.add(new Cell.Lstm().withForgetBias(1 / 3.0).withCellClip(3e30));
    Initializer uniform = new Initializer.Uniform(Float.MIN_VALUE);
    Initializer constant = new Initializer.Constant(16777217 / 3f);
    for (Cell cell : cells) {
      networks.add(
          Network.input(3)
              .layer(new Layer.Recurrent(cell, 2, uniform, constant))
              .meanOverTime()
              .softmax());
      for (Layer.Bidirectional.Merge merge : Layer.Bidirectional.Merge.values()) {
        networks.add(
            Network.input(3).layer(new Layer.Bidirectional(cell, 2, merge)).lastStep().sigmoid());
      }
    }
    BiasInitializer chrono = new BiasInitializer.Chrono(300);
    networks.add(
        Network.input(3)
            .layer(new Layer.Recurrent(new Cell.Lstm(), 2).withBiases(chrono))
            .layer(
                new Layer.Bidirectional(
                        new Cell.Gru(Cell.Gru.Reset.AFTER), 2, Layer.Bidirectional.Merge.ADD)
                    .withBiases(chrono))
            .lastStep()
            .sigmoid());
    for (Activation activation : Activation.values()) {
      networks.add(
          Network.tokens(5)
              .embedding(3)
              .dropout(0.1)
              .gru(2)
              .maxOverTime()
              .dense(4, activation)
              .linear());
    }
    return networks;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyNetworkComesBackEqual(Network network) throws IOException {
    Parameters parameters = Parameters.initialize(network, 3);
    Model model = new Model(parameters, Encoding.custom(), Provenance.of("nothing"), List.of());
    Path target = directory.resolve("m");

    model.save(target);
    Model loaded = Model.load(target);

    assertThat(loaded.network()).isEqualTo(network);
    assertThat(loaded.parameters().values()).containsExactly(parameters.values());
    assertThat(loaded.fingerprint()).isEqualTo(parameters.fingerprint());
    assertThat(loaded.provenance()).isEqualTo(model.provenance());
  }

  @Test
  void everyHeadComesBack() throws IOException {
    for (Head head : Head.values()) {
      Network network = Network.input(1).elman(1).head(head);
      Path target = directory.resolve(head.name());
      Parameters parameters = Parameters.initialize(network, 1);
      new Model(parameters, Encoding.custom(), Provenance.of(""), List.of()).save(target);
      assertThat(Model.load(target).network()).isEqualTo(network);
    }
  }

  @Test
  void whatBelongsToTheNetworkComesBack() throws IOException {
    Model text = Models.text();
    Path target = directory.resolve("a/b/text");
    text.save(target);
    Model loaded = Model.load(target);
    assertThat(loaded.encoding().task()).isEqualTo(Encoding.Task.TEXT_CLASSIFICATION);
    assertThat(loaded.encoding().vocabulary().symbols()).containsExactly("\uFFFD", "a", "\u00e9");
    assertThat(loaded.encoding().labels().names()).containsExactly("no", "yes");
    assertThat(loaded.encoding().scaling()).isNull();
    assertThat(loaded.encoding()).isEqualTo(text.encoding()).hasSameHashCodeAs(text.encoding());
    assertThat(loaded.provenance()).isEqualTo(text.provenance());
    assertThat(loaded.provenance().settings().keySet()).containsExactly("optimizer", "batch size");
    assertThat(loaded.metrics()).isEqualTo(text.metrics());
    assertThat(names(target))
        .containsExactly(
            "README.md",
            "config.json",
            "labels.json",
            "metrics.csv",
            "model.safetensors",
            "provenance.json",
            "vocabulary.json");
    assertThat(names(target.getParent())).containsExactly("text");

    Model features = Models.features();
    features.save(directory.resolve("features"));
    Encoding encoding = Model.load(directory.resolve("features")).encoding();
    assertThat(encoding).isEqualTo(features.encoding());
  }

  @Test
  void matricesAreTransposedInTheFile() throws IOException {
    // layers.0.weight_ih_l0 is kept as [2 inputs, 3 gates * 1] = 0 1 2 / 3 4 5, in eighths.
    Model model = Models.features();
    model.save(directory.resolve("m"));
    SafeTensors.Contents file = SafeTensors.read(directory.resolve("m/model.safetensors"));

    assertThat(file.names())
        .containsExactly(
            "layers.0.weight_ih_l0",
            "layers.0.weight_hh_l0",
            "layers.0.bias_l0",
            "layers.0.bias_hn_l0",
            "layers.2.weight",
            "layers.2.bias");
    assertThat(file.floats("layers.0.weight_ih_l0", 3, 2))
        .containsExactly(0, 0.375f, 0.125f, 0.5f, 0.25f, 0.625f);
    assertThat(file.floats("layers.0.weight_hh_l0", 3, 1)).containsExactly(0.75f, 0.875f, 1f);
    assertThat(file.floats("layers.0.bias_l0", 3)).containsExactly(1.125f, 1.25f, 1.375f);
    assertThat(file.floats("layers.0.bias_hn_l0", 1)).containsExactly(1.5f);
    assertThat(file.floats("layers.2.weight", 1, 1)).containsExactly(1.625f);
    assertThat(file.metadata())
        .containsEntry("format", "pt")
        .containsEntry("fingerprint", model.fingerprint());
  }

  @Test
  void anEmbeddingIsNotTransposed() throws IOException {
    Models.text().save(directory.resolve("m"));
    SafeTensors.Contents file = SafeTensors.read(directory.resolve("m/model.safetensors"));

    assertThat(file.floats("layers.0.weight", 3, 2))
        .containsExactly(0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f);
  }

  @Test
  void theCardTellsWhatTheModelIs() throws IOException {
    Models.text().save(directory.resolve("names"));

    assertThat(Files.readString(directory.resolve("names/README.md")))
        .startsWith("# names\n")
        .contains("tells which of 2 labels it has")
        .contains(Models.text().network().summary())
        .contains("| data | names \\| by language |")
        .contains("| validation accuracy | 87.50 % |")
        .contains("| validation top-5 accuracy | 100.00 % |")
        .contains("| batch size | 64 |")
        .contains("Model.load(Path.of(\"names\"))")
        .contains(Models.text().fingerprint());
  }

  @Test
  void sameModelSameBytes() throws IOException {
    Models.text().save(directory.resolve("1/m"));
    Models.text().save(directory.resolve("2/m"));
    for (String name : names(directory.resolve("1/m"))) {
      assertThat(directory.resolve("1/m").resolve(name))
          .hasSameBinaryContentAs(directory.resolve("2/m").resolve(name));
    }
  }

  @Test
  void laterWritesToTheParametersDoNotReachTheModel() {
    Parameters parameters = Models.counting(Network.input(1).elman(1).linear());
    Model model = new Model(parameters, Encoding.custom(), Provenance.of(""), List.of());
    parameters.values()[0] = 42;
    assertThat(model.parameters().values()[0]).isZero();
    assertThat(model.fingerprint()).isEqualTo(model.parameters().fingerprint());
  }

  @Test
  void statesBelongToTheModel() {
    Model model = Models.text();
    State state = model.initialState();
    assertThat(state.values()).containsExactly(0, 0, 0, 0);
    state.values()[3] = 1.5f;
    assertThat(model.stateFromBytes(state.toBytes())).isEqualTo(state);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Models.features().stateFromBytes(state.toBytes()))
        .withMessage(
            "state: expected a state of model "
                + Models.features().fingerprint().substring(0, 12)
                + ", got one of model "
                + model.fingerprint().substring(0, 12));

    Network both = Network.input(1).bidirectional(new Cell.Lstm(), 1).lastStep().linear();
    Model whole = new Model(Models.counting(both), Encoding.custom(), Provenance.of(""), List.of());
    assertThatIllegalStateException()
        .isThrownBy(whole::initialState)
        .withMessageStartingWith("layer 0 (Bidirectional LSTM) needs the whole sequence");
    assertThatIllegalStateException().isThrownBy(() -> whole.stateFromBytes(new byte[0]));
  }

  @Test
  void encodingsThatDoNotFitTheNetworkAreRefused() {
    Network onTokens = Network.tokens(3).embedding(2).lstm(2).dense(4).softmax();
    Network onFeatures = Network.input(3).lstm(2).dense(4).softmax();
    Vocabulary two = new Vocabulary(List.of("\uFFFD", "a"));
    Vocabulary three = new Vocabulary(List.of("\uFFFD", "a", "b"));
    Labels five = new Labels(List.of("1", "2", "3", "4", "5"));
    Scaling scaling = new Scaling(new float[2], new float[] {1, 1});

    assertRefused(
        onTokens,
        Encoding.characterLanguageModel(two),
        "vocabulary: expected 3 symbols (the network's tokens), got 2");
    assertRefused(
        onTokens,
        Encoding.characterLanguageModel(three),
        "vocabulary: expected 4 symbols (the network's scores), got 3");
    assertRefused(
        onFeatures,
        Encoding.characterLanguageModel(three),
        "vocabulary: expected a network on tokens, got one on features");
    assertRefused(
        onFeatures,
        Encoding.custom(five, null),
        "labels: expected 4 names (the network's scores), got 5");
    assertRefused(
        onFeatures,
        new Encoding(Encoding.Task.CUSTOM, null, null, scaling, Map.of()),
        "scaling: expected 3 features (the network's input), got 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Encoding(Encoding.Task.IMAGE_CLASSIFICATION, null, null, null, Map.of()))
        .withMessage("encoding: expected labels for image_classification, got none");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Encoding(Encoding.Task.CHARACTER_LANGUAGE_MODEL, null, null, null, Map.of()))
        .withMessage("encoding: expected a vocabulary for character_language_model, got none");
  }

  @Test
  void recordsCheckTheirRanges() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EpochMetrics(0, 0, 0, 0, 0, 0, 0, 0))
        .withMessage("metrics: expected an epoch of at least 1, got 0");
    Provenance p = Models.provenance();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Provenance.endingNow("d", "xyz", 1, "scalar", Map.of(), p.started(), 1))
        .withMessage(
            "provenance: expected a data digest of 64 hexadecimal digits or none, got xyz");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Provenance.endingNow("d", "", 1, "scalar", Map.of(), p.started(), Double.NaN))
        .withMessage("provenance: expected finite wall seconds of at least 0, got NaN");
  }

  @Test
  void halfACharacterIsRefusedRatherThanChanged() {
    Encoding encoding = Encoding.custom().withOption("name", "\uD83C");
    Model model =
        new Model(
            Models.counting(Network.input(1).elman(1).linear()),
            encoding,
            Provenance.of(""),
            List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.save(directory.resolve("m")))
        .withMessageContaining("surrogate");
    assertThat(directory).isEmptyDirectory();
  }

  private static void assertRefused(Network network, Encoding encoding, String message) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> new Model(Models.counting(network), encoding, Provenance.of(""), List.of()))
        .withMessage(message);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
