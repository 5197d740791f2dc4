package dev.carousel.execution;

import dev.carousel.data.Sequences;
import dev.carousel.network.Input;
import dev.carousel.network.Network;

/** Whether a data set's inputs are what a network expects. */
public final class InputCheck {
  private InputCheck() {}

  /**
   * @throws IllegalArgumentException naming what the first layer expects and what the data has
   */
  public static void check(Network network, Sequences data) {
    String first = "layer 0 (" + network.layers().get(0).label() + ")";
    if (network.input() instanceof Input.Tokens tokens) {
      if (!data.hasTokens()) {
        throw new IllegalArgumentException(
            "input has " + data.inputSize() + " features but " + first + " expects tokens");
      }
      if (data.tokenCount() != tokens.count()) {
        throw new IllegalArgumentException(
            "input has "
                + data.tokenCount()
                + " tokens but "
                + first
                + " expects "
                + tokens.count());
      }
    } else if (network.input() instanceof Input.Features features) {
      if (data.hasTokens()) {
        throw new IllegalArgumentException(
            "input has tokens but " + first + " expects " + features.size() + " features");
      }
      if (data.inputSize() != features.size()) {
        throw new IllegalArgumentException(
            "input has "
                + data.inputSize()
                + " features but "
                + first
                + " expects "
                + features.size());
      }
    }
  }
}
