package dev.carousel.cli;

import dev.carousel.data.LabelledText;
import dev.carousel.data.LanguageNames;
import dev.carousel.model.Encoding;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code carousel train languages}: the data set that every JDK carries. */
@Command(
    name = "languages",
    description =
        "Train on the names of countries, languages and currencies that the JDK knows: from a name"
            + " to its language. Needs no data.",
    mixinStandardHelpOptions = true,
    defaultValueProvider = TrainLanguagesCommand.Settings.class)
final class TrainLanguagesCommand extends TrainClassifierCommand {
  /** The defaults of this command. */
  static final class Settings extends Defaults {
    Settings() {
      super(
          Map.of(
              "--hidden", "256",
              "--embedding", "64",
              "--epochs", "8",
              "--batch", "64",
              "--lr", "0.003",
              "--schedule", "cosine",
              "--dropout", "0.3",
              "--clip-norm", "5",
              "--out", "models/languages"));
    }
  }

  @Override
  LabelledText examples() {
    output().note("collecting the names the JDK knows");
    return LanguageNames.load();
  }

  @Override
  Encoding describe(Encoding encoding) {
    return encoding.withOption("labels", "languages");
  }

  @Override
  String description() {
    return "names of countries, languages and currencies, from the JDK's locale data";
  }
}
