package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
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
  @Timeout(20)
  void aHundredThousandEmptyTasks() {
    try (Workers workers = new Workers(2)) {
      for (int round = 0; round < 100_000; round++) {
        workers.run((worker, team) -> {});
      }
    }
  }

  @Test
  @Timeout(20)
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
  }

  @Test
  void aTeamHasAtLeastOneMember() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: expected at least 1, got 0");
  }
}
