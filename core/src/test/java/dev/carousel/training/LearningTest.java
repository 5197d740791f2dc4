package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.data.Tasks;
import dev.carousel.data.Vocabulary;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.Model;
import dev.carousel.network.Network;
import dev.carousel.network.State;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tasks that need a memory, learned to a stated loss in a stated budget. Deterministic: each passes
 * always or never.
 */
class LearningTest {

  private static Trainer trainer(Network network) {
    return Trainer.of(network).kernel(new ScalarKernel()).threads(1).clipGlobalNorm(1).seed(1);
  }

  /** Three symbols of four over five steps; guessing has a loss of ln 4 = 1.386. */
  @Test
  void copyTask() {
    Sequences train = Tasks.copy(512, 4, 3, 5, 1);
    Sequences unseen = Tasks.copy(200, 4, 3, 5, 2);
    Network network = Network.tokens(6).embedding(8).lstm(32).dense(4).softmax();
    Model model =
        trainer(network)
            .optimizer(Adam.withLearningRate(0.02))
            .batchSize(16)
            .epochs(20) // With 15, two seeds of eight were not there yet.
            .fit(train, unseen);
    double loss = model.metrics().get(19).validationLoss();
    double accuracy = model.metrics().get(19).accuracy();
    assertThat(loss).isLessThan(0.005);
    assertThat(accuracy).isEqualTo(1);
  }

  /** After each prefix of unseen strings the legal successors outrank all others. */
  @Test
  void embeddedReberGrammar() {
    Sequences unseen = Tasks.embeddedReber(300, 2);
    Network network = Network.tokens(7).embedding(7).lstm(16).dense(7).sigmoid();
    Model model =
        trainer(network)
            .optimizer(Adam.withLearningRate(0.02))
            .batchSize(8)
            .schedule(new Schedule.Cosine(0, 0.05))
            .epochs(15)
            .fit(Tasks.embeddedReber(600, 1));
    float[][] scores = Predictor.of(model, new ScalarKernel()).scores(unseen);
    int right = 0;
    int solved = 0;
    for (int i = 0; i < unseen.size(); i++) {
      int before = right;
      for (int t = 0; t < unseen.length(i); t++) {
        right += legalOutrank(unseen, i, t, scores[i]) ? 1 : 0;
      }
      solved += right - before == unseen.length(i) ? 1 : 0;
    }
    assertThat(right / (double) unseen.totalSteps()).as("share of steps").isGreaterThan(0.999);
    assertThat(solved).as("whole strings of 300").isGreaterThan(295);
  }

  private static boolean legalOutrank(Sequences data, int sequence, int t, float[] scores) {
    float[] legal = new float[7];
    ((Targets.StepValues) data.targets()).copy(data.start(sequence) + t, legal, 0);
    float lowestLegal = Float.POSITIVE_INFINITY;
    float highestOther = Float.NEGATIVE_INFINITY;
    for (int symbol = 0; symbol < 7; symbol++) {
      float score = scores[7 * t + symbol];
      if (legal[symbol] > 0) {
        lowestLegal = Math.min(lowestLegal, score);
      } else {
        highestOther = Math.max(highestOther, score);
      }
    }
    return lowestLegal > highestOther;
  }

  /** A sentence learned by heart in windows of truncated training, and recited by a session. */
  @Test
  void textByHeart() {
    String text =
        "the cell state goes round and round, unharmed, like a horse of a carousel; "
            + "gates decide who gets on, who gets off and who is seen. ";
    Vocabulary vocabulary = Vocabulary.fit(List.of(text));
    int[] stream = vocabulary.encode(text.repeat(8));
    Network network =
        Network.tokens(vocabulary.size()).embedding(12).lstm(48).dense(vocabulary.size()).softmax();
    Model model =
        trainer(network)
            .optimizer(Adam.withLearningRate(0.01))
            .truncation(Truncation.every(32))
            .batchSize(4)
            .epochs(40)
            .fit(Sequences.tracks(stream, vocabulary.size(), 4));
    assertThat(model.metrics().get(39).trainLoss()).isLessThan(0.02);
    Session session = Predictor.of(model, new ScalarKernel()).session();
    State memory = model.initialState();
    float[] scores = {};
    for (int i = 0; i < 20; i++) {
      scores = session.step(stream[i], memory);
    }
    StringBuilder recited = new StringBuilder(text.substring(0, 20));
    while (recited.length() < 2 * text.length()) {
      int best = 0;
      for (int j = 1; j < vocabulary.size(); j++) {
        best = scores[j] > scores[best] ? j : best;
      }
      recited.append(vocabulary.symbol(best));
      scores = session.step(best, memory);
    }
    assertThat(recited.toString()).isEqualTo(text + text);
  }
}
