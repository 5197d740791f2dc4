package dev.carousel.execution;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that does one task at a time, each member its share, and waits until all
 * are done. The calling thread is member 0. Handing over a task allocates nothing.
 *
 * <p>A waiting member spins for a short while, since in training the next task follows within
 * microseconds, and then parks. {@link #run} wakes those who do; for tasks of microseconds, which
 * are sooner done than a member is awake, there is {@link #ready} and {@link #runReady}. One thread
 * calls all methods; {@link #close} ends the others.
 */
public final class Workers implements AutoCloseable {
  /** A share of some work. */
  @FunctionalInterface
  public interface Task {
    void run(int worker, int workers);
  }

  private static final VarHandle ROUND = roundHandle();

  // With more members than processors a spinning one only keeps another from its work.
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int SPINS = 20_000;
  // In nanoseconds: for so long members wait before they park.
  private static final long PATIENCE = 500_000;
  // A member is woken where the caller was alone no longer ago than this, so that it finds more to
  // do before it parks again.
  private static final long OFTEN = PATIENCE / 5;
  // It needs 0.1 ms to wake up, and the caller a few microseconds to wake it: not again before this
  // has passed.
  private static final long WAKING = 4 * PATIENCE;
  // How often a waiting member looks at the clock, in spins.
  private static final int GLANCE = 64;

  // Values between those of two members, which so lie in cache lines of their own.
  private static final int APART = 16;

  private final Thread[] threads;
  private volatile long round;
  private volatile boolean closed;
  // Written before round, read behind it by who has taken a share of that round.
  private @Nullable Task task;
  // The last round whose share was begun, by the member or by the caller in its place; of its own,
  // since a member would wait for a cache line that the caller has just read.
  private final AtomicLongArray taken;
  // The last round that a member has done.
  private final AtomicLongArray done;
  private final AtomicIntegerArray asleep;
  private final AtomicReferenceArray<@Nullable Throwable> failures;
  private long lastAlone = System.nanoTime() - 2 * OFTEN;
  private long lastWoken = lastAlone - WAKING;

  /**
   * A team of {@code count} members, the caller included.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, got " + count);
    }
    taken = new AtomicLongArray((count + 1) * APART);
    done = new AtomicLongArray((count + 1) * APART);
    asleep = new AtomicIntegerArray(count);
    failures = new AtomicReferenceArray<>(count);
    threads = new Thread[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] = new Thread(() -> work(worker), "carousel-worker-" + worker);
      threads[i].setDaemon(true);
    }
    for (Thread thread : threads) {
      thread.start();
    }
  }

  private static VarHandle roundHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(Workers.class, "round", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static int at(int worker) {
    return worker * APART;
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
    checkOpen();
    task = work;
    long current = round + 1;
    // Volatile, as asleep is: either a member sees this before it parks, or it is seen asleep here.
    round = current;
    for (int worker = 1; worker < count(); worker++) {
      if (isAsleep(worker)) {
        wake(worker);
      }
    }
    Throwable failure = share(work, 0, null);
    for (int worker = 1; worker < count(); worker++) {
      failure = await(worker, current, failure);
    }
    throwIfAny(failure);
  }

  boolean isAsleep(int worker) {
    return asleep.get(worker) != 0;
  }

  private void wake(int worker) {
    LockSupport.unpark(threads[worker - 1]);
  }

  /** Whether members wait awake: there is a processor for each. */
  boolean canBeReady() {
    return count() <= PROCESSORS;
  }

  /**
   * Whether all members are awake, so that {@link #runReady} is worth while for a task of
   * microseconds. Where they are not, the caller does it alone and then calls {@link #wasAlone};
   * who asks within 0.1 ms after that wakes them, to be ready soon.
   *
   * @throws IllegalStateException if the team was closed
   */
  boolean ready() {
    checkOpen();
    if (!canBeReady()) {
      return false;
    }
    for (int worker = 1; worker < count(); worker++) {
      if (isAsleep(worker)) {
        wakeIfOften();
        return false;
      }
    }
    return true;
  }

  private void wakeIfOften() {
    long now = System.nanoTime();
    if (now - lastAlone > OFTEN || now - lastWoken < WAKING) {
      return;
    }
    lastWoken = now;
    for (int worker = 1; worker < count(); worker++) {
      wake(worker);
    }
  }

  /** To be called where {@link #ready} was not, when the caller is done. */
  void wasAlone() {
    lastAlone = System.nanoTime();
  }

  /**
   * {@link #run}, but whoever has not begun when the caller is done with its own share is not
   * waited for: the caller does that share too.
   *
   * @throws IllegalStateException if the team was closed
   */
  void runReady(Task work) {
    checkOpen();
    task = work;
    long current = round + 1;
    // Goes its way while the caller begins its own share: waiting until others can see it would
    // take 0.1 us.
    ROUND.setRelease(this, current);
    Throwable failure = share(work, 0, null);
    for (int worker = 1; worker < count(); worker++) {
      if (take(worker, current)) {
        failure = share(work, worker, failure);
      } else {
        failure = await(worker, current, failure);
      }
    }
    throwIfAny(failure);
  }

  /** Whether the worker's share of that round is now the one's who asks. */
  private boolean take(int worker, long current) {
    long before = taken.get(at(worker));
    return before < current && taken.compareAndSet(at(worker), before, current);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("workers: expected a team at work, got one that was closed");
    }
  }

  private @Nullable Throwable share(Task work, int worker, @Nullable Throwable failure) {
    try {
      work.run(worker, count());
      return failure;
    } catch (Throwable e) {
      return joined(failure, e);
    }
  }

  private @Nullable Throwable await(int worker, long current, @Nullable Throwable failure) {
    int spun = 0;
    while (done.get(at(worker)) < current) {
      if (canBeReady() && spun++ < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    Throwable theirs = failures.get(worker);
    if (theirs == null) {
      return failure;
    }
    failures.set(worker, null);
    return joined(failure, theirs);
  }

  private static Throwable joined(@Nullable Throwable failure, Throwable theirs) {
    if (failure == null) {
      return theirs;
    }
    if (!theirs.equals(failure)) {
      failure.addSuppressed(theirs);
    }
    return failure;
  }

  private static void throwIfAny(@Nullable Throwable failure) {
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

  private void work(int worker) {
    int spins = 0;
    long since = 0;
    while (true) {
      long current = round;
      if (current > taken.get(at(worker))) {
        spins = 0;
        if (take(worker, current)) {
          begun(worker, current);
        }
      } else if (closed) {
        return;
      } else if (canBeReady() && isPatient(spins, since)) {
        since = spins == 0 ? System.nanoTime() : since;
        spins++;
        Thread.onSpinWait();
      } else {
        sleep(worker);
        spins = 0;
      }
    }
  }

  private static boolean isPatient(int spins, long since) {
    return spins == 0 || spins % GLANCE != 0 || System.nanoTime() - since < PATIENCE;
  }

  private void begun(int worker, long current) {
    Throwable failure = share(Objects.requireNonNull(task), worker, null);
    if (failure != null) {
      failures.set(worker, failure);
    }
    done.setRelease(at(worker), current);
  }

  /** Until somebody wakes this member, or there is something to do already. */
  private void sleep(int worker) {
    asleep.set(worker, 1);
    if (round <= taken.get(at(worker)) && !closed) {
      LockSupport.park(this);
    }
    asleep.set(worker, 0);
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
