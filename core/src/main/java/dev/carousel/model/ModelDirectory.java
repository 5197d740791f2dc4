package dev.carousel.model;

import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Labels;
import dev.carousel.data.Scaling;
import dev.carousel.data.Vocabulary;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link Model}: where they stand, what is in each, and how they are checked when
 * read.
 *
 * <p>They stand in the model's directory. A save that replaces a model puts all new files, in one
 * move, into a directory within it; from then on that is the model. Its files are then moved out,
 * one by one, and each counts wherever it stands, so that the model is whole at any moment.
 */
final class ModelDirectory {
  static final String FORMAT = "carousel-model";
  static final int FORMAT_VERSION = 1;
  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String LABELS = "labels.json";
  static final String VOCABULARY = "vocabulary.json";
  static final String PROVENANCE = "provenance.json";
  static final String METRICS = "metrics.csv";
  static final String CARD = "README.md";

  /** In the order in which they are moved; the first says which are no longer of the model. */
  static final List<String> FILES =
      List.of(CONFIG, WEIGHTS, VOCABULARY, LABELS, PROVENANCE, METRICS, CARD);

  /** Within the model's directory; not there unless a save is under way or was killed. */
  static final String REPLACEMENT = ".carousel-replacement";

  private static final Set<String> CHECKED =
      Set.of(WEIGHTS, LABELS, VOCABULARY, PROVENANCE, METRICS);
  private static final int MAX_TEXT = 1 << 26;

  private final Path directory;

  private ModelDirectory(Path directory) {
    this.directory = directory;
  }

  static void save(Model model, Path directory, boolean replace) throws IOException {
    new ModelSaving(directory, replace)
        .save(staging -> new ModelWriter(model, directory, staging).write());
  }

