package dev.carousel.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The raw results as JSON: every round of every side, in seconds for one run. */
final class Results {
  private Results() {}

  static void write(
      Path file, Map<String, String> setting, Ceiling ceiling, List<Comparison.Result> results)
      throws IOException {
    try (var writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        JsonGenerator json =
            new JsonFactory().createGenerator(ObjectWriteContext.empty(), writer)) {
      json.writeStartObject();
      for (Map.Entry<String, String> entry : setting.entrySet()) {
        json.writeStringProperty(entry.getKey(), entry.getValue());
      }
      numbers(json, "fmaPeakFlopsByThreads", ceiling.multiplyAdds());
      for (Ceiling.Level level : ceiling.levels()) {
        json.writeObjectPropertyStart(level.name());
        json.writeNumberProperty("bytes", level.bytes());
        json.writeNumberProperty("alignedBytesPerSecond", level.aligned());
        json.writeNumberProperty("unalignedBytesPerSecond", level.unaligned());
        json.writeEndObject();
      }
      json.writeArrayPropertyStart("rows");
      for (Comparison.Result result : results) {
        row(json, result);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void row(JsonGenerator json, Comparison.Result result) {
    Row row = result.row();
    json.writeStartObject();
    json.writeStringProperty("row", row.name());
    json.writeStringProperty("work", row.work());
    json.writeStringProperty("unit", row.unit());
    json.writeNumberProperty("unitsPerRun", row.unitsPerRun());
    if (!Double.isNaN(row.flopsPerRun())) {
      json.writeNumberProperty("flopsPerRun", row.flopsPerRun());
    }
    if (!Double.isNaN(row.bytesPerRun())) {
      json.writeNumberProperty("bytesPerRun", row.bytesPerRun());
    }
    json.writeArrayPropertyStart("sides");
    for (Comparison.Side side : result.sides()) {
      json.writeStartObject();
      json.writeStringProperty("name", side.name());
      json.writeNumberProperty("difference", side.difference());
      if (!Double.isNaN(side.bar())) {
        json.writeNumberProperty("bar", side.bar());
      }
      numbers(json, "secondsPerRun", side.times().secondsPerRun());
      numbers(json, "cores", side.times().cores());
      numbers(json, "others", side.times().others());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void numbers(JsonGenerator json, String name, double[] values) {
    json.writeName(name);
    json.writeArray(values, 0, values.length);
  }
}
