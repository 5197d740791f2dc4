package dev.carousel.execution;

import dev.carousel.network.Input;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.util.ArrayList;
import java.util.List;

/** A network of {@link ReferenceLayer}s with random weights, and the same network of floats. */
public final class ReferenceNetwork {
  public final List<ReferenceLayer> layers = new ArrayList<>();
  public final NetworkFixture fixture;

  public ReferenceNetwork(Network network, RandomArrays random) {
    fixture = new NetworkFixture(network);
    for (int i = 0; i < network.layers().size(); i++) {
      boolean tokens = i == 0 && network.input() instanceof Input.Tokens;
      int inputSize =
          tokens ? ((Input.Tokens) network.input()).count() : network.signals().get(i).size();
      ReferenceLayer layer = ReferenceLayer.of(network.layers().get(i), inputSize, random);
      int index = i;
      layer.parameters.forEach((suffix, values) -> fixture.with(index, suffix, values));
      layers.add(layer);
    }
  }

  /** The one layer of a network of one recurrent layer. */
  public ReferenceLayer.Recurrent recurrent() {
    return (ReferenceLayer.Recurrent) layers.get(0);
  }

  public double[][][] forward(double[][][] x) {
    double[][][] signal = x;
    for (ReferenceLayer layer : layers) {
      signal = layer.forward(signal);
    }
    return signal;
  }

  public double[][][] backward(double[][][] dOutputs) {
    double[][][] gradient = dOutputs;
    for (int i = layers.size() - 1; i >= 0; i--) {
      gradient = layers.get(i).backward(gradient);
    }
    return gradient;
  }
}
