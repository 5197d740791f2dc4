package dev.carousel.cli;

import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the recurrent layers of a network are. */
final class NetworkOptions {
  static final int LARGEST = 16_384;
  private static final int DEEPEST = 64;

  /** The family of a cell. */
  enum CellName {
    ELMAN,
    LSTM,
    GRU
  }

  @Option(
      names = "--cell",
      paramLabel = "NAME",
      defaultValue = "lstm",
      description = "elman, lstm or gru; default: ${DEFAULT-VALUE}.")
  private CellName cell = CellName.LSTM;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      description = "Hidden size of a recurrent layer; default: ${DEFAULT-VALUE}.")
  private int hidden;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Recurrent layers; default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(
      names = "--dropout",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "Dropout after every recurrent layer, in training; default: ${DEFAULT-VALUE}.")
  private double dropout;

  void check(CommandSpec command) {
    Refusal.unlessBetween(command, "--hidden", 1, LARGEST, hidden);
    Refusal.unlessBetween(command, "--layers", 1, DEEPEST, layers);
    Refusal.unless(
        dropout >= 0 && (float) dropout < 1,
        command,
        "--dropout",
        "a rate of at least 0 and at most 0.9999999",
        dropout);
  }

  /** Adds the recurrent layers, each with its dropout. */
  Network.Builder addTo(Network.Builder network, boolean bidirectional) {
    for (int layer = 0; layer < layers; layer++) {
      if (bidirectional) {
        network.bidirectional(cell(), hidden);
      } else {
        network.recurrent(cell(), hidden);
      }
      network.dropout(dropout);
    }
    return network;
  }

  private Cell cell() {
    return switch (cell) {
      case ELMAN -> new Cell.Elman(Activation.TANH);
      case LSTM -> new Cell.Lstm();
      case GRU -> new Cell.Gru(Cell.Gru.Reset.AFTER);
    };
  }
}
