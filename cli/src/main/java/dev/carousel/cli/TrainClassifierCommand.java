package dev.carousel.cli;

import dev.carousel.cli.TrainingTask.BaselineResult;
import dev.carousel.data.Baseline;
import dev.carousel.data.LabelledText;
import dev.carousel.data.Labels;
import dev.carousel.data.MajorityClass;
import dev.carousel.data.NaiveBayesNgrams;
import dev.carousel.data.Vocabulary;
import dev.carousel.model.Encoding;
import dev.carousel.network.Network;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * Trains a classifier of texts, character by character.
 *
 * <p>The texts are split 80 : 10 : 10 by the seed, no text in two parts. The vocabulary is fitted
 * on the training part. The classes are those of all parts: one that stands only in a held-out part
 * is counted as the mistake it is, and said.
 */
abstract class TrainClassifierCommand extends TrainingCommand {
  private static final double HELD_OUT = 0.1;

  /** A character seen once teaches the network what to make of one it does not know. */
  private static final int MINIMUM_COUNT = 2;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      description = "Size of a character's vector; default: ${DEFAULT-VALUE}.")
  private int embedding;

  @Option(names = "--bidirectional", description = "Read every text in both directions.")
  private boolean bidirectional;

  @Override
  void check() {
    Refusal.unlessBetween(command(), "--embedding", 1, NetworkOptions.LARGEST, embedding);
  }

  /** Reads the examples. */
  abstract LabelledText examples() throws IOException;

  /** The examples in words. */
  abstract String description();

  /** Adds to the encoding what a command knows about its labels. */
  Encoding describe(Encoding encoding) {
    return encoding;
  }

  /** How examples are split, in training and whenever the held-out ones are asked for again. */
  static LabelledText.Split split(LabelledText all, long seed) {
    return all.split(HELD_OUT, HELD_OUT, seed);
  }

  @Override
  final TrainingTask load() throws IOException {
    LabelledText all = examples();
    LabelledText.Split split = split(all, learning().seed());
    Labels labels = Labels.fit(all.labels());
    Set<String> unseen = new LinkedHashSet<>(labels.names());
    unseen.removeAll(split.train().labels());
    if (!unseen.isEmpty()) {
      output()
          .note(
              unseen.size()
                  + " of "
                  + labels.size()
                  + " classes have no example in the training part, such as \""
                  + unseen.iterator().next()
                  + "\"");
    }
    Vocabulary vocabulary = Vocabulary.fit(split.train().texts(), MINIMUM_COUNT);
    Network network =
        layers()
            .addTo(Network.tokens(vocabulary.size()).embedding(embedding), bidirectional)
            .lastStep()
            .dense(labels.size())
            .softmax();
    int[] trainIds = labels.ids(split.train().labels());
    return new TrainingTask(
        description(),
        network,
        split.train().encode(vocabulary, labels),
        split.validation().encode(vocabulary, labels),
        split.test().encode(vocabulary, labels),
        null,
        describe(Encoding.textClassification(vocabulary, labels)),
        List.of(
            measure(
                "ngram",
                "n-gram naive Bayes",
                NaiveBayesNgrams.fit(split.train().texts(), trainIds, labels.size()),
                split.test(),
                labels),
            measure(
                "majority",
                "majority class",
                MajorityClass.fit(trainIds, labels.size()),
                split.test(),
                labels)),
        TrainingUnit.SEQUENCES,
        "predict "
            + Figures.argument(directory().out().toString())
            + " \""
            + example(split.test())
            + "\"");
  }

  private static BaselineResult measure(
      String key, String name, Baseline baseline, LabelledText test, Labels labels) {
    int[] ids = labels.ids(test.labels());
    return BaselineResult.ofClassifier(
        key,
        name,
        baseline.accuracy(test.texts(), ids, 1),
        baseline.accuracy(test.texts(), ids, 5));
  }

  /** A text that stands in a command line as it is. */
  private static String example(LabelledText texts) {
    return texts.texts().stream()
        .filter(text -> text.matches("[\\p{L} ]{4,40}"))
        .findFirst()
        .orElse("...");
  }
}
