package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.carousel.cell.CellUnits;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Cell;
import dev.carousel.network.LayerParameters;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamStepTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TestFactory
  List<DynamicTest> theBitsOfOneThread() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Network network : TeamSteps.networks()) {
      String name = network.layers().get(0) + ", " + network.layers().get(1);
      tests.add(
          DynamicTest.dynamicTest(name, () -> TeamSteps.check(network, new ScalarKernel(), true)));
    }
    return tests;
  }

  @Test
  void smallLayersAndThoseWhoseUnitsDependAreNotDivided() {
    Cell before = new Cell.Gru(Cell.Gru.Reset.BEFORE);
    for (Network network :
        List.of(
            Network.input(28).lstm(128).dense(10).softmax(),
            Network.input(9).recurrent(before, 301).dense(3).softmax(),
            Network.tokens(100_000).embedding(8).gru(7).linear())) {
      TeamSteps.check(network, new ScalarKernel(), false);
    }
  }

  @Test
  void aPassThatWasNotDividedIsRefused() {
    CompiledNetwork compiled =
        NetworkFixture.random(Network.input(3).lstm(4).linear(), 1, 0.5).compile();
    NetworkPass pass = NetworkPass.forInference(compiled);
    pass.reserve(new int[] {1}, 1, 1);
    assertRefused(pass);
    try (Workers team = new Workers(2)) {
      pass.divide(team);
      pass.step();
      pass.reserve(new int[] {1}, 1, 1);
      assertRefused(pass);
      pass.reserve(new int[] {2}, 1, 1);
      assertThatThrownBy(() -> pass.divide(team)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void assertRefused(NetworkPass pass) {
    assertThatThrownBy(pass::step)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("step: expected a pass that was divided, got one that was not");
  }

  /** Once the weights are packed anew, passes that are divided again have them. */
  @Test
  void weightsThatChanged() {
    Network network = Network.input(9).lstm(257).dense(1100).linear();
    Parameters parameters = NetworkFixture.random(network, 7, 0.1).parameters();
    CompiledNetwork compiled = new CompiledNetwork(parameters, new ScalarKernel());
    compiled.pack();
    NetworkPass pass = NetworkPass.forInference(compiled);
    pass.reserve(new int[] {1}, 1, 1);
    try (Workers team = new Workers(2)) {
      pass.divide(team);
      java.util.Arrays.fill(parameters.values(), 0.5f);
      compiled.pack();
      pass.divide(team);
      pass.clearStates();
      pass.step();
    }
    float[] together = pass.output().values().clone();
    pass.forward(RowRange.all(pass.steps()));
    assertThat(together).isEqualTo(pass.output().values());
  }

  @Test
  void unitsOfAResetBeforeGruAreRefused() {
    Cell before = new Cell.Gru(Cell.Gru.Reset.BEFORE);
    Network network = Network.input(2).recurrent(before, 4).linear();
    RecurrentCell cell =
        RecurrentCell.of(
            before,
            new ScalarKernel(),
            LayerParameters.of(Parameters.initialize(network, 1), 0, "_l0").units(1, 3));
    assertThatThrownBy(() -> new CellUnits(cell, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("units: expected a cell whose units stand alone, got a reset-before GRU");
  }

  /** However many sessions there are, teams of one size share weights. */
  @Test
  void partsAreMadeOnce() {
    UnitShares<String> shares = new UnitShares<>(new ScalarKernel(), 40, (a, b) -> a + "-" + b);
    List<String> two = shares.of(2);
    assertThat(two.get(0)).startsWith("0-");
    assertThat(two.get(1)).isEqualTo(shares.from(1, 2) + "-40");
    assertThat(shares.of(2)).isSameAs(two);
    List<String> all = new ArrayList<>(two);
    all.addAll(shares.of(shares.most()));
    List<String> each = new ArrayList<>();
    shares.each(each::add);
    assertThat(each).isEqualTo(all);
    shares.forget();
    assertThat(shares.of(2)).isNotSameAs(two).isEqualTo(two);
  }

  @Test
  void aStepAllocatesNothing() {
    Network network = Network.input(9).lstm(257).gru(3).dense(1025).linear();
    NetworkFixture fixture = NetworkFixture.random(network, 7, 0.1);
    CompiledNetwork compiled = new CompiledNetwork(fixture.parameters(), new ScalarKernel());
    compiled.pack();
    NetworkPass pass = NetworkPass.forInference(compiled);
    pass.reserve(new int[] {1}, 1, 1);
    float[] state = new float[network.stateLayout().size()];
    long least = Long.MAX_VALUE;
    try (Workers team = new Workers(2)) {
      pass.divide(team);
      // The just-in-time compiler may allocate on this thread's account: the least of some rounds.
      for (int round = 0; round < 50 && least > 0; round++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        pass.loadState(0, state, 0);
        pass.step();
        pass.stepTogether();
        pass.storeState(0, 1, state, 0);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        least = round < 3 ? least : Math.min(least, allocated);
      }
    }
    assertThat(least).as("bytes allocated").isZero();
  }
}