  static Model load(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "expected a model directory, got nothing of that name");
    }
    if (!Files.isDirectory(directory)) {
      throw new ModelFormatException(directory + ": expected a model directory, got a file");
    }
    ModelDirectory files = new ModelDirectory(directory);
    while (true) {
      List<Object> before = moment(directory);
      try {
        return files.load();
      } catch (ModelFormatException | NoSuchFileException e) {
        // Another thread or process may be replacing the model meanwhile.
        if (moment(directory).equals(before)) {
          throw e;
        }
      }
    }
  }

  /** The file of that name: in the replacement as long as it has not been moved out of it. */
  static Path find(Path directory, String name) {
    Path replacing = directory.resolve(REPLACEMENT).resolve(name);
    return Files.exists(replacing) ? replacing : directory.resolve(name);
  }

  private Path find(String name) {
    return find(directory, name);
  }

  /** Differs from an earlier one if a file has been replaced since. */
  private static List<Object> moment(Path directory) throws IOException {
    List<Object> moment = new ArrayList<>();
    for (String name : FILES) {
      Path file = find(directory, name);
      moment.add(file);
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        moment.add(attributes.lastModifiedTime());
        moment.add(attributes.size());
        moment.add(String.valueOf(attributes.fileKey()));
      } catch (NoSuchFileException e) {
        moment.add("none");
      }
    }
    return moment;
  }

  private Model load() throws IOException {
    String source = find(CONFIG).toString();
    byte[] bytes = bytes(CONFIG, "every model directory has it");
    JsonObject config = JsonObject.of(source, "", Json.parse(source, ByteBuffer.wrap(bytes)));
    checkVersion(config);
    try {
      Map<String, String> digests = digests(config);
      Network network = NetworkJson.read(config.object("network"));
      String fingerprint = config.text("fingerprint");
      Encoding encoding = encoding(config.object("encoding"), digests);
      config.end();
      Provenance provenance = provenance(digests);
      String metricsName = find(METRICS).toString();
      String metricsText = new String(checked(METRICS, digests), StandardCharsets.UTF_8);
      List<EpochMetrics> metrics = MetricsCsv.read(metricsName, metricsText);
      Parameters parameters = parameters(network, digests);
      Model model = new Model(parameters, encoding, provenance, metrics);
      if (!model.fingerprint().equals(fingerprint)) {
        throw config.error(
            "fingerprint", model.fingerprint() + " (from network and weights)", fingerprint);
      }
      return model;
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source + ": " + e.getMessage(), e);
    }
  }

  private static void checkVersion(JsonObject config) {
    if (!config.text("format").equals(FORMAT)) {
      throw config.error("format", "\"" + FORMAT + "\"", "\"" + config.text("format") + "\"");
    }
    int version = config.integer("formatVersion");
    if (version != FORMAT_VERSION) {
      throw config.error(
          "formatVersion",
          FORMAT_VERSION
              + " (the only one Carousel "
              + Provenance.thisCarouselVersion()
              + " reads)",
          Integer.toString(version));
    }
  }

  private static Map<String, String> digests(JsonObject config) {
    Map<String, String> digests = config.texts("sha256");
    for (String name : digests.keySet()) {
      if (!CHECKED.contains(name)) {
        throw config.error("sha256", "files of a model", "\"" + name + "\"");
      }
    }
    for (String name : List.of(WEIGHTS, PROVENANCE, METRICS)) {
      if (!digests.containsKey(name)) {
        throw config.error("sha256", "a digest of " + name, "none");
      }
    }
    return digests;
  }

  private Encoding encoding(JsonObject fields, Map<String, String> digests) throws IOException {
    Encoding.Task task = fields.choice("task", Encoding.Task.class);
    Scaling scaling = null;
    Vocabulary vocabulary = null;
    Labels labels = null;
    String reading = CONFIG;
    try {
      if (fields.has("scaling")) {
        JsonObject arrays = fields.object("scaling");
        scaling = new Scaling(arrays.numbers("mean"), arrays.numbers("deviation"));
        arrays.end();
      }
      Map<String, String> options = fields.texts("options");
      fields.end();
      reading = VOCABULARY;
      if (digests.containsKey(VOCABULARY)) {
        vocabulary = new Vocabulary(texts(VOCABULARY, digests));
      }
      reading = LABELS;
      if (digests.containsKey(LABELS)) {
        labels = new Labels(texts(LABELS, digests));
      }
      return new Encoding(task, vocabulary, labels, scaling, options);
    } catch (InvalidDataException e) {
      throw new ModelFormatException(find(reading) + ": " + e.getMessage(), e);
    }
  }

  private Provenance provenance(Map<String, String> digests) throws IOException {
    String source = find(PROVENANCE).toString();
    Object value = Json.parse(source, ByteBuffer.wrap(checked(PROVENANCE, digests)));
    JsonObject fields = JsonObject.of(source, "", value);
    Instant started = instant(fields, "started");
    Instant finished = instant(fields, "finished");
    try {
      Provenance provenance =
          new Provenance(
              fields.text("data"),
              fields.text("dataSha256"),
              fields.longInteger("seed"),
              fields.text("carouselVersion"),
              fields.text("javaVersion"),
              fields.text("kernel"),
              fields.texts("settings"),
              started,
              finished,
              fields.doubleNumber("wallSeconds"));
      fields.end();
      return provenance;
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(source + ": " + e.getMessage(), e);
    }
  }

  private static Instant instant(JsonObject fields, String name) {
    String text = fields.text(name);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw fields.error(name, "a time such as 2026-01-31T12:00:00Z", "\"" + text + "\"");
    }
  }

  private Parameters parameters(Network network, Map<String, String> digests) throws IOException {
    Path weights = find(WEIGHTS);
    require(weights, CONFIG + " names it");
    SafeTensors.Contents contents = SafeTensors.read(weights);
    Parameters parameters = ParameterFile.read(weights.toString(), network, contents);
    compare(weights, digests.get(WEIGHTS), Sha256.of(weights));
    return parameters;
  }

  private List<String> texts(String name, Map<String, String> digests) throws IOException {
    String source = find(name).toString();
    Object value = Json.parse(source, ByteBuffer.wrap(checked(name, digests)));
    if (!(value instanceof List<?> elements)) {
      throw JsonObject.wrong(source, "the document", "an array of strings", value);
    }
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof String text)) {
        throw JsonObject.wrong(source, "element " + texts.size(), "a string", element);
      }
      texts.add(text);
    }
    return texts;
  }

  private byte[] checked(String name, Map<String, String> digests) throws IOException {
    byte[] bytes = bytes(name, CONFIG + " names it");
    compare(find(name), digests.get(name), Sha256.of(bytes));
    return bytes;
  }

  private byte[] bytes(String name, String why) throws IOException {
    Path file = find(name);
    require(file, why);
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] bytes = stream.readNBytes(MAX_TEXT + 1);
      if (bytes.length > MAX_TEXT) {
        throw new ModelFormatException(
            file + ": expected at most " + MAX_TEXT + " bytes, got more");
      }
      return bytes;
    }
  }

  private static void require(Path file, String why) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "expected a file (" + why + "), got none");
    }
    if (Files.isDirectory(file)) {
      throw new ModelFormatException(file + ": expected a file (" + why + "), got a directory");
    }
  }

  private static void compare(Path file, @Nullable String expected, String got) {
    if (!got.equals(expected)) {
      throw new ModelFormatException(
          file
              + ": expected SHA-256 "
              + expected
              + " (from "
              + CONFIG
              + "), got "
              + got
              + "; the file was changed, or is of another save");
    }
  }
}
