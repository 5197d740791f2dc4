package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.carousel.cell.Packing;
import dev.carousel.network.Cell;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import dev.carousel.testkit.RandomArrays;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A steady state allocates nothing, not even once the lengths of the sequences change. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static List<Network> networks() {
    Cell variant = new Cell.Lstm().withPeepholes().withCellClip(1);
    return List.of(
        Network.tokens(9).embedding(4).lstm(9).dropout(0.5).gru(5).lastStep().dense(3).softmax(),
        Network.input(5).recurrent(variant, 7).elman(6).meanOverTime().linear(),
        Network.input(5)
            .layer(
                new Layer.Bidirectional(
                    new Cell.Gru(Cell.Gru.Reset.BEFORE), 7, Layer.Bidirectional.Merge.ADD))
            .maxOverTime()
            .linear());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aStepOfTrainingAllocatesNothing(Network network) {
    int[][] lengths = {{7, 5, 5, 2, 1}, {6, 6, 6, 1}};
    NetworkFixture fixture = NetworkFixture.random(network, 3, 0.6);
    CompiledNetwork compiled = fixture.compile();
    SequenceRun run = new SequenceRun(compiled);
    run.on(Cases.inputs(network, lengths[0], new RandomArrays(1)));
    NetworkPass pass = run.pass();
    pass.activateDropout(3);
    RowRange range = new RowRange();
    float[] gradients = new float[fixture.parameters().values().length];
    boolean canStep = network.canStep();
    float[] state = new float[canStep ? network.stateLayout().size() : 0];
    long least = Long.MAX_VALUE;
    // The just-in-time compiler may allocate on this thread's account: the least of some rounds.
    for (int round = 0; round < 50 && least > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int[] batch : lengths) {
        pass.reserve(batch, batch.length, 1);
        range.set(pass.steps(), 0);
        compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
        pass.forward(range);
        pass.clearGradients(range);
        pass.backward(range);
        pass.weightGradients(gradients, 0, 0, 1);
        pass.finishWeightGradients(gradients, 0, 0, 1);
        if (canStep) {
          pass.storeState(0, batch[0], state, 0);
          pass.loadState(0, state, 0);
        }
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      least = round < 3 ? least : Math.min(least, allocated);
    }
    assertThat(least).as("bytes allocated").isZero();
  }
}
