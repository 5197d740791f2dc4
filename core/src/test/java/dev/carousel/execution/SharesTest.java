package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class SharesTest {
  @Test
  void eachHasNeighbouringPartsOfItsOwn() {
    Shares shares = new Shares(3);
    shares.set(7, 3);
    assertThat(shares.parts()).isEqualTo(7);
    assertThat(shares.take(1)).isEqualTo(2);
    assertThat(shares.take(0)).isEqualTo(0);
    assertThat(shares.take(2)).isEqualTo(4);
    assertThat(shares.take(0)).isEqualTo(1);
  }

  @Test
  void whoIsDoneTakesFromTheOthers() {
    Shares shares = new Shares(2);
    shares.set(5, 2);
    assertThat(shares.take(0)).isEqualTo(0);
    assertThat(taken(shares, 1)).containsExactly(2, 3, 4, 1);
    assertThat(shares.take(0)).isEqualTo(-1);
  }

  @Test
  void fewerPartsThanMembersAndFewerMembersThanThereMayBe() {
    Shares shares = new Shares(4);
    shares.set(2, 4);
    assertThat(taken(shares, 0)).containsExactly(0, 1);
    shares.set(3, 1);
    assertThat(taken(shares, 0)).containsExactly(0, 1, 2);
    assertThat(taken(shares, 0)).isEmpty();
  }

  /** Members that all take at once, in many rounds. */
  @Test
  void everyPartIsTakenOnce() {
    int parts = 37;
    try (Workers workers = new Workers(4)) {
      Shares shares = new Shares(4);
      for (int round = 0; round < 2_000; round++) {
        AtomicIntegerArray times = new AtomicIntegerArray(parts);
        shares.set(parts, 4);
        workers.run(
            (worker, count) -> taken(shares, worker).forEach(part -> times.incrementAndGet(part)));
        for (int part = 0; part < parts; part++) {
          assertThat(times.get(part)).as("part %d in round %d", part, round).isEqualTo(1);
        }
      }
    }
  }

  private static List<Integer> taken(Shares shares, int worker) {
    List<Integer> taken = new ArrayList<>();
    for (int part = shares.take(worker); part >= 0; part = shares.take(worker)) {
      taken.add(part);
    }
    return taken;
  }
}
