package dev.carousel.cli;

import dev.carousel.data.CharacterText;
import dev.carousel.data.IdxImages;
import dev.carousel.data.InvalidDataException;
import dev.carousel.data.LabelledText;
import dev.carousel.data.Labels;
import dev.carousel.data.LanguageNames;
import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.data.Vocabulary;
import dev.carousel.model.Model;
import dev.carousel.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Data as a model's own vocabulary and labels encode it. */
final class EvaluationData {
  private EvaluationData() {}

  /**
   * The data that a model has without being given any: those a languages model was not trained on,
   * from this JDK, split as in its training.
   *
   * @throws CommandLine.ParameterException if the model has none
   * @throws InvalidDataException if this JDK knows other names than the one that trained it, so
   *     that some of the held-out names may have been trained on
   */
  static Sequences ownOf(CommandSpec command, Path directory, Model model, OutputOptions output) {
    if (!Tasks.knowsLanguages(model)) {
      throw Refusal.of(
          command,
          command.name()
              + ": expected data ("
              + directory
              + " is "
              + Tasks.describe(model.encoding().task())
              + "; only one trained by train languages has data of its own), got none");
    }
    output.note("collecting the names the JDK knows");
    LabelledText all = LanguageNames.load();
    LabelledText.Split split = TrainClassifierCommand.split(all, model.provenance().seed());
    Vocabulary vocabulary = Objects.requireNonNull(model.encoding().vocabulary());
    Labels labels = Objects.requireNonNull(model.encoding().labels());
    boolean same = Labels.fit(all.labels()).names().equals(labels.names());
    if (same) {
      Sequences train = split.train().encode(vocabulary, labels);
      Sequences validation = split.validation().encode(vocabulary, labels);
      same = Trainer.dataSha256(train, validation).equals(model.provenance().dataSha256());
    }
    if (!same) {
      throw new InvalidDataException(
          directory
              + ": expected the names it was trained on (those of Java "
              + model.provenance().javaVersion()
              + "), got the other ones of Java "
              + System.getProperty("java.version")
              + "; run it on that Java, or give it data");
    }
    return split.test().encode(vocabulary, labels);
  }

  /**
   * Labelled texts.
   *
   * @throws InvalidDataException if a label is none of the model's, naming it, the file and line
   */
  static Sequences labelledTexts(Path path, Model model) throws IOException {
    LabelledText texts = LabelledText.read(path);
    Labels labels = Objects.requireNonNull(model.encoding().labels());
    for (int i = 0; i < texts.size(); i++) {
      String label = texts.labels().get(i);
      try {
        labels.id(label);
      } catch (InvalidDataException e) {
        String where =
            Files.isDirectory(path)
                ? path.resolve(label + ".txt").toString()
                : path + ", line " + (i + 1);
        throw new InvalidDataException(where + ": " + e.getMessage(), e);
      }
    }
    return texts.encode(Objects.requireNonNull(model.encoding().vocabulary()), labels);
  }

  /** A text as one stream. */
  static Sequences text(Path file, Model model) throws IOException {
    Vocabulary vocabulary = Objects.requireNonNull(model.encoding().vocabulary());
    int[] tokens = vocabulary.encode(CharacterText.read(file));
    if (tokens.length < 2) {
      throw new InvalidDataException(
          file + ": expected at least 2 characters (one to predict the other), got 1");
    }
    return Sequences.tracks(tokens, vocabulary.size(), 1);
  }

  /**
   * A text as tracks of {@code length} characters and a rest below that, each from a zero state.
   */
  static Sequences tracks(Path file, Model model, int length) throws IOException {
    Sequences stream = text(file, model);
    Vocabulary vocabulary = Objects.requireNonNull(model.encoding().vocabulary());
    int rows = Math.max(1, stream.length(0) / length);
    int[] tokens = vocabulary.encode(CharacterText.read(file));
    return Sequences.tracks(tokens, vocabulary.size(), rows);
  }

  /** Labelled images: the test part of a directory, or a file and its labels. */
  static Sequences images(Path path, @Nullable Path labelFile, Model model) throws IOException {
    boolean directory = Files.isDirectory(path);
    if (directory && labelFile != null) {
      throw new InvalidDataException(
          "--labels: expected an IDX file of images as the data, got the directory "
              + path
              + ", which has labels of its own");
    }
    IdxImages images =
        directory
            ? IdxImages.readDirectory(path).test()
            : IdxImages.read(path, labelFile == null ? ImageFiles.labelsBeside(path) : labelFile);
    int classes = Objects.requireNonNull(model.encoding().labels()).size();
    int[] targets = new int[images.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = images.label(i);
      if (targets[i] >= classes) {
        throw new InvalidDataException(
            (directory ? path + ", test part" : path.toString())
                + ", image "
                + i
                + ": expected a class from 0 to "
                + (classes - 1)
                + " (the model has "
                + classes
                + " labels), got "
                + targets[i]);
      }
    }
    return ImageFiles.steps(path, images, model).withTargets(new Targets.Classes(targets, classes));
  }
}
