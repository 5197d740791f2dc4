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
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files of a {@link Model}: what is in each, and how they are checked when read. */
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

  private static final Set<String> CHECKED =
      Set.of(WEIGHTS, LABELS, VOCABULARY, PROVENANCE, METRICS);
  private static final int MAX_TEXT = 1 << 26;

  private final Path directory;

  private ModelDirectory(Path directory) {
    this.directory = directory;
  }

  static void save(Model model, Path directory, boolean replace) throws IOException {
    new ModelSaving(directory, replace).save(staging -> write(model, directory, staging));
  }

  /** Writes all files of a model into a new directory, the configuration last. */
  private static void write(Model model, Path target, Path staging) throws IOException {
    Encoding encoding = model.encoding();
    Map<String, String> digests = new LinkedHashMap<>();
    Path weights = staging.resolve(WEIGHTS);
    Map<String, String> metadata = Map.of("format", "pt", "fingerprint", model.fingerprint());
    SafeTensors.writeNew(
        weights,
        target.resolve(WEIGHTS),
        new TreeMap<>(metadata),
        ParameterFile.tensors(model.parameters()));
    digests.put(WEIGHTS, sha256(weights));
    if (encoding.vocabulary() != null) {
      byte[] bytes = Json.write(encoding.vocabulary().symbols(), true);
      digests.put(VOCABULARY, writeNew(staging, target, VOCABULARY, bytes));
    }
    if (encoding.labels() != null) {
      byte[] bytes = Json.write(encoding.labels().names(), true);
      digests.put(LABELS, writeNew(staging, target, LABELS, bytes));
    }
    byte[] provenance = Json.write(fields(model.provenance()), true);
    digests.put(PROVENANCE, writeNew(staging, target, PROVENANCE, provenance));
    byte[] metrics = MetricsCsv.write(model.metrics()).getBytes(StandardCharsets.UTF_8);
    digests.put(METRICS, writeNew(staging, target, METRICS, metrics));
    String card = ModelCard.of(model, target);
    writeNew(staging, target, CARD, card.getBytes(StandardCharsets.UTF_8));
    writeNew(staging, target, CONFIG, Json.write(config(model, digests), true));
  }

  private static Map<String, Object> config(Model model, Map<String, String> digests) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", FORMAT);
    fields.put("formatVersion", FORMAT_VERSION);
    fields.put("network", NetworkJson.write(model.network()));
    Map<String, Object> encoding = new LinkedHashMap<>();
    encoding.put("task", JsonObject.choice(model.encoding().task()));
    Scaling scaling = model.encoding().scaling();
    if (scaling != null) {
      Map<String, Object> arrays = new LinkedHashMap<>();
      arrays.put("mean", list(scaling.mean()));
      arrays.put("deviation", list(scaling.deviation()));
      encoding.put("scaling", arrays);
    }
    encoding.put("options", model.encoding().options());
    fields.put("encoding", encoding);
    fields.put("fingerprint", model.fingerprint());
    fields.put("sha256", digests);
    return fields;
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  private static Map<String, Object> fields(Provenance provenance) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("data", provenance.data());
    fields.put("dataSha256", provenance.dataSha256());
    fields.put("seed", provenance.seed());
    fields.put("carouselVersion", provenance.carouselVersion());
    fields.put("javaVersion", provenance.javaVersion());
    fields.put("kernel", provenance.kernel());
    fields.put("settings", provenance.settings());
    fields.put("started", provenance.started().toString());
    fields.put("finished", provenance.finished().toString());
    fields.put("wallSeconds", provenance.wallSeconds());
    return fields;
  }

  static Model load(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "expected a model directory, got nothing of that name");
    }
    if (!Files.isDirectory(directory)) {
      throw new ModelFormatException(directory + ": expected a model directory, got a file");
    }
    return new ModelDirectory(directory).load();
  }

  private Model load() throws IOException {
    String source = directory.resolve(CONFIG).toString();
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
      String metricsName = directory.resolve(METRICS).toString();
      String metricsText = new String(checked(METRICS, digests), StandardCharsets.UTF_8);
      List<EpochMetrics> metrics = MetricsCsv.read(metricsName, metricsText);
      Parameters parameters = parameters(network, digests);
      Model model = new Model(parameters, encoding, provenance, metrics);
      if (!model.fingerprint().equals(fingerprint)) {
        throw config.error(
            "fingerprint", model.fingerprint() + " (from network and weights)", fingerprint);
      }
      return model;
    } catch (ArithmeticException e) {
      throw new ModelFormatException(
          source + ": network: expected at most " + Integer.MAX_VALUE + " parameters, got more", e);
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
      throw new ModelFormatException(directory.resolve(reading) + ": " + e.getMessage(), e);
    }
  }

  private Provenance provenance(Map<String, String> digests) throws IOException {
    String source = directory.resolve(PROVENANCE).toString();
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
    Path weights = directory.resolve(WEIGHTS);
    require(weights, CONFIG + " names it");
    SafeTensors.Contents contents = SafeTensors.read(weights);
    Parameters parameters = ParameterFile.read(weights.toString(), network, contents);
    compare(weights, digests.get(WEIGHTS), sha256(weights));
    return parameters;
  }

  private List<String> texts(String name, Map<String, String> digests) throws IOException {
    String source = directory.resolve(name).toString();
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
    compare(directory.resolve(name), digests.get(name), hex(digest().digest(bytes)));
    return bytes;
  }

  private byte[] bytes(String name, String why) throws IOException {
    Path file = directory.resolve(name);
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

  private static String writeNew(Path staging, Path target, String name, byte[] bytes)
      throws IOException {
    AtomicFile.writeDirectly(
        staging.resolve(name),
        target.resolve(name),
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
    return hex(digest().digest(bytes));
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
      byte[] chunk = new byte[1 << 16];
      int count = stream.read(chunk);
      while (count >= 0) {
        count = stream.read(chunk);
      }
    }
    return hex(digest.digest());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
