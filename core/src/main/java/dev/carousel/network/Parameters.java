package dev.carousel.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The parameters of a network: one {@code float[]} in the order of {@link ParameterLayout}.
 *
 * <p>The array is shared, not copied: a trainer writes it, a model must not. {@link #copy} keeps a
 * moment.
 */
public final class Parameters {
  private final Network network;
  private final ParameterLayout layout;
  private final float[] values;

  /**
   * @param values in the layout's order; kept, not copied
   * @throws IllegalArgumentException if the number of values is not the network's
   */
  public Parameters(Network network, float[] values) {
    this.network = network;
    this.layout = network.parameterLayout();
    this.values = values;
    if (values.length != layout.size()) {
      throw new IllegalArgumentException(
          "parameters: expected "
              + layout.size()
              + " values (from the network's layers), got "
              + values.length);
    }
  }

  /** Draws the initial values; the same seed gives the same bits. */
  public static Parameters initialize(Network network, long seed) {
    Parameters parameters = new Parameters(network, new float[network.parameterLayout().size()]);
    Initialization.fill(parameters, seed);
    return parameters;
  }

  /** What they are the parameters of. */
  public Network network() {
    return network;
  }

  /** Where each of them lies. */
  public ParameterLayout layout() {
    return layout;
  }

  /** The values themselves. */
  public float[] values() {
    return values;
  }

  /** The same values in an array of their own. */
  public Parameters copy() {
    return new Parameters(network, values.clone());
  }

  /**
   * A SHA-256 digest, in hexadecimal, of the layers' names and shapes, what varies a cell, and
   * every bit of the values: what a {@link State} is checked against. The same on every platform
   * and Java version.
   */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(description().getBytes(StandardCharsets.UTF_8));
      ByteBuffer buffer = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        if (!buffer.hasRemaining()) {
          digest.update(buffer.flip());
          buffer.clear();
        }
        buffer.putFloat(value);
      }
      digest.update(buffer.flip());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // Not Record.toString: how floats and records print may change between Java versions.
  private String description() {
    StringBuilder text = new StringBuilder(network.head().name());
    for (Layer layer : network.layers()) {
      text.append('\n').append(layer.label());
      Cell cell =
          layer instanceof Layer.Recurrent recurrent
              ? recurrent.cell()
              : layer instanceof Layer.Bidirectional both ? both.cell() : null;
      if (cell instanceof Cell.Lstm lstm) {
        text.append(' ').append(lstm.peepholes()).append(lstm.coupledInputForget());
        text.append(Float.floatToIntBits(lstm.cellClip())).append(lstm.gateActivation());
      }
      if (layer instanceof Layer.Bidirectional both) {
        text.append(' ').append(both.merge());
      }
    }
    for (ParameterLayout.Slice slice : layout.slices()) {
      text.append('\n').append(slice.name());
      text.append(' ').append(slice.rows()).append('x').append(slice.columns());
    }
    return text.toString();
  }
}
