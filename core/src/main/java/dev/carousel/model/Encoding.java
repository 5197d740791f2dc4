package dev.carousel.model;

import dev.carousel.data.Labels;
import dev.carousel.data.Scaling;
import dev.carousel.data.Vocabulary;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How raw input becomes a network's input, and what its scores mean. Immutable and safe to share
 * between threads.
 *
 * @param task what the model is for
 * @param vocabulary characters to tokens, for a network on tokens
 * @param labels the names of the scores
 * @param scaling of the input's features
 * @param options what else a task has to know, such as how an image is cut into steps; kept in
 *     their order
 */
public record Encoding(
    Task task,
    @Nullable Vocabulary vocabulary,
    @Nullable Labels labels,
    @Nullable Scaling scaling,
    Map<String, String> options) {

  /** What a model is for. */
  public enum Task {
    /** A text to one of some labels. */
    TEXT_CLASSIFICATION,
    /** The characters so far to the next one; the vocabulary names the scores. */
    CHARACTER_LANGUAGE_MODEL,
    /** An image to one of some labels. */
    IMAGE_CLASSIFICATION,
    /** What the caller makes of it. */
    CUSTOM
  }

  /**
   * @throws IllegalArgumentException if the task needs a vocabulary or labels and has none
   */
  public Encoding {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    boolean text = task == Task.TEXT_CLASSIFICATION || task == Task.CHARACTER_LANGUAGE_MODEL;
    if (text && vocabulary == null) {
      throw new IllegalArgumentException(
          "encoding: expected a vocabulary for " + JsonObject.choice(task) + ", got none");
    }
    boolean classes = task == Task.TEXT_CLASSIFICATION || task == Task.IMAGE_CLASSIFICATION;
    if (classes && labels == null) {
      throw new IllegalArgumentException(
          "encoding: expected labels for " + JsonObject.choice(task) + ", got none");
    }
  }

  /** Vectors in, scores out, and the caller knows what they mean. */
  public static Encoding custom() {
    return new Encoding(Task.CUSTOM, null, null, null, Map.of());
  }

  /** Vectors in, one of some labels out. */
  public static Encoding custom(Labels labels, @Nullable Scaling scaling) {
    return new Encoding(Task.CUSTOM, null, labels, scaling, Map.of());
  }

  /** A text to one of some labels. */
  public static Encoding textClassification(Vocabulary vocabulary, Labels labels) {
    return new Encoding(Task.TEXT_CLASSIFICATION, vocabulary, labels, null, Map.of());
  }

  /** The characters so far to the next one. */
  public static Encoding characterLanguageModel(Vocabulary vocabulary) {
    return new Encoding(Task.CHARACTER_LANGUAGE_MODEL, vocabulary, null, null, Map.of());
  }

  /** An image to one of some labels. */
  public static Encoding imageClassification(Labels labels, Map<String, String> options) {
    return new Encoding(Task.IMAGE_CLASSIFICATION, null, labels, null, options);
  }

  /** The same with one option more, or another value of it. */
  public Encoding withOption(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(options);
    more.put(name, value);
    return new Encoding(task, vocabulary, labels, scaling, more);
  }
}
