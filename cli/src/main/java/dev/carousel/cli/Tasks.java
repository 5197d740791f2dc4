package dev.carousel.cli;

import dev.carousel.model.Encoding.Task;
import dev.carousel.model.Model;
import dev.carousel.network.Head;
import dev.carousel.network.Network;
import java.nio.file.Path;
import java.util.Locale;

/** What the commands ask of a model before they use it. */
final class Tasks {
  /** To be among the best five of so many says something. */
  private static final int MORE_THAN = 5;

  /** Whether there are so many classes that being among the best five says something. */
  static boolean hasTopFive(Network network) {
    return network.outputSize() > MORE_THAN;
  }

  private Tasks() {}

  /** What a model is for, in words. */
  static String describe(Task task) {
    return switch (task) {
      case TEXT_CLASSIFICATION -> "a text classifier";
      case CHARACTER_LANGUAGE_MODEL -> "a character language model";
      case IMAGE_CLASSIFICATION -> "an image classifier";
      case CUSTOM -> "a custom model";
    };
  }

  /** Whether a model's labels are codes of languages. */
  static boolean knowsLanguages(Model model) {
    return "languages".equals(model.encoding().options().get("labels"));
  }

  /** Why a command cannot use a model of that task. */
  static String refusal(String command, Path directory, Model model) {
    String expected =
        command.equals("generate")
            ? "a character language model"
            : "a text classifier, a character language model or an image classifier";
    String remedy =
        model.encoding().task() == Task.CUSTOM
            ? "; only the program that made it knows its inputs"
            : "";
    return directory
        + ": "
        + command
        + " expected "
        + expected
        + ", got "
        + describe(model.encoding().task())
        + remedy;
  }

  /**
   * @throws IllegalArgumentException unless the network gives one distribution over the labels for
   *     each sequence
   */
  static void requireClassifier(String command, Path directory, Model model) {
    if (model.network().head() != Head.SOFTMAX || model.network().perStep()) {
      throw new IllegalArgumentException(
          directory
              + ": "
              + command
              + " expected softmax scores once per sequence, got "
              + model.network().head().name().toLowerCase(Locale.ROOT)
              + " scores "
              + (model.network().perStep() ? "at every step" : "once per sequence"));
    }
  }
}
