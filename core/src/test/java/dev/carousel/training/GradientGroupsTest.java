package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.carousel.data.Sequences;
import dev.carousel.execution.Batch;
import dev.carousel.execution.CompiledNetwork;
import dev.carousel.execution.NetworkPass;
import dev.carousel.execution.Workers;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.MovingKernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import dev.carousel.network.Seeds;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of batches so large that they are summed in groups. */
class GradientGroupsTest {
  static List<Network> networks() {
    return List.of(
        Network.input(5).lstm(7).lastStep().dense(3).softmax(),
        Network.input(5).gru(40).dense(3).linear(),
        Network.tokens(11).embedding(6).bidirectional(new Cell.Lstm(), 4).dense(3).softmax(),
        Network.tokens(11)
            .embedding(6)
            .recurrent(new Cell.Lstm().withPeepholes().withCoupledInputForget(), 7)
            .lastStep()
            .linear(),
        Network.tokens(11)
            .embedding(6)
            .recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 70)
            .lastStep()
            .linear(),
        Network.tokens(11).embedding(6).lstm(7).dropout(0.2).gru(5).lastStep().dense(3).softmax(),
        Network.tokens(11).embedding(6).lstm(7).dropout(0.4).lastStep().dense(3).softmax(),
        Network.tokens(11)
            .embedding(6)
            .gru(7)
            .dropout(0.3)
            .dropout(0.3)
            .lastStep()
            .dense(3)
            .softmax(),
        Network.tokens(11).embedding(6).dropout(0.4).lastStep().dense(3).softmax(),
        Network.input(5).elman(6).dropout(0.3).lstm(7).dropout(0.4).lastStep().dense(3).softmax(),
        Network.input(5)
            .bidirectional(new Cell.Lstm(), 4)
            .dropout(0.4)
            .lastStep()
            .dense(3)
            .softmax(),
        Network.input(5).elman(7).dense(4, Activation.TANH).meanOverTime().dense(3).softmax(),
        Network.input(5)
            .recurrent(new Cell.Lstm().withPeepholes().withCoupledInputForget(), 7)
            .lastStep()
            .linear(),
        Network.input(5)
            .recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 7)
            .recurrent(new Cell.Gru(Cell.Gru.Reset.BEFORE), 4)
            .lastStep()
            .linear());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void weightsThatMoveBetweenStepsChangeNoBit(Network network) {
    Sequences data = data(network);
    MovingKernel moving = new MovingKernel();
    try (Workers workers = new Workers(2)) {
      float[] actual = step(network, data, workers, false, moving.kernel()).gradients();

      assertThat(actual).isEqualTo(gradients(network, data, 2));
    }
    assertThat(moving.moves()).isPositive();
  }

  /** 400 ragged sequences, about 2,000 vectors. */
  private static Sequences data(Network network) {
    return SmallProblems.fitting(network, 400, 5);
  }

  private static float[] gradients(Network network, Sequences data, int threads) {
    try (Workers workers = new Workers(threads)) {
      return step(network, data, workers).gradients().clone();
    }
  }

  /** One step on all of the data, the second on the same buffers. */
  private static GradientStep step(Network network, Sequences data, Workers workers) {
    return step(network, data, workers, false);
  }

  private static GradientStep step(
      Network network, Sequences data, Workers workers, boolean withStates) {
    return step(network, data, workers, withStates, new ScalarKernel());
  }

  private static GradientStep step(
      Network network, Sequences data, Workers workers, boolean withStates, Kernel kernel) {
    Parameters parameters = Parameters.initialize(network, 3);
    Batch batch = new Batch(data);
    CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
    GradientStep step =
        withStates
            ? GradientStep.withStateGradients(compiled, workers, batch)
            : new GradientStep(compiled, workers, batch);
    int[] order = IntStream.range(0, data.size()).toArray();
    for (int i = 0; i < 2; i++) {
      batch.select(order, 0, order.length);
      step.open(batch, 0, batch.longest(), 0);
      step.pass().activateDropout(i);
      step.run();
    }
    return step;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void anyNumberOfThreadsGivesTheSameBits(Network network) {
    Sequences data = data(network);
    float[] one = gradients(network, data, 1);
    for (int threads : new int[] {2, 3, 4, 5, 6, 8}) {
      assertThat(gradients(network, data, threads)).as("%d threads", threads).isEqualTo(one);
    }
  }

  /** Else groups of the long sequence alone, or of none, would be computed row by row. */
  @ParameterizedTest
  @MethodSource("networks")
  void oneLongSequenceAmongShortOnesMakesOneGroup(Network network) {
    int[] lengths = new int[40];
    Arrays.fill(lengths, 3);
    lengths[7] = 3000;
    Sequences data = SmallProblems.fitting(network, lengths, 5);
    float[] one = gradients(network, data, 1);
    for (int threads : new int[] {2, 3, 8}) {
      assertThat(gradients(network, data, threads)).as("%d threads", threads).isEqualTo(one);
    }
    try (Workers workers = new Workers(2)) {
      assertThat(step(network, data, workers).pass().steps().groups()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theGroupsSumsAreAddedInTheirOrder(Network network) {
    try (Workers workers = new Workers(3)) {
      GradientStep step = step(network, data(network), workers, true);
      NetworkPass pass = step.pass();
      assertThat(pass.partsAreGroups()).as("what the sums are of is kept").isFalse();
      int groups = pass.steps().groups();
      assertThat(groups).as("2,002 vectors").isEqualTo(4);
      float[] sum = new float[step.gradients().length];
      for (int g = 0; g < groups; g++) {
        float[] part = new float[sum.length];
        pass.weightGradients(part, g, 0, 1);
        pass.finishWeightGradients(part, g, 0, 1);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += part[i];
        }
      }
      assertThat(step.gradients()).isEqualTo(sum);
    }
  }

  /**
   * With 1 and 4 workers, 4 groups are parts and are summed on the way back; with 3 they are not.
   */
  @ParameterizedTest
  @MethodSource("networks")
  void theWayBackSumsWhatSumsOfAllThatIsKeptAre(Network network) {
    Sequences data = data(network);
    try (Workers alone = new Workers(1)) {
      float[] kept = step(network, data, alone, true).gradients();
      for (int threads : new int[] {1, 3, 4}) {
        try (Workers workers = new Workers(threads)) {
          GradientStep step = step(network, data, workers);
          assertThat(step.pass().steps().groups()).isEqualTo(4);
          assertThat(step.pass().partsAreGroups()).isEqualTo(threads != 3);
          assertThat(step.gradients()).as("%d threads", threads).isEqualTo(kept);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aSteadyStateAllocatesNothing(Network network) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Sequences data = data(network);
    int[] order = IntStream.range(0, data.size()).toArray();
    int[] sizes = {400, 300};
    Batch batch = new Batch(data);
    CompiledNetwork compiled =
        new CompiledNetwork(Parameters.initialize(network, 3), new ScalarKernel());
    try (Workers alone = new Workers(1)) {
      GradientStep step = new GradientStep(compiled, alone, batch);
      long least = Long.MAX_VALUE;
      // The just-in-time compiler may allocate on this thread's account: the least of some rounds.
      for (int round = 0; round < 50 && least > 0; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int size : sizes) {
          batch.select(order, 0, size);
          step.open(batch, 0, batch.longest(), 0);
          step.run();
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        least = round < 3 ? least : Math.min(least, allocated);
      }
      assertThat(step.pass().partsAreGroups()).isTrue();
      assertThat(least).as("bytes allocated").isZero();
    }
  }

  /** One group is summed when all are through it. */
  @ParameterizedTest
  @MethodSource("networks")
  void oneGroupsSumsAreThoseOfAllThatIsKept(Network network) {
    Sequences data = SmallProblems.fitting(network, 40, 5);
    for (int threads : new int[] {1, 3}) {
      try (Workers workers = new Workers(threads)) {
        GradientStep step = step(network, data, workers);
        assertThat(step.pass().steps().groups()).isEqualTo(1);
        assertThat(step.gradients())
            .as("%d threads", threads)
            .isEqualTo(step(network, data, workers, true).gradients());
      }
    }
  }

  @Test
  void trainingKeepsNoMoreGradientsOfStatesThanItNeeds() {
    CompiledNetwork compiled =
        new CompiledNetwork(
            Parameters.initialize(Network.input(5).lstm(7).lastStep().dense(3).softmax(), 3),
            new ScalarKernel());
    int[] lengths = {9, 9, 9};
    NetworkPass training = NetworkPass.forTraining(compiled);
    training.reserve(lengths, 3, 1);
    assertThat(training.tape(0).dc()).as("a row for each sequence").hasSize(3 * 7);
    assertThat(training.tape(0).dh()).as("two for each").hasSize(2 * 3 * 7);
    NetworkPass all = NetworkPass.withStateGradients(compiled);
    all.reserve(lengths, 3, 1);
    assertThat(all.tape(0).dc()).hasSize((3 + 27) * 7);
    assertThat(all.tape(0).dh()).hasSize((3 + 27) * 7);
  }

  /** Windows of truncated back-propagation, the later ones from states; batches of other sizes. */
  @ParameterizedTest
  @MethodSource("networks")
  void loadedStatesAndOtherLengthsLeaveNothingBehind(Network network) {
    Sequences data = data(network);
    Parameters parameters = Parameters.initialize(network, 3);
    CompiledNetwork compiled = new CompiledNetwork(parameters, new ScalarKernel());
    boolean loads = network.canStep();
    int stateSize = loads ? network.stateLayout().size() : 0;
    float[] state = SmallProblems.values(Seeds.of(4, Seeds.Purpose.SAMPLING), stateSize);
    int[] order = IntStream.range(0, data.size()).toArray();
    Batch batch = new Batch(data);
    try (Workers workers = new Workers(2)) {
      GradientStep reused = new GradientStep(compiled, workers, batch);
      for (int size : new int[] {400, 250, 60, 400}) {
        batch.select(order, 0, size);
        for (int window : new int[] {batch.longest(), 5}) {
          GradientStep kept = GradientStep.withStateGradients(compiled, workers, batch);
          for (GradientStep step : List.of(reused, kept)) {
            step.open(batch, 0, window, 0);
            step.pass().activateDropout(window);
            for (int r = 0; loads && window == 5 && r < step.pass().steps().batchSize(); r++) {
              step.pass().loadState(r, state, 0);
            }
            step.run();
          }
          assertThat(reused.gradients())
              .as("%d sequences, %d steps", size, window)
              .isEqualTo(kept.gradients());
        }
      }
    }
  }

  /** The mean over a batch is the mean over pieces of it that weigh the same. */
  @Test
  void groupsAddUpToWhatNeighboursGiveAlone() {
    Network network = Network.input(5).lstm(7).lastStep().dense(3).softmax();
    Sequences data = data(network);
    float[] whole = gradients(network, data, 2);
    float[] mean = new float[whole.length];
    int pieces = 8;
    for (int p = 0; p < pieces; p++) {
      int from = 50 * p;
      Sequences piece = data.select(IntStream.range(from, from + 50).toArray());
      float[] some = gradients(network, piece, 1);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += some[i] / pieces;
      }
    }
    for (int i = 0; i < mean.length; i++) {
      assertThat(whole[i]).as("gradient %d", i).isCloseTo(mean[i], within(2e-7f));
    }
  }

  @Test
  void groupsFollowFromTheNetworkAndTheBatchAlone() {
    Network network = Network.input(5).lstm(7).lastStep().dense(3).softmax();
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Workers workers = new Workers(threads)) {
        assertThat(groups(network, 28, 28, workers)).as("784 vectors").isEqualTo(1);
        assertThat(groups(network, 64, 28, workers)).as("1,792 vectors").isEqualTo(4);
        assertThat(groups(network, 100, 784, workers)).as("the most").isEqualTo(8);
        assertThat(groups(network, 80, 28, workers)).as("2,240 vectors").isEqualTo(4);
        assertThat(groups(network, 31, 784, workers)).as("four rows for each").isEqualTo(4);
        assertThat(groups(network, 7, 4000, workers)).as("7 sequences").isEqualTo(1);
        assertThat(groups(network, 1, 4000, workers)).as("1 sequence").isEqualTo(1);
      }
    }
    Network large = Network.input(5).lstm(256).lastStep().dense(3).softmax();
    try (Workers workers = new Workers(2)) {
      assertThat(groups(large, 64, 28, workers)).as("more than 2^18 parameters").isEqualTo(1);
    }
  }

  @Test
  void aBatchOfNothingIsRefusedByAnyNumberOfWorkers() {
    Network network = Network.input(5).lstm(7).lastStep().dense(3).softmax();
    CompiledNetwork compiled =
        new CompiledNetwork(Parameters.initialize(network, 3), new ScalarKernel());
    for (int workers : new int[] {1, 2}) {
      assertThatThrownBy(() -> NetworkPass.forTraining(compiled).reserve(new int[0], 0, workers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batch: expected at least 1 sequence, got 0");
    }
  }

  private static int groups(Network network, int batchSize, int timeSteps, Workers workers) {
    CompiledNetwork compiled =
        new CompiledNetwork(Parameters.initialize(network, 3), new ScalarKernel());
    NetworkPass pass = NetworkPass.forTraining(compiled);
    int[] lengths = IntStream.generate(() -> timeSteps).limit(batchSize).toArray();
    pass.reserve(lengths, batchSize, workers.count());
    NetworkPass inference = NetworkPass.forInference(compiled);
    inference.reserve(lengths, batchSize, workers.count());
    assertThat(inference.steps().groups()).as("without gradients").isEqualTo(1);
    return pass.steps().groups();
  }
}
