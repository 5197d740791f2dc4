package dev.carousel.cli;

import dev.carousel.cli.TrainingTask.BaselineResult;
import dev.carousel.data.CharacterNgrams;
import dev.carousel.data.CharacterText;
import dev.carousel.data.InvalidDataException;
import dev.carousel.data.Sequences;
import dev.carousel.data.Vocabulary;
import dev.carousel.model.Encoding;
import dev.carousel.network.Network;
import dev.carousel.training.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code carousel train text}: a character language model. The first 90 % of the text are cut into
 * as many tracks as a batch has rows, and every row reads its track from its beginning to its end,
 * the state carried from window to window; the last 10 % are the validation part, in at most 32
 * tracks of 1,000 characters or more, each from a zero state.
 */
@Command(
    name = "text",
    description = "Train a character language model on a text; its last 10 %% are held out.",
    mixinStandardHelpOptions = true,
    defaultValueProvider = TrainTextCommand.Settings.class)
final class TrainTextCommand extends TrainingCommand {
  /** The defaults of this command. */
  static final class Settings extends Defaults {
    Settings() {
      super(
          Map.of(
              "--hidden", "512",
              "--embedding", "64",
              "--epochs", "14",
              "--batch", "64",
              "--lr", "0.003",
              "--schedule", "cosine",
              "--dropout", "0.3",
              "--clip-norm", "1",
              "--window", "64",
              "--out", "models/text"));
    }
  }

  private static final int HELD_OUT = 10;

  /** Of the baseline: on a million characters longer ones do worse. */
  private static final int NGRAM = 5;

  @Parameters(paramLabel = "FILE", description = "The text, UTF-8.")
  private @Nullable Path file;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      description = "Size of a character's vector; default: ${DEFAULT-VALUE}.")
  private int embedding;

  @Option(
      names = "--window",
      paramLabel = "N",
      description =
          "Steps that gradients flow back (truncated back-propagation through time); default:"
              + " ${DEFAULT-VALUE}.")
  private int window;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "Steps between two updates, at most the window; default: the window.")
  private @Nullable Integer stride;

  @Override
  void check() {
    Refusal.unlessBetween(command(), "--embedding", 1, NetworkOptions.LARGEST, embedding);
    Refusal.unlessBetween(command(), "--window", 1, 100_000, window);
    if (stride != null) {
      Refusal.unlessBetween(command(), "--stride", 1, window, stride);
    }
  }

  private static int fewest(int batch) {
    int characters = Math.max(2 * HELD_OUT, 2 * batch);
    while (characters - characters / HELD_OUT < 2 * batch) {
      characters++;
    }
    return characters;
  }

  @Override
  TrainingTask load() throws IOException {
    Path path = Objects.requireNonNull(file);
    int[] codePoints = CharacterText.read(path).codePoints().toArray();
    int held = codePoints.length / HELD_OUT;
    int rest = codePoints.length - held;
    int batch = learning().batch();
    if (held < 2 || rest < 2L * batch) {
      throw new InvalidDataException(
          path
              + ": expected at least "
              + fewest(batch)
              + " characters (2 for each of the "
              + batch
              + " rows of --batch, and 10 % held out), got "
              + codePoints.length);
    }
    String train = new String(codePoints, 0, rest);
    Vocabulary vocabulary = Vocabulary.fit(List.of(train));
    Network network =
        layers()
            .addTo(Network.tokens(vocabulary.size()).embedding(embedding), false)
            .dense(vocabulary.size())
            .softmax();
    int[] tokens = vocabulary.encode(train);
    Sequences tracks = Sequences.tracks(tokens, vocabulary.size(), batch);
    Sequences validation =
        Sequences.tracks(
            vocabulary.encode(new String(codePoints, rest, held)),
            vocabulary.size(),
            Math.max(1, Math.min(32, held / 1000)));
    CharacterNgrams ngrams = CharacterNgrams.fit(tokens, vocabulary.size(), NGRAM);
    return new TrainingTask(
        "characters of " + path.getFileName(),
        network,
        tracks,
        validation,
        null,
        new Truncation(window, stride == null ? window : stride),
        Encoding.characterLanguageModel(vocabulary),
        List.of(
            BaselineResult.ofLanguageModel(
                "ngram", NGRAM + "-gram, interpolated", ngrams.loss(validation))),
        TrainingUnit.characters(batch, tracks.length(0)),
        "generate " + Figures.argument(directory().out().toString()) + " --length 500");
  }
}
