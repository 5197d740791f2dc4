package dev.carousel.cli;

import dev.carousel.data.LabelledText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code carousel train classify}: a data set of the user's own. */
@Command(
    name = "classify",
    description =
        "Train a classifier of texts on a file of lines \"label TAB text\", or on a folder with one"
            + " .txt file per class.",
    mixinStandardHelpOptions = true,
    defaultValueProvider = TrainClassifyCommand.Settings.class)
final class TrainClassifyCommand extends TrainClassifierCommand {
  /** The defaults of this command. */
  static final class Settings extends Defaults {
    Settings() {
      super(
          Map.of(
              "--hidden", "128",
              "--embedding", "64",
              "--epochs", "10",
              "--batch", "32",
              "--lr", "0.003",
              "--schedule", "cosine",
              "--dropout", "0.3",
              "--clip-norm", "5",
              "--out", "models/classify"));
    }
  }

  @Parameters(paramLabel = "DATA", description = "The file or the folder.")
  private @Nullable Path data;

  @Override
  LabelledText examples() throws IOException {
    Path path = Objects.requireNonNull(data);
    return LabelledText.read(path).requireTwoClasses(path.toString());
  }

  @Override
  String description() {
    return "labelled texts of " + Objects.requireNonNull(data).getFileName();
  }
}
