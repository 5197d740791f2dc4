package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

// In a thread of its own: who waits for a member does not heed an interrupt.
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyMemberDoesItsShareOnce(int count) {
    AtomicIntegerArray done = new AtomicIntegerArray(count);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    try (Workers workers = new Workers(count)) {
      assertThat(workers.count()).isEqualTo(count);
      for (int round = 0; round < 100; round++) {
        workers.run(
            (worker, team) -> {
              assertThat(team).isEqualTo(count);
              done.incrementAndGet(worker);
              threads.add(Thread.currentThread());
            });
      }
    }
    for (int worker = 0; worker < count; worker++) {
      assertThat(done.get(worker)).as("tasks of member %d", worker).isEqualTo(100);
    }
    assertThat(threads).hasSize(count).contains(Thread.currentThread());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFailureOfAnyMemberReachesTheCaller(int failing) {
    try (Workers workers = new Workers(3)) {
      assertThatThrownBy(
              () ->
                  workers.run(
                      (worker, team) -> {
                        if (worker == failing) {
                          throw new IllegalStateException("member " + worker);
                        }
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("member " + failing);
      assertThatThrownBy(
              () ->
                  workers.run(
                      (worker, team) -> {
                        if (worker == failing) {
                          throw new StackOverflowError("member " + worker);
                        }
                      }))
          .isInstanceOf(StackOverflowError.class);
      // The team is whole afterwards, and the failure is not told twice.
      AtomicIntegerArray done = new AtomicIntegerArray(3);
      workers.run((worker, team) -> done.incrementAndGet(worker));
      assertThat(done.toString()).isEqualTo("[1, 1, 1]");
    }
  }

  @Test
  void whenSeveralFailNoneIsLost() {
    try (Workers workers = new Workers(3)) {
      assertThatThrownBy(
              () ->
                  workers.run(
                      (worker, team) -> {
                        throw new IllegalStateException("member " + worker);
                      }))
          .hasMessage("member 0")
          .satisfies(
              e ->
                  assertThat(e.getSuppressed())
                      .extracting(Throwable::getMessage)
                      .containsExactly("member 1", "member 2"));
    }
  }

  @Test
  void whatTheMembersWroteIsSeenByTheCaller() {
    int[] values = new int[4];
    try (Workers workers = new Workers(4)) {
      for (int round = 1; round <= 300; round++) {
        int number = round;
        workers.run((worker, team) -> values[worker] = number);
        assertThat(values).containsOnly(number);
      }
    }
  }

  /** Members that had time to park wake up. */
  @Test
  void aTaskAfterAPause() throws InterruptedException {
    AtomicIntegerArray done = new AtomicIntegerArray(3);
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 3; round++) {
        Thread.sleep(Duration.ofMillis(50).toMillis());
        workers.run((worker, team) -> done.incrementAndGet(worker));
      }
    }
    assertThat(done.toString()).isEqualTo("[3, 3, 3]");
  }

  @Test
  void aHundredThousandEmptyTasks() {
    try (Workers workers = new Workers(2)) {
      for (int round = 0; round < 100_000; round++) {
        workers.run((worker, team) -> {});
      }
    }
  }

  @Test
  void moreMembersThanProcessors() {
    try (Workers workers = new Workers(4 * Runtime.getRuntime().availableProcessors())) {
      for (int round = 0; round < 200; round++) {
        workers.run((worker, team) -> {});
      }
    }
  }

  @Test
  void closedMembersEnd() throws InterruptedException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Workers workers = new Workers(3);
    workers.run((worker, team) -> threads.add(Thread.currentThread()));
    workers.close();
    for (Thread thread : threads) {
      if (thread != Thread.currentThread()) {
        thread.join(10_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
    assertThatThrownBy(() -> workers.run((worker, team) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("workers: expected a team at work, got one that was closed");
    assertThatThrownBy(workers::ready)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("workers: expected a team at work, got one that was closed");
    assertThatThrownBy(() -> workers.runReady((worker, team) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("workers: expected a team at work, got one that was closed");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void whoIsReadyOrTheCallerDoesEveryShareOnce(int count) {
    AtomicIntegerArray done = new AtomicIntegerArray(count);
    int[] values = new int[count];
    try (Workers workers = new Workers(count)) {
      for (int round = 1; round <= 2_000; round++) {
        int number = round;
        workers.runReady(
            (worker, team) -> {
              assertThat(team).isEqualTo(count);
              done.incrementAndGet(worker);
              values[worker] = number;
            });
        assertThat(values).containsOnly(number);
        if (round % 100 == 0) {
          workers.run((worker, team) -> values[worker] = -number);
          assertThat(values).containsOnly(-number);
        }
      }
    }
    for (int worker = 0; worker < count; worker++) {
      assertThat(done.get(worker)).as("tasks of member %d", worker).isEqualTo(2_000);
    }
  }

  @Test
  void theCallerDoesTheSharesOfThoseAsleep() throws InterruptedException {
    AtomicIntegerArray done = new AtomicIntegerArray(3);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    try (Workers workers = new Workers(3)) {
      untilAsleep(workers);
      workers.runReady(
          (worker, team) -> {
            done.incrementAndGet(worker);
            threads.add(Thread.currentThread());
          });
      assertThat(threads).containsExactly(Thread.currentThread());
      // Who wakes up later does not do it again.
      workers.run((worker, team) -> threads.add(Thread.currentThread()));
      assertThat(threads).hasSize(3);
      assertThat(done.toString()).isEqualTo("[1, 1, 1]");
    }
  }

  /** A member that has begun is waited for, however long it takes. */
  @Test
  void theCallerWaitsForWhoHasBegun() {
    Thread caller = Thread.currentThread();
    AtomicReference<Thread> second = new AtomicReference<>(caller);
    try (Workers workers = new Workers(2)) {
      // In most rounds the member has begun before the caller is done with its own share.
      for (int round = 0; round < 1_000 && caller.equals(second.get()); round++) {
        AtomicIntegerArray done = new AtomicIntegerArray(2);
        workers.run((worker, team) -> {});
        workers.runReady(
            (worker, team) -> {
              if (worker == 1) {
                second.set(Thread.currentThread());
              }
              LockSupport.parkNanos(worker == 1 ? 20_000_000 : 5_000_000);
              done.incrementAndGet(worker);
            });
        assertThat(done.toString()).isEqualTo("[1, 1]");
      }
    }
    assertThat(second.get()).as("who did the second share").isNotEqualTo(caller);
  }

  @Test
  void whoWasAloneAMomentAgoWakesTheTeam() throws InterruptedException {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
    try (Workers workers = new Workers(2)) {
      untilAsleep(workers);
      // Seldom asked, it sleeps on.
      for (int i = 0; i < 5; i++) {
        workers.wasAlone();
        Thread.sleep(Duration.ofMillis(5).toMillis());
        assertThat(workers.ready()).as("ready, asked after a pause").isFalse();
      }
      while (!workers.ready()) {
        workers.wasAlone();
      }
    }
  }

  /** With more members than processors none waits awake, so that none is ever ready. */
  @Test
  void moreMembersThanProcessorsAreNeverReady() {
    int processors = Runtime.getRuntime().availableProcessors();
    try (Workers workers = new Workers(processors + 1)) {
      workers.run((worker, team) -> {});
      assertThat(workers.canBeReady()).isFalse();
      assertThat(workers.ready()).isFalse();
    }
    try (Workers workers = new Workers(processors)) {
      assertThat(workers.canBeReady()).isTrue();
    }
  }

  private static void untilAsleep(Workers workers) throws InterruptedException {
    for (int worker = 1; worker < workers.count(); worker++) {
      while (!workers.isAsleep(worker)) {
        Thread.sleep(Duration.ofMillis(5).toMillis());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFailureReachesTheCallerWhoeverDidTheShare(int failing) {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 100; round++) {
        assertThatThrownBy(
                () ->
                    workers.runReady(
                        (worker, team) -> {
                          if (worker == failing) {
                            throw new IllegalStateException("member " + worker);
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("member " + failing);
        AtomicIntegerArray done = new AtomicIntegerArray(3);
        workers.runReady((worker, team) -> done.incrementAndGet(worker));
        assertThat(done.toString()).isEqualTo("[1, 1, 1]");
      }
    }
  }

  @Test
  void aTeamHasAtLeastOneMember() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: expected at least 1, got 0");
  }
}
