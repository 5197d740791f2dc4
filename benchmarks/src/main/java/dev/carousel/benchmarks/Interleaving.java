package dev.carousel.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times several contenders in turns, so that whatever the machine does meanwhile happens to all.
 *
 * <p>In each round every contender works for the same time, in an order that rotates from round to
 * round. Before each there is a pause in which the threads of the one before fall asleep: those of
 * OpenMP may spin for 200 ms, Carousel's for less than one. A round in which other processes kept
 * more than {@value #DISTURBANCE} processors busy beside any contender is done again, as long as
 * there are no more than {@value #TRIES} tries for each round wanted.
 *
 * @param rounds how many
 * @param seconds for which each contender works in each round
 * @param warmUpSeconds for which each works beforehand at least; it goes on, at most eight times as
 *     long, while it still gets faster
 * @param pauseMillis before each
 */
record Interleaving(int rounds, double seconds, double warmUpSeconds, long pauseMillis) {

  /**
   * What one contender took.
   *
   * @param secondsPerRun in each round
   * @param cores processors that this process kept busy, in each round: how many threads were in
   *     force
   * @param others processors that other processes kept busy, in each round
   */
  record Times(double[] secondsPerRun, double[] cores, double[] others) {
    static final Times NONE = new Times(0);

    Times(int rounds) {
      this(new double[rounds], new double[rounds], new double[rounds]);
    }

    /** The rounds that count although others disturbed them. */
    long disturbed() {
      return Arrays.stream(others).filter(other -> other > DISTURBANCE).count();
    }
  }

  private static final double DISTURBANCE = 0.1;
  private static final int TRIES = 3;

  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Warms all up, then measures; the result has the order of the contenders. */
  List<Times> measure(List<Contender> contenders) {
    List<Times> times = new ArrayList<>();
    for (Contender contender : contenders) {
      pause();
      warmUp(contender);
      times.add(new Times(rounds));
    }
    int round = 0;
    for (int tries = 0; round < rounds; tries++) {
      double others = 0;
      for (int i = 0; i < contenders.size(); i++) {
        int at = (i + round) % contenders.size();
        pause();
        work(contenders.get(at), seconds, times.get(at), round);
        others = Math.max(others, times.get(at).others[round]);
      }
      boolean again = others > DISTURBANCE && tries - round < (TRIES - 1) * rounds;
      round += again ? 0 : 1;
    }
    return times;
  }

  private void warmUp(Contender contender) {
    Times last = new Times(1);
    double best = Double.POSITIVE_INFINITY;
    int withoutGain = 0;
    long start = System.nanoTime();
    while (true) {
      work(contender, warmUpSeconds / 5, last, 0);
      withoutGain = last.secondsPerRun[0] < 0.98 * best ? 0 : withoutGain + 1;
      best = Math.min(best, last.secondsPerRun[0]);
      double spent = (System.nanoTime() - start) * 1e-9;
      if (spent > 8 * warmUpSeconds || spent >= warmUpSeconds && withoutGain >= 3) {
        return;
      }
    }
  }

  /** Runs for that long; the clock is read so seldom that it costs nothing. */
  private static void work(Contender contender, double seconds, Times times, int round) {
    long runs = 0;
    long stretch = 1;
    OtherLoad others = new OtherLoad();
    long processor = SYSTEM.getProcessCpuTime();
    long start = System.nanoTime();
    double spent;
    do {
      for (long i = 0; i < stretch; i++) {
        contender.run();
      }
      runs += stretch;
      spent = (System.nanoTime() - start) * 1e-9;
      if (spent / runs * stretch < 1e-4) {
        stretch *= 2;
      }
    } while (spent < seconds);
    times.secondsPerRun[round] = spent / runs;
    times.cores[round] = (SYSTEM.getProcessCpuTime() - processor) * 1e-9 / spent;
    times.others[round] = others.processors();
  }

  private void pause() {
    try {
      Thread.sleep(pauseMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("measurement: interrupted", e);
    }
  }
}
