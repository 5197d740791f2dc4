package dev.carousel.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Where a model comes from: what is needed to train it again.
 *
 * @param data what it was trained on, in words
 * @param dataSha256 the SHA-256 digest of the data in hexadecimal; empty if there is none
 * @param seed what all random numbers come from
 * @param carouselVersion of the library that trained it
 * @param javaVersion of the Java that trained it
 * @param kernel the name of the kernel that trained it
 * @param settings of the training by name, in order
 * @param started when the training began
 * @param finished when it ended
 * @param wallSeconds how long it took, pauses between resumed runs left out
 */
public record Provenance(
    String data,
    String dataSha256,
    long seed,
    String carouselVersion,
    String javaVersion,
    String kernel,
    Map<String, String> settings,
    Instant started,
    Instant finished,
    double wallSeconds) {

  /**
   * @throws IllegalArgumentException if the digest is neither empty nor 64 hexadecimal digits, or
   *     the seconds are not finite
   */
  public Provenance {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    if (!dataSha256.isEmpty() && !dataSha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "provenance: expected a data digest of 64 hexadecimal digits or none, got " + dataSha256);
    }
    if (!(wallSeconds >= 0 && wallSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "provenance: expected finite wall seconds of at least 0, got " + wallSeconds);
    }
  }

  /**
   * The provenance of a training that ends now on this Java and this Carousel.
   *
   * @param wallSeconds spent on it so far
   */
  public static Provenance endingNow(
      String data,
      String dataSha256,
      long seed,
      String kernel,
      Map<String, String> settings,
      Instant started,
      double wallSeconds) {
    return new Provenance(
        data,
        dataSha256,
        seed,
        thisCarouselVersion(),
        System.getProperty("java.version", ""),
        kernel,
        settings,
        started,
        Instant.now(),
        wallSeconds);
  }

  /** The provenance of a model that was not trained here, such as an imported one. */
  public static Provenance of(String data) {
    return endingNow(data, "", 0, "none", Map.of(), Instant.now(), 0);
  }

  /** The version of this library; {@code development} if it does not run from its archive. */
  public static String thisCarouselVersion() {
    String resource = "/META-INF/maven/dev.carousel/carousel-core/pom.properties";
    try (InputStream stream = Provenance.class.getResourceAsStream(resource)) {
      if (stream == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " of Carousel's own archive", e);
    }
  }
}
