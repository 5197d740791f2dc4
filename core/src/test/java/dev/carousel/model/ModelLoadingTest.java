package dev.carousel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.carousel.network.Network;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read, and every refusal with its names and numbers. */
class ModelLoadingTest {
  @TempDir Path directory;
  private Path text;

  @BeforeEach
  void saved() throws IOException {
    text = directory.resolve("text");
    Models.text().save(text);
  }

  /** The files were written once, by version 0.1.0, and never change. */
  @Test
  void formatVersion1IsRead() throws IOException, URISyntaxException {
    Model texts = Model.load(fixture("version-1-text"));
    assertThat(texts.network())
        .isEqualTo(
            Network.tokens(3)
                .layer(
                    new dev.carousel.network.Layer.Embedding(
                        2, new dev.carousel.network.Initializer.Uniform(0.05f)))
                .lstm(2)
                .lastStep()
                .dense(2)
                .softmax());
    assertThat(texts.parameters().values())
        .hasSize(52)
        .startsWith(0, 0.125f, 0.25f)
        .endsWith(6.375f);
    assertThat(texts.fingerprint())
        .isEqualTo("a7ef5bd54a933d2f81c5c8290e5d4485bcfafbd23b188a866a30b8a367d7b17a");
    assertThat(texts.encoding().vocabulary().encode("\u00e9a?")).containsExactly(2, 1, 0);
    assertThat(texts.encoding().labels().name(1)).isEqualTo("yes");
    assertThat(texts.provenance()).isEqualTo(Models.provenance());
    assertThat(texts.metrics()).isEqualTo(Models.metrics());

    Model features = Model.load(fixture("version-1-features"));
    assertThat(features.network()).isEqualTo(Network.input(2).gru(1).lastStep().dense(1).linear());
    assertThat(features.parameters().values()).hasSize(15).endsWith(1.625f, 1.75f);
    assertThat(features.encoding().scaling().mean()).containsExactly(0.5f, -3e-9f);
    assertThat(features.encoding().scaling().deviation()).containsExactly(1, 0.1f);
    assertThat(features.encoding().options()).isEqualTo(Map.of("unit", "m/s"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"version-1-text", "version-1-features"})
  void formatVersion1IsStillWritten(String name) throws IOException, URISyntaxException {
    Path again = directory.resolve(name);
    Model.load(fixture(name)).save(again);
    for (String file : List.of("config.json", "model.safetensors", "README.md", "metrics.csv")) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(fixture(name).resolve(file));
    }
  }

