package dev.carousel.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures one row: makes the sides, holds their answers against each other, times them in turns.
 */
final class Comparison {
  /**
   * One side's result.
   *
   * @param name of the side
   * @param difference from our answer; 0 for ours
   * @param bar wanted against it; NaN for none, and for ours
   * @param times measured
   */
  record Side(String name, double difference, double bar, Interleaving.Times times) {
    /** The median time of a run in seconds. */
    double seconds() {
      return median(times.secondsPerRun());
    }

    /** The processors it kept busy, in the median. */
    double cores() {
      return median(times.cores());
    }

    /** How many times as fast as this side the other was, in each round. */
    double[] ratios(Side faster) {
      double[] ratios = times.secondsPerRun().clone();
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] /= faster.times.secondsPerRun()[i];
      }
      return ratios;
    }
  }

  /** A row's results, ours first; of the peers those that could run. */
  record Result(Row row, List<Side> sides) {
    Side ours() {
      return sides.get(0);
    }

    /** The most rounds of a side that count although other processes disturbed them. */
    long disturbed() {
      return sides.stream().mapToLong(side -> side.times.disturbed()).max().orElse(0);
    }

    List<Side> peers() {
      return sides.subList(1, sides.size());
    }
  }

  private final Interleaving interleaving;
  private final int threads;
  private final Consumer<String> failures;

  /**
   * @param failures told, in one line, of each peer that cannot run or does not agree; the others
   *     go on
   */
  Comparison(Interleaving interleaving, int threads, Consumer<String> failures) {
    this.interleaving = interleaving;
    this.threads = threads;
    this.failures = failures;
  }

  /**
   * Measures.
   *
   * @throws Exception if our own side cannot run
   */
  Result measure(Row row) throws Exception {
    List<Contender> running = new ArrayList<>();
    List<Side> sides = new ArrayList<>();
    try {
      int threads = Math.min(this.threads, row.threads());
      Contender ours = row.ours().create(threads);
      running.add(ours);
      var answer = ours.answer();
      sides.add(new Side(row.ours().name(), 0, Double.NaN, Interleaving.Times.NONE));
      for (Row.Peer peer : row.peers()) {
        String name = peer.factory().name();
        try {
          Contender contender = peer.factory().create(threads);
          running.add(contender);
          double difference =
              Agreement.check(row, row.ours().name(), answer, name, contender.answer());
          sides.add(new Side(name, difference, peer.bar(), Interleaving.Times.NONE));
        } catch (Agreement.DisagreementException e) {
          running.remove(running.size() - 1).close();
          failures.accept(e.getMessage());
        } catch (Exception | LinkageError e) {
          failures.accept(row.name() + ": " + name + " cannot run: " + root(e));
        }
      }
      List<Interleaving.Times> times = interleaving.measure(running);
      for (int i = 0; i < sides.size(); i++) {
        Side side = sides.get(i);
        sides.set(i, new Side(side.name(), side.difference(), side.bar(), times.get(i)));
      }
      return new Result(row, sides);
    } finally {
      running.forEach(Contender::close);
    }
  }

  /** The cause behind the causes, in one line. */
  private static String root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString().strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** The middle value, or the mean of the two middle ones. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
