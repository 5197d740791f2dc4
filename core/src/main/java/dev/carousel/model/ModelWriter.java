package dev.carousel.model;

import static dev.carousel.model.ModelDirectory.CARD;
import static dev.carousel.model.ModelDirectory.CONFIG;
import static dev.carousel.model.ModelDirectory.LABELS;
import static dev.carousel.model.ModelDirectory.METRICS;
import static dev.carousel.model.ModelDirectory.PROVENANCE;
import static dev.carousel.model.ModelDirectory.VOCABULARY;
import static dev.carousel.model.ModelDirectory.WEIGHTS;

import dev.carousel.data.Scaling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes the files of a model into an empty directory; errors call them by their later place. */
final class ModelWriter {
  private final Model model;
  private final Path target;
  private final Path staging;
  private final Map<String, String> digests = new LinkedHashMap<>();

  /**
   * @param target where the files will stand
   * @param staging where they are written
   */
  ModelWriter(Model model, Path target, Path staging) {
    this.model = model;
    this.target = target;
    this.staging = staging;
  }

  void write() throws IOException {
    Path weights = staging.resolve(WEIGHTS);
    Map<String, String> metadata = Map.of("format", "pt", "fingerprint", model.fingerprint());
    SafeTensors.writeNew(
        weights,
        target.resolve(WEIGHTS),
        new TreeMap<>(metadata),
        ParameterFile.tensors(model.parameters()));
    digests.put(WEIGHTS, Sha256.of(weights));
    Encoding encoding = model.encoding();
    if (encoding.vocabulary() != null) {
      writeVouched(VOCABULARY, Json.write(encoding.vocabulary().symbols(), true));
    }
    if (encoding.labels() != null) {
      writeVouched(LABELS, Json.write(encoding.labels().names(), true));
    }
    writeVouched(PROVENANCE, Json.write(fields(model.provenance()), true));
    writeVouched(METRICS, MetricsCsv.write(model.metrics()).getBytes(StandardCharsets.UTF_8));
    write(CARD, ModelCard.of(model, target).getBytes(StandardCharsets.UTF_8));
    write(CONFIG, Json.write(config(), true));
  }

  private void writeVouched(String name, byte[] bytes) throws IOException {
    write(name, bytes);
    digests.put(name, Sha256.of(bytes));
  }

  private void write(String name, byte[] bytes) throws IOException {
    AtomicFile.writeDirectly(
        staging.resolve(name),
        target.resolve(name),
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  private Map<String, Object> config() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", ModelDirectory.FORMAT);
    fields.put("formatVersion", ModelDirectory.FORMAT_VERSION);
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
}
