package dev.carousel.data;

import java.text.Normalizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Names of classes to ids and back. Immutable and safe to share between threads. */
public final class Labels {
  private static final int SHOWN = 8;

  private final List<String> names;
  private final Map<String, Integer> ids;

  /**
   * Labels in the given order, as a saved or imported model has them.
   *
   * @param names the name of class 0, of class 1 and so on; each once, none blank
   * @throws InvalidDataException if there is none, or a name is blank or stands twice
   */
  public Labels(List<String> names) {
    this.names = List.copyOf(names);
    this.ids = new HashMap<>(2 * names.size());
    if (names.isEmpty()) {
      throw new InvalidDataException("labels: expected at least one, got none");
    }
    for (int id = 0; id < names.size(); id++) {
      if (names.get(id).isBlank()) {
        throw new InvalidDataException("label of class " + id + ": expected a name, got a blank");
      }
      Integer earlier = ids.put(names.get(id), id);
      if (earlier != null) {
        throw new InvalidDataException(
            "labels: expected every name once, got \""
                + names.get(id)
                + "\" for class "
                + earlier
                + " and "
                + id);
      }
    }
    // Data have labels in composed form; names may be from before they had.
    for (int id = 0; id < names.size(); id++) {
      ids.putIfAbsent(Normalizer.normalize(names.get(id), Normalizer.Form.NFC), id);
    }
  }

  /**
   * The distinct labels of some examples, sorted by name.
   *
   * @throws InvalidDataException if there is none, or one is blank
   */
  public static Labels fit(Collection<String> labels) {
    return new Labels(List.copyOf(new TreeSet<>(labels)));
  }

  /**
   * Returns the class of a label.
   *
   * @throws InvalidDataException if there is no such label, naming it and the known ones
   */
  public int id(String name) {
    Integer id = ids.get(name);
    if (id == null) {
      String known = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
      String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
      throw new InvalidDataException(
          "label: expected one of " + known + more + ", got \"" + name + "\"");
    }
    return id;
  }

  /**
   * Returns the classes of some labels, in their order.
   *
   * @throws InvalidDataException if there is no such label, naming it and the known ones
   */
  public int[] ids(Collection<String> labels) {
    return labels.stream().mapToInt(this::id).toArray();
  }

  /**
   * Returns the label of a class.
   *
   * @throws InvalidDataException if the class is outside [0, size)
   */
  public String name(int id) {
    if (id < 0 || id >= names.size()) {
      throw new InvalidDataException(
          "class: expected 0 to "
              + (names.size() - 1)
              + " (there are "
              + names.size()
              + " labels), got "
              + id);
    }
    return names.get(id);
  }

  /** Returns the number of classes. */
  public int size() {
    return names.size();
  }

  /** Returns the label of every class, unmodifiable. */
  public List<String> names() {
    return names;
  }

  /** Equal when they are the same, in the same order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Labels that && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    return names.hashCode();
  }
}
