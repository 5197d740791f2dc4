package dev.carousel.execution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * What the members of a team have each of a layer, made for a size of team when it is first asked
 * for and shared by all teams of that size.
 */
final class PerTeam<T> {
  private final IntFunction<List<T>> make;
  private final Map<Integer, List<T>> made = new HashMap<>();
  private volatile List<T> all = List.of();

  /**
   * @param make what a team of so many members has, for each of them
   */
  PerTeam(IntFunction<List<T>> make) {
    this.make = make;
  }

  synchronized List<T> of(int workers) {
    List<T> known = made.get(workers);
    if (known == null) {
      known = List.copyOf(make.apply(workers));
      made.put(workers, known);
      List<T> more = new ArrayList<>(all);
      more.addAll(known);
      all = List.copyOf(more);
    }
    return known;
  }

  /** What teams of any size have. To be read by index, which allocates nothing. */
  List<T> all() {
    return all;
  }
}
