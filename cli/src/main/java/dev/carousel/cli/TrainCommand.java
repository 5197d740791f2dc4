package dev.carousel.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code carousel train}: what can be trained. */
@Command(
    name = "train",
    description = "Train a model.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TrainLanguagesCommand.class,
      TrainClassifyCommand.class,
      TrainTextCommand.class,
      TrainImagesCommand.class
    })
final class TrainCommand implements Runnable {
  @Spec private @Nullable CommandSpec command;

  @Override
  public void run() {
    if (command != null) {
      throw new ParameterException(
          command.commandLine(),
          "train: expected what to train: "
              + Refusal.choice(java.util.List.copyOf(command.subcommands().keySet()))
              + ", got nothing");
    }
  }
}
