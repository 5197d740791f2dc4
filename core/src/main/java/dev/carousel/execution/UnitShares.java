package dev.carousel.execution;

import dev.carousel.kernel.ColumnShares;
import dev.carousel.kernel.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A layer in as many parts by units as a team has members, made for a size of team when it is first
 * asked for and shared by all teams of that size.
 */
final class UnitShares<T> {
  /** Makes the part with the units {@code [from, to)}, its weights packed. */
  @FunctionalInterface
  interface Maker<T> {
    T units(int from, int to);
  }

  private final Kernel kernel;
  private final int units;
  private final Maker<T> maker;
  private final Map<Integer, List<T>> made = new HashMap<>();
  private volatile List<T> all = List.of();

  UnitShares(Kernel kernel, int units, Maker<T> maker) {
    this.kernel = kernel;
    this.units = units;
    this.maker = maker;
  }

  /** The most parts there can be. */
  int most() {
    return ColumnShares.most(kernel, units);
  }

  /** Where the units of a member begin. */
  int from(int member, int members) {
    return ColumnShares.first(kernel, units, member, members);
  }

  synchronized List<T> of(int members) {
    List<T> known = made.get(members);
    if (known == null) {
      List<T> parts = new ArrayList<>();
      for (int member = 0; member < members; member++) {
        parts.add(maker.units(from(member, members), from(member + 1, members)));
      }
      known = List.copyOf(parts);
      made.put(members, known);
      parts.addAll(0, all);
      all = List.copyOf(parts);
    }
    return known;
  }

  /** The weights have changed: who has parts asks for new ones. */
  synchronized void forget() {
    made.clear();
    all = List.of();
  }

  /** Does that with every part of any team; allocates nothing. */
  void each(Consumer<T> what) {
    List<T> parts = all;
    for (int i = 0; i < parts.size(); i++) {
      what.accept(parts.get(i));
    }
  }
}
