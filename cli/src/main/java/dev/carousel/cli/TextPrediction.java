package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.data.Vocabulary;
import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.kernel.Functions;
import dev.carousel.model.Encoding;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a model says of texts, each from a zero state. */
interface TextPrediction {

  /** What is said of one text, for people and for programs. */
  record Answer(String line, Map<String, Object> json) {}

  /** The answers to some texts, in their order. */
  List<Answer> answers(List<String> texts);

  /**
   * The predictions of a model on texts.
   *
   * @throws IllegalArgumentException if the model does not read texts
   */
  static TextPrediction of(Path directory, Predictor predictor, Workers workers, int top) {
    Model model = predictor.model();
    return switch (model.encoding().task()) {
      case TEXT_CLASSIFICATION -> new OfLabels(directory, predictor, workers, top);
      case CHARACTER_LANGUAGE_MODEL -> new OfNextCharacter(predictor, top);
      case IMAGE_CLASSIFICATION, CUSTOM ->
          throw new IllegalArgumentException(Tasks.refusal("predict", directory, model));
    };
  }

  /** The label of a text. */
  final class OfLabels implements TextPrediction {
    private final ParallelScores scores;
    private final Vocabulary vocabulary;
    private final LabelNames names;
    private final int top;

    private OfLabels(Path directory, Predictor predictor, Workers workers, int top) {
      Encoding encoding = predictor.model().encoding();
      Tasks.requireClassifier("predict", directory, predictor.model());
      this.scores = new ParallelScores(predictor, workers);
      this.vocabulary = Objects.requireNonNull(encoding.vocabulary());
      this.names = LabelNames.of(predictor.model());
      this.top = top;
    }

    @Override
    public List<Answer> answers(List<String> texts) {
      List<int[]> tokens = texts.stream().map(vocabulary::encode).toList();
      float[][] found =
          scores.of(Sequences.ofTokens(tokens, vocabulary.size(), new Targets.None()));
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < found.length; i++) {
        Ranking ranking = Ranking.of(found[i], top);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("text", texts.get(i));
        json.putAll(names.json(ranking));
        answers.add(
            new Answer(Figures.oneLine(texts.get(i)) + "\t" + ranking.line(names::shown), json));
      }
      return answers;
    }
  }

  /** How likely a text is, and how it goes on. */
  final class OfNextCharacter implements TextPrediction {
    private final Model model;
    private final Session session;
    private final Vocabulary vocabulary;
    private final int top;

    private OfNextCharacter(Predictor predictor, int top) {
      this.model = predictor.model();
      this.session = predictor.session();
      this.vocabulary = Objects.requireNonNull(model.encoding().vocabulary());
      this.top = top;
    }

    @Override
    public List<Answer> answers(List<String> texts) {
      return texts.stream().map(this::answer).toList();
    }

    private Answer answer(String text) {
      int[] tokens = vocabulary.encode(text);
      State state = model.initialState();
      double nats = 0;
      float[] next = {};
      for (int t = 0; t < tokens.length; t++) {
        // The first character has nothing before it to be predicted from.
        nats -= t == 0 ? 0 : Functions.log(next[tokens[t]]);
        next = session.step(tokens[t], state);
      }
      double mean = tokens.length < 2 ? Double.NaN : nats / (tokens.length - 1);
      Ranking ranking = Ranking.of(next, top);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("text", text);
      json.put("natsPerCharacter", mean);
      json.put("next", ranking.json("character", vocabulary::symbol));
      String shown = Double.isNaN(mean) ? "-" : Figures.share(mean);
      return new Answer(
          Figures.oneLine(text)
              + "\t"
              + shown
              + " nats per character\t"
              + ranking.line(this::shown),
          json);
    }

    private String shown(int token) {
      return token == Vocabulary.UNKNOWN ? "unknown" : Figures.quoted(vocabulary.symbol(token));
    }
  }
}
