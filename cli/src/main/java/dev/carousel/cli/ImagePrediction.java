package dev.carousel.cli;

import dev.carousel.data.IdxImages;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Workers;
import dev.carousel.inference.Predictor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** What a model says of the images of a file, one line for each. */
final class ImagePrediction {
  private static final int AT_ONCE = 256;

  private final Predictor predictor;
  private final Workers workers;
  private final int top;
  private final boolean json;

  ImagePrediction(Path directory, Predictor predictor, Workers workers, int top, boolean json) {
    Tasks.requireClassifier("predict", directory, predictor.model());
    this.predictor = predictor;
    this.workers = workers;
    this.top = top;
    this.json = json;
  }

  void run(Path file, Results results) throws IOException {
    LabelNames names = LabelNames.of(predictor.model());
    Sequences images = ImageFiles.steps(file, IdxImages.readUnlabelled(file), predictor.model());
    ParallelScores scores = new ParallelScores(predictor, workers);
    for (int from = 0; from < images.size(); from += AT_ONCE) {
      int to = Math.min(images.size(), from + AT_ONCE);
      float[][] found = scores.of(images.select(IntStream.range(from, to).toArray()));
      for (int i = 0; i < found.length; i++) {
        Ranking ranking = Ranking.of(found[i], top);
        if (json) {
          Map<String, Object> object = new LinkedHashMap<>();
          object.put("image", from + i);
          object.putAll(names.json(ranking));
          results.json(object);
        } else {
          results.line((from + i) + "\t" + ranking.line(names::shown));
        }
      }
      results.flush();
    }
  }
}
