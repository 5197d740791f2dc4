package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.model.Encoding;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  @TempDir Path directory;

  @Test
  void allThereIsToSay() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    CommandRun run = CommandRun.of("inspect", model);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    String summary = TinyModels.classifier().network().summary();
    assertThat(run.out())
        .startsWith(model + ": a text classifier\n\n" + summary + "\n\nPyTorch counts ")
        .contains(
            "input                one of 9 tokens a step\n",
            "scores               3, softmax, once per sequence\n",
            "runs step by step    yes\n",
            "vocabulary           9 symbols, the unknown included\n",
            "labels               3: ham, spam, eggs\n",
            "fingerprint          " + TinyModels.classifier().fingerprint() + "\n",
            "  data                 examples made up\n",
            "  seed                 7\n",
            "  Carousel             0.1.0\n",
            "  Java                 17.0.1\n",
            "  seconds              1.3\n",
            "  epoch                3\n",
            "  training loss        0.5000 nats\n",
            "  accuracy             87.50 %\n",
            "  command              carousel train text\n")
        .doesNotContain("top 5", "layers.0.weight");
  }

  @Test
  void theErrorOfNumbersIsNotInNats() throws IOException {
    assertThat(inspect(Network.input(2).dense(3).linear()))
        .contains("  training loss        0.5000\n")
        .doesNotContain("nats");
  }

  /** The numbers of the convention: 80,384 in Carousel, TensorFlow and Keras, 80,896 in PyTorch. */
  @Test
  void whyPyTorchCountsMore() throws IOException {
    assertThat(inspect(Network.input(28).lstm(128).linear()))
        .contains(
            "PyTorch counts 80,896, 512 more: a second bias vector that is only ever added to the"
                + " first (layer 0 (LSTM): 4 x 128). TensorFlow and Keras count as Carousel"
                + " does.\n");
    assertThat(inspect(Network.input(28).gru(128).linear()))
        .contains(
            "PyTorch counts 60,672, 256 more: a second bias vector that is only ever added to the"
                + " first (layer 0 (GRU (reset after)): 2 x 128). Keras has it in its GRU too.\n");
    assertThat(inspect(Network.input(28).bidirectional(new Cell.Lstm(), 8).linear()))
        .contains("64 more", ": 2 x 4 x 8)");
    Cell peepholes = new Cell.Lstm().withPeepholes();
    assertThat(inspect(Network.input(28).recurrent(peepholes, 128).linear()))
        .contains("80,768")
        .doesNotContain("PyTorch");
    assertThat(inspect(Network.input(2).dense(3).linear())).doesNotContain("PyTorch");
  }

  private String inspect(Network network) throws IOException {
    String model = TinyModels.save(TinyModels.model(network, Encoding.custom(), "none"), directory);
    CommandRun run = CommandRun.of("inspect", model);
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  @Test
  void jsonHasLayersTotalsAndOrigin() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    Map<String, Object> json = ParsedJson.of(CommandRun.of("inspect", model, "--json").out());
    assertThat(json)
        .containsEntry("task", "text_classification")
        .containsEntry("parameters", 9L * 4 + 4 * 8 * (4 + 8 + 1) + 8 * 3 + 3)
        .containsEntry("parametersInPyTorch", 9L * 4 + 4 * 8 * (4 + 8 + 2) + 8 * 3 + 3)
        .containsEntry("stateBytes", 2L * 8 * 4)
        .containsEntry("vocabulary", 9L)
        .containsEntry("labels", List.of("ham", "spam", "eggs"))
        .doesNotContainKey("weights");
    assertThat((List<?>) json.get("layers")).hasSize(4);
    assertThat((Map<?, ?>) json.get("provenance")).extracting("seed").isEqualTo(7L);
    assertThat((Map<?, ?>) json.get("lastEpoch")).extracting("validationLoss").isEqualTo(0.75);
    assertThat(((Map<?, ?>) json.get("lastEpoch")).containsKey("top5")).isFalse();
  }

  @Test
  void weightsHaveTheShapesOfTheFiles() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    Map<String, Object> json =
        ParsedJson.of(CommandRun.of("inspect", model, "--json", "--weights").out());
    List<?> weights = (List<?>) json.get("weights");
    assertThat(weights)
        .extracting(one -> ((Map<?, ?>) one).get("name") + " " + ((Map<?, ?>) one).get("shape"))
        .containsExactly(
            "layers.0.weight [9, 4]",
            "layers.1.weight_ih_l0 [32, 4]",
            "layers.1.weight_hh_l0 [32, 8]",
            "layers.1.bias_l0 [32]",
            "layers.3.weight [3, 8]",
            "layers.3.bias [3]");
    // The forget gate's bias starts at 1, the three others' at 0; all times 4.
    Map<?, ?> bias = (Map<?, ?>) weights.get(3);
    assertThat((double) bias.get("mean")).isEqualTo(1.0);
    assertThat((double) bias.get("deviation")).isCloseTo(Math.sqrt(3), within(1e-12));
    assertThat((double) bias.get("min")).isEqualTo(0.0);
    assertThat((double) bias.get("max")).isEqualTo(4.0);
    assertThat(CommandRun.of("inspect", model, "--weights").out())
        .containsPattern(
            "layers\\.1\\.bias_l0 +\\[32\\] +1\\.000000 +1\\.732051 +0\\.000000 +4\\.000000\n");
  }
}
