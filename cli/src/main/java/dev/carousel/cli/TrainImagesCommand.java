package dev.carousel.cli;

import dev.carousel.cli.TrainingTask.BaselineResult;
import dev.carousel.data.IdxImages;
import dev.carousel.data.Labels;
import dev.carousel.data.Sequences;
import dev.carousel.model.Encoding;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code carousel train images}: each image is read row by row. All training images are trained on,
 * unless the settings need a validation part: then it is the last twelfth of them. The test images
 * are looked at once, at the end.
 */
@Command(
    name = "images",
    description =
        "Train a classifier of images on a folder of IDX files (train-images, train-labels,"
            + " t10k-images, t10k-labels; plain or .gz), each image read row by row.",
    mixinStandardHelpOptions = true,
    defaultValueProvider = TrainImagesCommand.Settings.class)
final class TrainImagesCommand extends TrainingCommand {
  /** The defaults of this command. */
  static final class Settings extends Defaults {
    Settings() {
      super(
          Map.of(
              "--hidden", "128",
              "--epochs", "10",
              "--batch", "64",
              "--lr", "0.002",
              "--schedule", "cosine",
              "--clip-norm", "5",
              "--out", "models/images"));
    }
  }

  private static final int VALIDATION_SHARE = 12;

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private @Nullable Path directory;

  @Option(names = "--bidirectional", description = "Read every image in both directions.")
  private boolean bidirectional;

  @Override
  void check() {}

  @Override
  TrainingTask load() throws IOException {
    Path path = Objects.requireNonNull(directory);
    IdxImages.TrainAndTest images = IdxImages.readDirectory(path);
    Sequences all = images.train().asRows();
    Sequences test = images.test().asRows();
    int held = learning().needsValidation() ? all.size() / VALIDATION_SHARE : 0;
    int kept = all.size() - held;
    int classes = images.train().classCount();
    Network network =
        layers()
            .addTo(Network.input(all.inputSize()), bidirectional)
            .lastStep()
            .dense(classes)
            .softmax();
    Labels labels = new Labels(IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    return new TrainingTask(
        "images of " + path.getFileName(),
        network,
        held == 0 ? all : all.select(IntStream.range(0, kept).toArray()),
        held == 0 ? null : all.select(IntStream.range(kept, all.size()).toArray()),
        test,
        null,
        Encoding.imageClassification(labels, Map.of("images", "rows")),
        List.of(majority(images)),
        TrainingUnit.SEQUENCES,
        "evaluate "
            + Figures.argument(directory().out().toString())
            + " "
            + Figures.argument(path.toString()));
  }

  private static BaselineResult majority(IdxImages.TrainAndTest images) {
    int[] counts = new int[images.train().classCount()];
    for (int i = 0; i < images.train().size(); i++) {
      counts[images.train().label(i)]++;
    }
    int most = 0;
    for (int c = 1; c < counts.length; c++) {
      most = counts[c] > counts[most] ? c : most;
    }
    int right = 0;
    for (int i = 0; i < images.test().size(); i++) {
      right += images.test().label(i) == most ? 1 : 0;
    }
    return BaselineResult.ofClassifier(
        "majority", "majority class", (double) right / images.test().size(), Double.NaN);
  }
}
