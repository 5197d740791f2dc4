package dev.carousel.cli;

import dev.carousel.data.Sequences;
import dev.carousel.model.Encoding;
import dev.carousel.network.Network;
import dev.carousel.training.Truncation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be trained on what.
 *
 * @param data in words, for the provenance
 * @param validation looked at after every epoch
 * @param test looked at once, at the end
 * @param truncation for tracks of a stream; null for whole sequences
 * @param baselines what the network has to beat, measured on the test part, or on the validation
 *     part if that is all there is
 * @param unit what is counted
 * @param usage how the model can be used, as an argument line of {@code carousel}
 */
record TrainingTask(
    String data,
    Network network,
    Sequences train,
    @Nullable Sequences validation,
    @Nullable Sequences test,
    @Nullable Truncation truncation,
    Encoding encoding,
    List<BaselineResult> baselines,
    TrainingUnit unit,
    String usage) {

  /**
   * How well a model without a network does on the held-out part.
   *
   * @param key in JSON
   * @param name for people
   * @param accuracy NaN for one that was not measured
   * @param top5 NaN where it means nothing
   * @param loss nats per character; NaN for a classifier that gives no probabilities
   */
  record BaselineResult(String key, String name, double accuracy, double top5, double loss) {
    static BaselineResult ofClassifier(String key, String name, double accuracy, double top5) {
      return new BaselineResult(key, name, accuracy, top5, Double.NaN);
    }

    static BaselineResult ofLanguageModel(String key, String name, double loss) {
      return new BaselineResult(key, name, Double.NaN, Double.NaN, loss);
    }
  }
}
