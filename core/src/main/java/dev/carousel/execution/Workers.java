package dev.carousel.execution;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that does one task at a time, each member its share, and waits until all
 * are done. The calling thread is member 0. Handing over a task allocates nothing.
 *
 * <p>A waiting member spins for a short while, since in training the next task follows within
 * microseconds, and then parks. One thread calls {@link #run}; {@link #close} ends the others.
 */
public final class Workers implements AutoCloseable {
  /** A share of some work. */
  @FunctionalInterface
  public interface Task {
    void run(int worker, int workers);
  }

  // With more members than processors a spinning one only keeps another from its work.
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int PATIENCE = 20_000;

  private final Thread[] threads;
  private volatile long round;
  private volatile boolean closed;
  private volatile @Nullable Task task;
  private final Done[] done;

  // Each member's own count of finished rounds, apart from the others' cache lines.
  private static final class Done {
    @SuppressWarnings("unused")
    long p1, p2, p3, p4, p5, p6, p7;

    volatile long round;
    volatile @Nullable Throwable failure;

    @SuppressWarnings("unused")
    long q1, q2, q3, q4, q5, q6, q7;
  }

  /**
   * A team of {@code count} members, the caller included.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + count);
    }
    threads = new Thread[count - 1];
    done = new Done[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      done[i] = new Done();
      threads[i] = new Thread(() -> work(worker), "carousel-worker-" + worker);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /** The members, the caller included. */
  public int count() {
    return threads.length + 1;
  }

  /**
   * Does the task with all members; returns when the last is done. A failure of any member is
   * thrown here, those of further members suppressed in it.
   *
   * @throws IllegalStateException if the team was closed
   */
  public void run(Task work) {
    if (closed) {
      throw new IllegalStateException("workers: expected a team at work, got one that was closed");
    }
    if (threads.length == 0) {
      work.run(0, 1);
      return;
    }
    task = work;
    long current = round + 1;
    round = current;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    Throwable failure = null;
    try {
      work.run(0, count());
    } catch (Throwable e) {
      failure = e;
    }
    for (Done member : done) {
      int spun = 0;
      while (member.round < current) {
        if (spun++ < spins(count())) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      Throwable theirs = member.failure;
      if (failure == null) {
        failure = theirs;
      } else if (theirs != null && !theirs.equals(failure)) {
        failure.addSuppressed(theirs);
      }
      member.failure = null;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException("workers: a member failed", failure);
    }
  }

  private static int spins(int members) {
    return members > PROCESSORS ? 0 : PATIENCE;
  }

  private void work(int worker) {
    Done mine = done[worker - 1];
    long seen = 0;
    while (true) {
      int spins = 0;
      while (round == seen) {
        if (closed) {
          return;
        }
        if (spins++ < spins(count())) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      seen++;
      Task work = task;
      try {
        if (work != null) {
          work.run(worker, count());
        }
      } catch (Throwable e) {
        mine.failure = e;
      }
      mine.round = seen;
    }
  }

  /** Ends the other members. */
  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
