package dev.carousel.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A SHA-256 digest in a safetensors file's own metadata, over everything else the file holds: the
 * metadata, and each array's name, type, shape and values. For a file that nothing beside it
 * vouches for.
 */
public final class Seal {
  private static final String NAME = "sha256";

  private Seal() {}

  /**
   * The metadata with the seal as their last entry.
   *
   * @throws IllegalArgumentException if there is a {@code sha256} among them already
   */
  public static Map<String, String> seal(
      Map<String, String> metadata, Collection<? extends Tensor> tensors) {
    Map<String, String> sealed = new LinkedHashMap<>(metadata);
    if (sealed.put(NAME, digest(metadata, tensors)) != null) {
      throw new IllegalArgumentException(
          "metadata: expected no " + NAME + " (it is the seal's), got one");
    }
    return sealed;
  }

  /**
   * Checks that a file holds what was sealed.
   *
   * @throws ModelFormatException naming the file, if it does not or has no seal
   */
  public static void check(SafeTensors.Contents contents) {
    Map<String, String> metadata = new LinkedHashMap<>(contents.metadata());
    String sealed = metadata.remove(NAME);
    String found = digest(metadata, contents.tensors().values());
    if (!found.equals(sealed)) {
      throw new ModelFormatException(
          contents.file()
              + ": expected SHA-256 "
              + (sealed == null ? "in its metadata" : sealed + " (from its metadata)")
              + ", got "
              + (sealed == null ? "none" : found + "; the file was changed"));
    }
  }

  private static String digest(Map<String, String> metadata, Collection<? extends Tensor> tensors) {
    Sha256 sha = new Sha256();
    sha.add(metadata.size());
    new TreeMap<>(metadata)
        .forEach(
            (name, value) -> {
              sha.add(name);
              sha.add(value);
            });
    List<Tensor> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparing(Tensor::name));
    for (Tensor tensor : ordered) {
      sha.add(tensor.name());
      sha.add(tensor.shape().length);
      for (int dimension : tensor.shape()) {
        sha.add(dimension);
      }
      if (tensor instanceof Tensor.Floats floats) {
        sha.add("F32");
        sha.add(floats.values());
      } else if (tensor instanceof Tensor.Doubles doubles) {
        sha.add("F64");
        sha.add(doubles.values());
      } else if (tensor instanceof Tensor.Longs longs) {
        sha.add("I64");
        sha.add(longs.values());
      }
    }
    return sha.hex();
  }
}