  @Test
  void missingDirectoriesAndFilesAreNamed() throws IOException {
    Path none = directory.resolve("none");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Model.load(none))
        .withMessage(none + ": expected a model directory, got nothing of that name");
    assertRefused(
        text.resolve("README.md"),
        text.resolve("README.md") + ": expected a model directory, got a file");
    for (String name :
        List.of(
            "vocabulary.json",
            "labels.json",
            "provenance.json",
            "metrics.csv",
            "model.safetensors")) {
      Path moved = directory.resolve("moved");
      Files.move(text.resolve(name), moved);
      assertMissing(name, "expected a file (config.json names it), got none");
      Files.createDirectory(text.resolve(name));
      assertRefused(
          text, text.resolve(name) + ": expected a file (config.json names it), got a directory");
      Files.delete(text.resolve(name));
      Files.move(moved, text.resolve(name));
    }
    Files.delete(text.resolve("config.json"));
    assertMissing("config.json", "expected a file (every model directory has it), got none");
  }

  private void assertMissing(String name, String message) {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessage(text.resolve(name) + ": " + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocabulary.json", "labels.json", "provenance.json", "metrics.csv"})
  void changedFilesAreRefused(String name) throws IOException {
    Path file = text.resolve(name);
    String expected = sha256(file);
    Files.writeString(file, Files.readString(file) + " ");
    assertChangeIsRefused(file, expected);
  }

  private void assertChangeIsRefused(Path file, String expected) throws IOException {
    assertRefused(
        text,
        file
            + ": expected SHA-256 "
            + expected
            + " (from config.json), got "
            + sha256(file)
            + "; the file was changed, or is of another save");
  }

  @Test
  void changedAndCutWeightsAreRefused() throws IOException {
    Path file = text.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    String expected = sha256(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertChangeIsRefused(file, expected);

    seal("model.safetensors", expected);
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessageStartingWith(text.resolve("config.json") + ": fingerprint: expected ")
        .withMessageEndingWith(" (from network and weights), got " + Models.text().fingerprint());

    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));
    assertRefused(
        text, file + ": expected 208 bytes of data (from its header), got 205; the file is cut");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"carousel-model\"|\"keras\"|format: expected \"carousel-model\", got \"keras\"",
        "\"formatVersion\" : 1|\"formatVersion\" : 2|formatVersion: expected 1 (the only one"
            + " Carousel development reads), got 2",
        "\"formatVersion\" : 1|\"formatVersion\" : \"1\"|formatVersion: expected a whole number,"
            + " got \"1\"",
        "\"formatVersion\"|\"version\"|formatVersion: expected a whole number, got no such field",
        "\"lstm\"|\"mamba\"|network.layers[1].cell.type: expected elman, lstm or gru, got \"mamba\"",
        "\"recurrent\"|\"attention\"|network.layers[1].type: expected embedding, recurrent,"
            + " bidirectional, dense, dropout or pool, got \"attention\"",
        "\"glorot\"|\"he\"|network.layers[1].inputWeights.type: expected uniform, glorot,"
            + " orthogonal or constant, got \"he\"",
        "\"tokens\"|\"pixels\"|network.input.type: expected features or tokens, got \"pixels\"",
        "\"head\" : \"softmax\"|\"head\" : \"hinge\"|network.head: expected one of softmax,"
            + " sigmoid, linear, got \"hinge\"",
        "\"kind\" : \"last\"|\"kind\" : 7|network.layers[2].kind: expected a string, got 7",
        "\"peepholes\" : false|\"peepholes\" : 0|network.layers[1].cell.peepholes: expected true"
            + " or false, got 0",
        "\"peepholes\"|\"peephole\"|network.layers[1].cell.peepholes: expected true or false, got"
            + " no such field",
        "\"forgetBias\" : 1|\"forgetBias\" : 1, \"bias\" : 1|network.layers[1].cell.bias: expected"
            + " no field of that name, got one",
        "\"forgetBias\" : 1|\"forgetBias\" : 1e39|network.layers[1].cell.forgetBias: expected a"
            + " number within the range of 32 bits, got 1e39",
        "\"forgetBias\" : 1|\"forgetBias\" : null|network.layers[1].cell.forgetBias: expected a"
            + " number within the range of 32 bits, got null",
        "\"forgetBias\" : 1|\"forgetBias\" : 1, \"forgetBias\" : 2|expected every name once in an"
            + " object, got \"forgetBias\" twice",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 2, \"biases\" : { \"type\" : \"zero\" }"
            + "|network.layers[1].biases.type: expected chrono, got \"zero\"",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 2, \"biases\" : { \"type\" : \"chrono\", \"longest\" : 2 }"
            + "|chrono initializer: expected a longest dependency of at least 3 steps, got 2",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 2.5|network.layers[1].hiddenSize: expected a whole"
            + " number, got 2.5",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 3000000000|network.layers[1].hiddenSize: expected a"
            + " whole number of 32 bits, got 3000000000",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 0|lstm layer: expected a hidden size of at least 1,"
            + " got 0",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 2147483647|network: expected at most 2147483647"
            + " parameters, got more",
        "\"layers\" : [|\"layers\" : [[],|network.layers[0]: expected an object, got an array",
        "\"options\" : { }|\"options\" : []|encoding.options: expected an object, got an array",
        "\"task\" : \"text_classification\"|\"task\" : \"speech\"|encoding.task: expected one of"
            + " text_classification, character_language_model, image_classification, custom, got"
            + " \"speech\"",
        "\"count\" : 3|\"count\" : 4|!model.safetensors: layers.0.weight: expected F32 of shape"
            + " [4, 2], got shape [3, 2]",
        "\"hiddenSize\" : 2|\"hiddenSize\" : 10000|!model.safetensors: layers.1.weight_ih_l0:"
            + " expected F32 of shape [40000, 2], got shape [8, 2]",
        "\"peepholes\" : false|\"peepholes\" : true|!model.safetensors: layers.1.weight_ci_l0:"
            + " expected F32 of shape [2], got no tensor of that name",
        "\"labels.json\"|\"../labels.json\"|sha256: expected files of a model, got"
            + " \"../labels.json\"",
        "\"metrics.csv\"|\"labels.json \"|sha256: expected files of a model, got \"labels.json \"",
      })
  void changedConfigurationsAreRefused(String from, String to, String message) throws IOException {
    Path config = text.resolve("config.json");
    String before = Files.readString(config);
    assertThat(before).contains(from);
    Files.writeString(config, before.replaceFirst(java.util.regex.Pattern.quote(from), to));
    assertRefused(
        text,
        message.startsWith("!")
            ? text.resolve(message.substring(1)).toString()
            : config + ": " + message);
  }

  @Test
  void cellsThatWouldComputeSomethingElseAreRefused() throws IOException {
    // The parameters' shapes are the same: only the fingerprint tells.
    edit("config.json", "\"cellClip\" : 0", "\"cellClip\" : 1");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessageStartingWith(text.resolve("config.json") + ": fingerprint: expected ");
  }

  @Test
  void configurationsThatAreNoJsonAreRefused() throws IOException {
    Path config = text.resolve("config.json");
    Files.writeString(config, "weights: 7");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessageStartingWith(config + ": expected JSON, got an error at character ");
    Files.writeString(config, "");
    assertRefused(text, config + ": expected JSON, got an empty document");
    Files.writeString(config, "[]");
    assertRefused(text, config + ": the document: expected an object, got an array");
    Files.write(config, new byte[] {'{', (byte) 0xFF, '}'});
    assertRefused(text, config + ": expected JSON in UTF-8, got other bytes");
    Files.writeString(config, "{\"format\": \"carousel-model\"");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessageStartingWith(config + ": expected JSON, got an error");
  }

  @Test
  void parametersTooManyAreRefused() throws IOException {
    Model model = Models.text();
    List<Tensor> tensors = new ArrayList<>(ParameterFile.tensors(model.parameters()));
    tensors.add(Tensor.of("layers.9.weight", new float[1]));
    SafeTensors.write(text.resolve("model.safetensors"), Map.of(), tensors);
    assertRefused(
        text,
        text.resolve("model.safetensors")
            + ": expected the 6 parameters of the network, got layers.9.weight");
  }

  @Test
  void vocabulariesLabelsAndMetricsHaveToFit() throws IOException {
    rewrite("labels.json", "[\"no\"]");
    assertRefused(
        text,
        text.resolve("config.json") + ": labels: expected 2 names (the network's scores), got 1");
    rewrite("labels.json", "[\"no\", \"no\"]");
    assertRefused(
        text,
        text.resolve("labels.json")
            + ": labels: expected every name once, got \"no\" for class 0 and 1");
    rewrite("labels.json", "[\"no\", 7]");
    assertRefused(text, text.resolve("labels.json") + ": element 1: expected a string, got 7");
    rewrite("labels.json", "{}");
    assertRefused(
        text,
        text.resolve("labels.json")
            + ": the document: expected an array of strings, got an object");
    rewrite("labels.json", "[\"no\", \"yes\"]");
    rewrite("vocabulary.json", "[\"\uFFFD\", \"a\"]");
    assertRefused(
        text,
        text.resolve("config.json")
            + ": vocabulary: expected 3 symbols (the network's tokens), got 2");
    rewrite("vocabulary.json", "[\"a\"]");
    assertRefused(
        text,
        text.resolve("vocabulary.json")
            + ": vocabulary: expected U+FFFD (the unknown) as symbol 0, got U+0061");
  }

  @Test
  void provenanceAndMetricsAreChecked() throws IOException {
    String provenance = Files.readString(text.resolve("provenance.json"));
    rewrite("provenance.json", provenance.replace("2026-01-31T12:00:00Z", "yesterday"));
    assertRefused(
        text,
        text.resolve("provenance.json")
            + ": started: expected a time such as 2026-01-31T12:00:00Z, got \"yesterday\"");
    rewrite("provenance.json", provenance.replace("90.5", "-1"));
    assertRefused(
        text,
        text.resolve("provenance.json")
            + ": provenance: expected finite wall seconds of at least 0, got -1.0");
    rewrite("provenance.json", provenance);
    String metrics = Files.readString(text.resolve("metrics.csv"));
    rewrite("metrics.csv", metrics + "3,1\n");
    assertRefused(text, text.resolve("metrics.csv") + ": line 4: expected 8 fields, got 2");
    rewrite("metrics.csv", metrics + "0,1,2,3,4,5,6,7\n");
    assertRefused(
        text,
        text.resolve("metrics.csv")
            + ": line 4: expected an epoch from 1 and numbers, got 0,1,2,3,4,5,6,7");
    rewrite("metrics.csv", "epoch,loss\n");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(text))
        .withMessageStartingWith(
            text.resolve("metrics.csv") + ": line 1: expected epoch,train_loss,")
        .withMessageEndingWith(", got epoch,loss");
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(ModelLoadingTest.class.getResource(name).toURI());
  }

  private void edit(String name, String from, String to) throws IOException {
    String before = Files.readString(text.resolve(name));
    assertThat(before).contains(from);
    Files.writeString(text.resolve(name), before.replace(from, to));
  }

  /** Writes a file and makes the configuration vouch for it. */
  private void rewrite(String name, String content) throws IOException {
    String before = sha256(text.resolve(name));
    Files.writeString(text.resolve(name), content);
    seal(name, before);
  }

  private void seal(String name, String before) throws IOException {
    edit("config.json", before, sha256(text.resolve(name)));
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(Path directory, String message) {
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Model.load(directory))
        .withMessage(message);
  }
}
