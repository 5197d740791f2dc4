package dev.carousel.model;

import dev.carousel.data.Labels;
import dev.carousel.data.Scaling;
import dev.carousel.data.Vocabulary;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small models for tests. */
final class Models {
  private Models() {}

  /** Tokens to two labels, parameters 0, 1/8, 2/8 and so on. */
  static Model text() {
    Network network =
        Network.tokens(3)
            .layer(
                new dev.carousel.network.Layer.Embedding(
                    2, new dev.carousel.network.Initializer.Uniform(0.05f)))
            .lstm(2)
            .lastStep()
            .dense(2)
            .softmax();
    Encoding encoding =
        Encoding.textClassification(
            new Vocabulary(List.of("\uFFFD", "a", "\u00e9")), new Labels(List.of("no", "yes")));
    return new Model(counting(network), encoding, provenance(), metrics());
  }

  /** Two features to one number, parameters 0, 1/8, 2/8 and so on. */
  static Model features() {
    Network network = Network.input(2).gru(1).lastStep().dense(1).linear();
    Scaling scaling = new Scaling(new float[] {0.5f, -3e-9f}, new float[] {1, 0.1f});
    Encoding encoding =
        new Encoding(Encoding.Task.CUSTOM, null, null, scaling, Map.of("unit", "m/s"));
    return new Model(counting(network), encoding, provenance(), List.of());
  }

  static Parameters counting(Network network) {
    float[] values = new float[network.parameterLayout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 8f;
    }
    return new Parameters(network, values);
  }

  static Provenance provenance() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("optimizer", "adam");
    settings.put("batch size", "64");
    return new Provenance(
        "names | by language",
        "0123456789abcdef".repeat(4),
        7,
        "0.1.0",
        "17.0.19",
        "scalar",
        settings,
        Instant.parse("2026-01-31T12:00:00Z"),
        Instant.parse("2026-01-31T12:01:30.5Z"),
        90.5);
  }

  static List<EpochMetrics> metrics() {
    double none = Double.NaN;
    return List.of(
        new EpochMetrics(1, 0.7, 0.65, 0.5, none, 1e-3, 2.25, 1234.5),
        new EpochMetrics(2, 0.1 + 0.2, 1e-9, 0.875, 1, 5e-4, 1, none));
  }
}
