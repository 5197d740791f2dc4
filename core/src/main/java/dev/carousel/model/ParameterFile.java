package dev.carousel.model;

import dev.carousel.network.Network;
import dev.carousel.network.ParameterLayout;
import dev.carousel.network.ParameterLayout.Slice;
import dev.carousel.network.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Parameters as the tensors of a file: PyTorch's names and shapes, but for biases and peepholes
 * (see {@link ParameterLayout}), matrices {@code [outputs, inputs]}, vectors with one dimension.
 */
final class ParameterFile {
  private ParameterFile() {}

  static List<Tensor> tensors(Parameters parameters) {
    List<Tensor> tensors = new ArrayList<>();
    for (Slice slice : parameters.layout().slices()) {
      float[] values = new float[slice.size()];
      copy(slice, parameters.values(), values, true);
      tensors.add(new Tensor.Floats(slice.name(), shape(slice), values));
    }
    return tensors;
  }

  /**
   * The parameters of a network from the contents of a file.
   *
   * @throws ModelFormatException if a parameter is missing, has another shape, or is one too many
   */
  static Parameters read(String file, Network network, SafeTensors.Contents contents) {
    ParameterLayout layout = network.parameterLayout();
    List<float[]> found = new ArrayList<>();
    for (Slice slice : layout.slices()) {
      found.add(contents.floats(slice.name(), shape(slice)));
    }
    Set<String> names = layout.slices().stream().map(Slice::name).collect(Collectors.toSet());
    for (String name : contents.names()) {
      if (!names.contains(name)) {
        throw new ModelFormatException(
            file + ": expected the " + names.size() + " parameters of the network, got " + name);
      }
    }
    // Only now: the file has all these values, so the network's size is no empty claim.
    float[] values = new float[layout.size()];
    for (int i = 0; i < found.size(); i++) {
      copy(layout.slices().get(i), values, found.get(i), false);
    }
    return new Parameters(network, values);
  }

  private static int[] shape(Slice slice) {
    return slice.isVector()
        ? new int[] {slice.columns()}
        : slice.transposedInFiles()
            ? new int[] {slice.columns(), slice.rows()}
            : new int[] {slice.rows(), slice.columns()};
  }

  private static void copy(Slice slice, float[] parameters, float[] file, boolean toFile) {
    int down = slice.transposedInFiles() ? 1 : slice.columns();
    int across = slice.transposedInFiles() ? slice.rows() : 1;
    for (int r = 0; r < slice.rows(); r++) {
      for (int c = 0; c < slice.columns(); c++) {
        int inside = slice.offset() + r * slice.columns() + c;
        int outside = r * down + c * across;
        if (toFile) {
          file[outside] = parameters[inside];
        } else {
          parameters[inside] = file[outside];
        }
      }
    }
  }
}
