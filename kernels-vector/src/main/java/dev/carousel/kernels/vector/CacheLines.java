package dev.carousel.kernels.vector;

import static dev.carousel.kernels.vector.Lanes.LENGTH;
import static dev.carousel.kernels.vector.Tiles.PANEL;

import dev.carousel.kernel.Alignment;
import java.util.Arrays;

/**
 * Finds where in an array vectors cross no cache line, by reading: nothing tells Java where an
 * array lies, and the collector moves it.
 *
 * <p>A vector of 512 bits that does not begin with a line lies in two, and processors of Intel
 * (family 6, model 207) take two turns to read it. A row of weights from the second-level cache
 * then takes 1.7 to 1.8 times as long, and products, which read two vectors for twenty
 * multiply-adds, 1.1 times. Off the heap, where addresses are known, a load is not compiled as
 * well: fromByteBuffer of JDK 17 takes 1.1 to 1.9 times as long, fromMemorySegment of 25 up to
 * twice, once a program has used it with segments of both kinds.
 *
 * <p>The shortest of some times decides, and only if it is well ahead of those of the other places;
 * else the array stays as it is, and is tried again later, less and less often.
 */
final class CacheLines implements Alignment {
  private static final int LINE = 16;
  // At how many of a line's places no vector crosses one: those of 256 bits fit at two.
  private static final int GOOD = Math.max(1, LINE / LENGTH);
  // Values that are read for a time: 16 kB, which fit the first-level cache, four times.
  private static final int READ = 1 << 12;
  private static final int LINKS = READ / (4 * PANEL);
  private static final int TIMES = 4;
  private static final int TRIES = 3;
  // Longer than this, and the reading is not compiled yet.
  private static final long NOT_COMPILED = 10_000;
  // It is after some hundred readings, of whichever array; or never, without the second compiler.
  private static final int MOST_COLD = 600;
  // Calls between two looks where all is well, and at most where nothing is found.
  private static final int PAUSE = 4;
  private static final int LONGEST_PAUSE = 1 << 10;

  /** How long it takes to read an array. */
  @FunctionalInterface
  interface Timer {
    /**
     * Reads some thousand values.
     *
     * @return in nanoseconds, or any longer time if it is not compiled yet
     */
    long nanos(float[] array, int from);
  }

  private static final ThreadLocal<Operands> OPERANDS = ThreadLocal.withInitial(Operands::new);

  /** What the values read are multiplied with, zeros, and added to. */
  private static final class Operands {
    final float[] a = new float[LINKS];
    final float[] c = new float[4 * PANEL];
  }

  private final Timer timer;
  private final long[] times = new long[LINE];
  private final long[] sorted = new long[LINE];
  private int waiting;
  private int cold;
  private int pause = PAUSE;

  /**
   * For one array of that many values; none for a small one, and none for vectors of 128 bits, of
   * which one in four at most lies in two lines.
   */
  static Alignment alignment(long size) {
    return LENGTH < 8 || size < READ ? NONE : new CacheLines(CacheLines::time);
  }

  CacheLines(Timer timer) {
    this.timer = timer;
  }

  @Override
  public int room() {
    return LINE - 1;
  }

  @Override
  public boolean isWorthMoving(float[] array, int origin) {
    if (array.length < room() + READ) {
      return false;
    }
    if (waiting > 0) {
      waiting--;
      return false;
    }
    waiting = PAUSE;
    if (timer.nanos(array, origin) > NOT_COMPILED) {
      cold++;
      waiting = cold < MOST_COLD ? 0 : LONGEST_PAUSE;
      return false;
    }
    if (isGood(array, origin)) {
      return false;
    }
    int found = origin(array);
    if (found < 0) {
      waiting = pause;
      pause = Math.min(LONGEST_PAUSE, 2 * pause);
      return false;
    }
    pause = PAUSE;
    return found != origin;
  }

  /** Whether it takes less time than from a place where vectors of any width cross lines. */
  private boolean isGood(float[] array, int origin) {
    long here = Long.MAX_VALUE;
    long there = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      here = Math.min(here, timer.nanos(array, origin));
      there = Math.min(there, timer.nanos(array, origin ^ (LENGTH / 2)));
    }
    return ahead(here, there);
  }

  private static boolean ahead(long time, long others) {
    return time * 8 < others * 7;
  }

  @Override
  public int origin(float[] array) {
    Arrays.fill(times, Long.MAX_VALUE);
    for (int i = 0; i < TRIES; i++) {
      for (int place = 0; place < LINE; place++) {
        times[place] = Math.min(times[place], timer.nanos(array, place));
      }
    }
    System.arraycopy(times, 0, sorted, 0, LINE);
    Arrays.sort(sorted);
    if (!ahead(sorted[GOOD - 1], sorted[GOOD])) {
      return -1;
    }
    int place = 0;
    while (times[place] > sorted[GOOD - 1]) {
      place++;
    }
    return place;
  }

  /** One row against four panels: what a place makes most of a difference to. */
  private static long time(float[] array, int from) {
    Operands operands = OPERANDS.get();
    long start = System.nanoTime();
    for (int i = 0; i < TIMES; i++) {
      Tiles.row1Panels4(
          LINKS, operands.c, 0, operands.a, 0, array, from, LINKS * PANEL, operands.c, 0);
    }
    return System.nanoTime() - start;
  }
}
