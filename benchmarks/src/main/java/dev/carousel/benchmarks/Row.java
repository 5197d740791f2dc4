package dev.carousel.benchmarks;

import java.util.List;

/**
 * One line of the comparison: the same work, done by Carousel and by peers.
 *
 * @param name short, to choose the row by: {@code train-lstm-28-128}
 * @param work what is done, in words
 * @param unit what is counted: {@code step}, {@code sequence}, {@code event}
 * @param unitsPerRun how many of them one {@link Contender#run} does
 * @param flopsPerRun floating-point operations in the matrix products of one run, an fma being two;
 *     NaN if they do not matter
 * @param bytesPerRun of weights that one run reads, where that and no product bounds it; else NaN
 * @param threads the most that its sides compute with
 * @param tolerance the largest difference allowed between two answers, as a part of the largest
 *     magnitude in the part that is compared
 * @param peakBar the share of the measured fma peak that ours is to reach; NaN if none is set
 * @param ours Carousel
 * @param peers the others
 */
public record Row(
    String name,
    String work,
    String unit,
    double unitsPerRun,
    double flopsPerRun,
    double bytesPerRun,
    int threads,
    double tolerance,
    double peakBar,
    Contender.Factory ours,
    List<Peer> peers) {

  /**
   * A peer and what is wanted against it.
   *
   * @param factory makes it
   * @param bar how many times as fast as this peer ours is to be; NaN if none is set
   */
  public record Peer(Contender.Factory factory, double bar) {}

  public Row {
    peers = List.copyOf(peers);
  }

  /** A row bounded by its products, with as many threads as are asked for. */
  public Row(
      String name,
      String work,
      String unit,
      double unitsPerRun,
      double flopsPerRun,
      double tolerance,
      double peakBar,
      Contender.Factory ours,
      List<Peer> peers) {
    this(
        name,
        work,
        unit,
        unitsPerRun,
        flopsPerRun,
        Double.NaN,
        Integer.MAX_VALUE,
        tolerance,
        peakBar,
        ours,
        peers);
  }
}
