package dev.carousel.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import dev.carousel.cell.InputWeights;
import dev.carousel.cell.Packing;
import dev.carousel.cell.RecurrentCell;
import dev.carousel.kernel.ChangedKernel;
import dev.carousel.kernel.Kernel;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.network.Network;
import dev.carousel.network.Parameters;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What steps with the same token share is computed once; that it is right is shown elsewhere. */
class TokenVectorsTest {
  private static final int EMBEDDING = 3;

  private int inputRows;

  private static Parameters parameters(int vocabulary) {
    return Parameters.initialize(
        Network.tokens(vocabulary).embedding(EMBEDDING).lstm(5).linear(), 7);
  }

  /** Counts the rows that are multiplied with input weights, alone or beside others. */
  private Kernel counting(String method, int sizeArgument) {
    Kernel scalar = new ScalarKernel();
    return ChangedKernel.of(
        method,
        arguments -> {
          if (arguments[sizeArgument].equals(EMBEDDING)) {
            inputRows += (int) arguments[0];
          }
          try {
            return Arrays.stream(Kernel.class.getMethods())
                .filter(m -> m.getName().equals(method))
                .findFirst()
                .orElseThrow()
                .invoke(scalar, arguments);
          } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static NetworkPass run(NetworkPass pass, int[] lengths, int... tokens) {
    pass.reserve(lengths, lengths.length, 1);
    for (int v = 0; v < pass.steps().total(); v++) {
      pass.tokens()[v] = tokens[v % tokens.length];
    }
    pass.forward(RowRange.all(pass.steps()));
    return pass;
  }

  private static CompiledNetwork compiled(Parameters parameters, Kernel kernel) {
    CompiledNetwork compiled = new CompiledNetwork(parameters, kernel);
    compiled.pack(0, 1, Packing.BACKWARD);
    return compiled;
  }

  @Test
  void oneProductForEachDistinctToken() {
    CompiledNetwork compiled = compiled(parameters(6), counting("productFromBias", 5));
    run(NetworkPass.forInference(compiled), new int[] {4, 3}, 5, 2, 5, 5);
    assertThat(inputRows).isEqualTo(2);
  }

  @Test
  void aProductAtEveryStepWhereTokensAreMany() {
    int steps = 7;
    int[] lengths = {4, 3};
    Kernel kernel = counting("joinedProductFromBias", 3);
    run(NetworkPass.forTraining(compiled(parameters(4 * steps), kernel)), lengths, 5, 2);
    assertThat(inputRows).isZero();
    run(NetworkPass.forTraining(compiled(parameters(4 * steps + 1), kernel)), lengths, 5, 2);
    // But for the first step, whose states are zero.
    assertThat(inputRows).isEqualTo(steps - 2);
  }

  /** All sessions read the same products, which are made anew when the weights are. */
  @Test
  void stepsReadTheProductsOfTheWholeTable() {
    Kernel kernel = counting("productFromBias", 5);
    Parameters parameters = parameters(6);
    CompiledNetwork compiled = compiled(parameters, kernel);
    for (int session = 0; session < 3; session++) {
      NetworkPass pass = NetworkPass.forSteps(compiled);
      for (int token = 0; token < 6; token++) {
        run(pass, new int[] {1, 1}, token);
      }
      assertThat(inputRows).isEqualTo(6);
    }
    NetworkPass kept = run(NetworkPass.forSteps(compiled), new int[] {1}, 4);
    Arrays.fill(parameters.values(), 0.25f);
    compiled.pack();
    CompiledNetwork fresh = compiled(parameters, new ScalarKernel());
    float[] expected = output(run(NetworkPass.forInference(fresh), new int[] {1}, 4));
    kept.clearStates();
    kept.forward(RowRange.all(kept.steps()));
    assertThat(output(kept)).isEqualTo(expected);
    assertThat(inputRows).isEqualTo(12);
  }

  private static float[] output(NetworkPass pass) {
    Activations out = pass.output();
    return Arrays.copyOfRange(out.values(), out.index(0), out.index(1));
  }

  @Test
  void largeTablesAreNotMultiplied() {
    assertThat(areWorthIt((1 << 20) / 20, 1, 5)).isTrue();
    assertThat(areWorthIt((1 << 20) / 20 + 1, 1, 5)).isFalse();
    assertThat(areWorthIt(512, 32, 256)).isTrue();
    assertThat(areWorthIt(513, 32, 256)).isFalse();
  }

  private static boolean areWorthIt(int vocabulary, int size, int hidden) {
    Network network = Network.tokens(vocabulary).embedding(size).lstm(hidden).linear();
    RecurrentCell cell =
        ((RecurrentLayer)
                compiled(Parameters.initialize(network, 1), new ScalarKernel()).layers()[1])
            .cell();
    TokenVectors tokens = new TokenVectors(new float[0], 0, vocabulary, size);
    return new TableProducts(new InputWeights(cell)).areWorthIt(tokens);
  }

  @Test
  void numbersFollowTheFirstOccurrences() {
    DistinctTokens distinct = new DistinctTokens();
    distinct.reserve(10, 7, EMBEDDING, false);
    Steps steps = Steps.of(3, 2, 2);
    int[] tokens = new int[7];
    int[][] rows = {{9, 4, 9}, {2, 4}, {0, 9}};
    for (int r = 0; r < rows.length; r++) {
      for (int t = 0; t < rows[r].length; t++) {
        tokens[steps.vector(r, t)] = rows[r][t];
      }
    }
    distinct.number(steps, tokens, 0, 3);
    assertThat(distinct.count()).isEqualTo(4);
    for (int token : new int[] {9, 4, 2, 0}) {
      assertThat(distinct.token(distinct.number(token))).isEqualTo(token);
    }
    assertThat(distinct.number(9)).isZero();
    assertThat(distinct.number(0)).isEqualTo(3);

    // Numbers of before are not taken for those of now.
    distinct.number(steps, tokens, 1, 2);
    assertThat(distinct.count()).isEqualTo(2);
    assertThat(distinct.number(2)).isZero();
    assertThat(distinct.number(4)).isEqualTo(1);
    assertThatIllegalStateException().isThrownBy(() -> distinct.number(9));
    assertThatIllegalStateException().isThrownBy(() -> distinct.number(0));
  }

  /** Two tokens at one step are two products, and no table is made for them. */
  @Test
  void aStepAloneSharesNothing() {
    Kernel kernel = counting("productFromBias", 5);
    NetworkPass pass = NetworkPass.forTraining(compiled(parameters(6), kernel));
    run(pass, new int[] {1, 1}, 5);
    assertThat(inputRows).isEqualTo(2);
    assertThat(gradients(pass, 1)).isNotEqualTo(new float[gradients(pass, 1).length]);
  }

  private static float[] gradients(NetworkPass pass, float dy) {
    RowRange all = RowRange.all(pass.steps());
    pass.clearGradients(all);
    Activations out = pass.output();
    Arrays.fill(out.gradients(), out.index(0), out.index(out.vectors(pass.steps())), dy);
    pass.backward(all);
    float[] gradients = new float[parameters(6).values().length];
    pass.weightGradients(gradients, 0, 0, 1);
    pass.finishWeightGradients(gradients, 0, 0, 1);
    return gradients;
  }

  /** The numbers of one batch's tokens are not those of the next, also if room was made once. */
  @Test
  void otherTokensInTheSameBuffers() {
    CompiledNetwork compiled = compiled(parameters(6), new ScalarKernel());
    compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
    int[] lengths = {4, 3};
    float[] expected = gradients(run(NetworkPass.forTraining(compiled), lengths, 3, 5), 1);
    NetworkPass pass = run(NetworkPass.forTraining(compiled), lengths, 0, 1);
    gradients(pass, 1);
    pass.clearStates();
    for (int v = 0; v < 7; v++) {
      pass.tokens()[v] = v % 2 == 0 ? 3 : 5;
    }
    pass.forward(RowRange.all(pass.steps()));
    assertThat(gradients(pass, 1)).isEqualTo(expected);
  }

  @Test
  void moreDistinctTokensAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    CompiledNetwork compiled = compiled(parameters(40), new ScalarKernel());
    compiled.pack(0, 1, Packing.BACKWARD_TO_INPUTS);
    int[] lengths = {20, 20, 20};
    int[] few = {1};
    int[] all = IntStream.range(0, 40).toArray();
    float[] gradients = new float[parameters(40).values().length];
    long least = Long.MAX_VALUE;
    // The just-in-time compiler may allocate on this thread's account: the least of some rounds.
    for (int round = 0; round < 30 && least > 0; round++) {
      NetworkPass pass = NetworkPass.forTraining(compiled);
      run(pass, lengths, few);
      RowRange rows = RowRange.all(pass.steps());
      long before = threads.getCurrentThreadAllocatedBytes();
      pass.reserve(lengths, lengths.length, 1);
      for (int v = 0; v < 60; v++) {
        pass.tokens()[v] = all[v % 40];
      }
      pass.forward(rows);
      pass.clearGradients(rows);
      pass.backward(rows);
      pass.weightGradients(gradients, 0, 0, 1);
      pass.finishWeightGradients(gradients, 0, 0, 1);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).as("bytes allocated").isZero();
  }
}
