package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.cell.Packing;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout.Slice;
import dev.carousel.network.Parameters;
import dev.carousel.testkit.FloatArrays;
import dev.carousel.testkit.RandomArrays;
import java.util.Arrays;
import java.util.Map;

/** A network with parameters from the testkit's arrays, and the way back. */
public final class NetworkFixture {
  private static final Map<String, String> NAMES =
      Map.of(
          "weightIh", "weight_ih",
          "weightHh", "weight_hh",
          "bias", "bias",
          "recurrentBias", "bias_hn",
          "peepholeI", "weight_ci",
          "peepholeF", "weight_cf",
          "peepholeO", "weight_co",
          "weight", "weight",
          "table", "weight");

  private final Parameters parameters;

  /** Every parameter is NaN until it is given: what is forgotten shows. */
  public NetworkFixture(Network network) {
    float[] values = new float[network.parameterLayout().size()];
    Arrays.fill(values, Float.NaN);
    parameters = new Parameters(network, values);
  }

  /** A network whose parameters, biases and peepholes too, are uniform between -scale and scale. */
  public static NetworkFixture random(Network network, long seed, double scale) {
    NetworkFixture fixture = new NetworkFixture(network);
    float[] values = fixture.parameters.values();
    float[] drawn = FloatArrays.flat(new RandomArrays(seed).vector(values.length, scale));
    System.arraycopy(drawn, 0, values, 0, values.length);
    return fixture;
  }

  /**
   * Sets the parameters of a layer.
   *
   * @param suffix {@code _l0} or {@code _l0_reverse} of a cell, else empty
   */
  public NetworkFixture with(int layer, String suffix, dev.carousel.testkit.Parameters source) {
    for (String name : source.names()) {
      Slice slice = slice(layer, suffix, name);
      float[] values = FloatArrays.flat(source.matrix(name));
      assertThat(values).as(slice.name()).hasSize(slice.size());
      System.arraycopy(values, 0, parameters.values(), slice.offset(), values.length);
    }
    return this;
  }

  /** A layer's part of an array laid out like the parameters, in the names of {@code like}. */
  public dev.carousel.testkit.Parameters read(
      float[] values, int layer, String suffix, dev.carousel.testkit.Parameters like) {
    dev.carousel.testkit.Parameters found = new dev.carousel.testkit.Parameters();
    for (String name : like.names()) {
      Slice slice = slice(layer, suffix, name);
      found.with(name, FloatArrays.matrix(values, slice.offset(), slice.rows(), slice.columns()));
    }
    return found;
  }

  private Slice slice(int layer, String suffix, String name) {
    return parameters.layout().slice("layers." + layer + "." + NAMES.get(name) + suffix);
  }

  public Parameters parameters() {
    return parameters;
  }

  /** The network on the scalar kernel, packed for forward and backward. */
  public CompiledNetwork compile() {
    CompiledNetwork compiled = new CompiledNetwork(parameters, new ScalarKernel());
    compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
    return compiled;
  }
}
