package dev.carousel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.testkit.ScalarTape.Var;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bidirectional layer, dense, embedding and pooling: values by hand, gradients by central
 * differences.
 */
class LayerReferenceTest {

  private static final int[] LENGTHS = {4, 1, 3};

  private static double dot(double[][][] a, double[][][] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += dot(a[i], b[i]);
    }
    return sum;
  }

  private static double dot(double[][] a, double[][] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += CellReferenceTest.dot(a[i], b[i]);
    }
    return sum;
  }

  private static void assertSmall(WorstError worst, double bound) {
    assertThat(worst.relativeError()).as("%s", worst).isLessThan(bound);
  }

  @ParameterizedTest
  @EnumSource
  void bidirectionalGradientsEqualCentralDifferences(BidirectionalReference.Merge merge) {
    RandomArrays random = new RandomArrays(30);
    CellReference ahead = CellVariant.lstm(LstmReference.Options.standard()).cell().apply(random);
    CellReference back = CellVariant.gru(GruReference.Options.resetAfter()).cell().apply(random);
    BidirectionalReference layer = new BidirectionalReference(ahead, back, merge);
    double[][][] inputs = random.sequences(LENGTHS, CellVariant.INPUT_SIZE, 2);
    double[][] aheadH = random.matrix(3, 4, 1);
    double[][] aheadC = random.matrix(3, 4, 1);
    double[][] backH = random.matrix(3, 4, 1);
    double[][] backC = new double[3][0];
    int width = merge == BidirectionalReference.Merge.CONCATENATE ? 8 : 4;
    double[][][] dOutputs = random.sequences(LENGTHS, width, 1);
    double[][] dAheadH = random.matrix(3, 4, 1);
    double[][] dAheadC = random.matrix(3, 4, 1);
    double[][] dBackH = random.matrix(3, 4, 1);
    BidirectionalReference.Gradients gradients =
        layer
            .forward(inputs, aheadH, aheadC, backH, backC)
            .backward(dOutputs, dAheadH, dAheadC, dBackH, new double[3][0]);
    WorstError worst =
        GradientCheck.of(
                () -> {
                  BidirectionalReference.Run run =
                      layer.forward(inputs, aheadH, aheadC, backH, backC);
                  return dot(dOutputs, run.outputs())
                      + dot(dAheadH, run.forwardRun().finalH())
                      + dot(dAheadC, run.forwardRun().finalC())
                      + dot(dBackH, run.backwardRun().finalH());
                })
            .check(ahead.parameters(), gradients.forward().parameters())
            .check(back.parameters(), gradients.backward().parameters())
            .check("inputs", inputs, gradients.dInputs())
            .check("forward h0", aheadH, gradients.forward().dh0())
            .check("forward c0", aheadC, gradients.forward().dc0())
            .check("backward h0", backH, gradients.backward().dh0())
            .worst();
    assertSmall(worst, 2e-9);
  }

  @Test
  void theBackwardCellStartsAtEachSequencesOwnEnd() {
    // h = relu(x + h): forward a running sum from the start, backward one from the end.
    CellReference sum =
        new ElmanReference(
            Activation.RELU, new double[][] {{1}}, new double[][] {{1}}, new double[1]);
    double[][][] inputs = {{{1}, {2}, {4}}, {{8}}};
    assertThat(
            new BidirectionalReference(sum, sum, BidirectionalReference.Merge.CONCATENATE)
                .forward(inputs)
                .outputs())
        .isDeepEqualTo(new double[][][] {{{1, 7}, {3, 6}, {7, 4}}, {{8, 8}}});
    assertThat(
            new BidirectionalReference(sum, sum, BidirectionalReference.Merge.ADD)
                .forward(inputs)
                .outputs())
        .isDeepEqualTo(new double[][][] {{{8}, {9}, {11}}, {{16}}});
    BidirectionalReference.Run mean =
        new BidirectionalReference(sum, sum, BidirectionalReference.Merge.MEAN).forward(inputs);
    assertThat(mean.outputs()).isDeepEqualTo(new double[][][] {{{4}, {4.5}, {5.5}}, {{8}}});
    assertThat(mean.backward(new double[][][] {{{2}, {0}, {0}}, {{2}}}).dInputs())
        .isDeepEqualTo(new double[][][] {{{2}, {1}, {1}}, {{2}}});
  }

  @Test
  void cellsOfDifferentSizesCannotBePaired() {
    CellReference small =
        new ElmanReference(Activation.TANH, new double[3][2], new double[2][2], new double[2]);
    CellReference large =
        new ElmanReference(Activation.TANH, new double[3][5], new double[5][5], new double[5]);
    assertThatThrownBy(
            () -> new BidirectionalReference(small, large, BidirectionalReference.Merge.ADD))
        .hasMessage("backward cell: expected 3 -> 2 (the forward cell), got 3 -> 5");
  }

  @Test
  void dense() {
    DenseReference layer =
        new DenseReference(new double[][] {{1, 2, 3}, {4, 5, 6}}, new double[] {10, 20, 30});
    assertThat(layer.forward(new double[][] {{1, 0}, {2, -1}}))
        .isDeepEqualTo(new double[][] {{11, 22, 33}, {8, 19, 30}});
    assertThatThrownBy(() -> layer.forward(new double[][] {{1, 0}, {2, -1, 3}}))
        .hasMessage("inputs[1]: expected 2 values (rows of weight), got 3");

    RandomArrays random = new RandomArrays(31);
    double[][][] inputs = random.sequences(LENGTHS, 2, 1);
    double[][][] dOutputs = random.sequences(LENGTHS, 3, 1);
    Parameters gradients = layer.parameters().zerosLike();
    double[][][] dInputs = layer.backward(inputs, dOutputs, gradients);
    assertSmall(
        GradientCheck.of(() -> dot(dOutputs, layer.forward(inputs)))
            .check(layer.parameters(), gradients)
            .check("inputs", inputs, dInputs)
            .worst(),
        1e-9);
  }

  @Test
  void embedding() {
    RandomArrays random = new RandomArrays(32);
    double[][] table = random.matrix(5, 3, 1);
    EmbeddingReference layer = new EmbeddingReference(table);
    int[][] symbols = {{4, 0, 4, 1}, {}, {2}};
    double[][][] outputs = layer.forward(symbols);
    assertThat(outputs)
        .isDeepEqualTo(new double[][][] {{table[4], table[0], table[4], table[1]}, {}, {table[2]}});
    double[][][] dOutputs = random.sequences(new int[] {4, 0, 1}, 3, 1);
    Parameters gradients = layer.parameters().zerosLike();
    layer.backward(symbols, dOutputs, gradients);
    assertSmall(
        GradientCheck.of(() -> dot(dOutputs, layer.forward(symbols)))
            .check(layer.parameters(), gradients)
            .worst(),
        1e-9);
    assertThat(gradients.matrix("table")[3]).containsOnly(0);
    assertThatThrownBy(() -> layer.forward(new int[][] {{0}, {1, 5}}))
        .hasMessage("symbols[1][1]: expected 0 to 4 (rows of table), got 5");
  }

  @ParameterizedTest
  @EnumSource
  void poolingGradientsEqualCentralDifferences(PoolingReference pooling) {
    RandomArrays random = new RandomArrays(33);
    double[][][] inputs = random.sequences(LENGTHS, 3, 1);
    double[][] dPooled = random.matrix(3, 3, 1);
    assertSmall(
        GradientCheck.of(() -> dot(dPooled, pooling.forward(inputs)))
            .withStep(1e-5)
            .check("inputs", inputs, pooling.backward(inputs, dPooled))
            .worst(),
        1e-7);
  }

  @Test
  void poolingByHand() {
    double[][][] inputs = {{{1, 5}, {4, 5}, {1, -4}}, {{7, 8}}};
    assertThat(PoolingReference.MEAN.forward(inputs))
        .isDeepEqualTo(new double[][] {{2, 2}, {7, 8}});
    assertThat(PoolingReference.MAX.forward(inputs)).isDeepEqualTo(new double[][] {{4, 5}, {7, 8}});
    assertThat(PoolingReference.LAST.forward(inputs))
        .isDeepEqualTo(new double[][] {{1, -4}, {7, 8}});
    // Feature 1 of sequence 0 is largest twice; the first step receives the gradient.
    assertThat(PoolingReference.MAX.backward(inputs, new double[][] {{1, 2}, {3, 4}}))
        .isDeepEqualTo(new double[][][] {{{0, 2}, {1, 0}, {0, 0}}, {{3, 4}}});
    assertThatThrownBy(() -> PoolingReference.LAST.forward(new double[][][] {{{1}}, {}}))
        .hasMessage("inputs[1]: expected at least 1 step (to pool), got 0");
  }

  /**
   * From symbols to a loss through five layers: the pieces fit, and the tape agrees about the dense
   * layer and the loss.
   */
  @Test
  void aWholeModelsGradientsEqualCentralDifferences() {
    RandomArrays random = new RandomArrays(34);
    EmbeddingReference embedding = new EmbeddingReference(random.matrix(6, 3, 1));
    CellReference lower =
        CellVariant.lstm(LstmReference.Options.standard().withPeepholes()).cell().apply(random);
    CellReference upper =
        new GruReference(
            GruReference.Options.resetBefore(),
            random.matrix(4, 6, 1),
            random.matrix(2, 6, 1),
            random.vector(6, 1),
            new double[0]);
    DenseReference dense = new DenseReference(random.matrix(2, 5, 1), random.vector(5, 1));
    int[][] symbols = random.symbols(LENGTHS, 6);
    double[][] targets = {
      LossReference.oneHot(1, 5), LossReference.oneHot(4, 5), LossReference.oneHot(0, 5)
    };
    RecurrentRun first = lower.forward(embedding.forward(symbols));
    RecurrentRun second = upper.forward(first.outputs());
    double[][] pooled = PoolingReference.MEAN.forward(second.outputs());
    LossReference.SequenceLoss loss =
        LossReference.SOFTMAX_CROSS_ENTROPY.perSequence(dense.forward(pooled), targets);

    Parameters dDense = dense.parameters().zerosLike();
    double[][] dPooled = dense.backward(pooled, loss.dOutputs(), dDense);
    RecurrentGradients dUpper =
        second.backward(
            PoolingReference.MEAN.backward(second.outputs(), dPooled),
            new double[3][2],
            new double[3][0]);
    RecurrentGradients dLower =
        first.backward(dUpper.dInputs(), new double[3][4], new double[3][4]);
    Parameters dEmbedding = embedding.parameters().zerosLike();
    embedding.backward(symbols, dLower.dInputs(), dEmbedding);
    assertSmall(
        GradientCheck.of(
                () ->
                    LossReference.SOFTMAX_CROSS_ENTROPY
                        .perSequence(
                            dense.forward(
                                PoolingReference.MEAN.forward(
                                    upper
                                        .forward(
                                            lower.forward(embedding.forward(symbols)).outputs())
                                        .outputs())),
                            targets)
                        .value())
            .check(embedding.parameters(), dEmbedding)
            .check(lower.parameters(), dLower.parameters())
            .check(upper.parameters(), dUpper.parameters())
            .check(dense.parameters(), dDense)
            .worst(),
        2e-9);
  }

  @Test
  void denseAndSoftmaxEqualAutomaticDifferentiation() {
    RandomArrays random = new RandomArrays(35);
    double[][] x = random.matrix(1, 3, 1);
    DenseReference dense = new DenseReference(random.matrix(3, 4, 1), random.vector(4, 1));
    LossReference.SequenceLoss loss =
        LossReference.SOFTMAX_CROSS_ENTROPY.perSequence(
            dense.forward(x), new double[][] {LossReference.oneHot(2, 4)});
    Parameters gradients = dense.parameters().zerosLike();
    dense.backward(x, loss.dOutputs(), gradients);

    ScalarTape tape = new ScalarTape();
    Var[][] weight = tape.variables(dense.parameters().matrix("weight"));
    Var[] bias = tape.variables(dense.parameters().vector("bias"));
    Var sum = tape.constant(0);
    Var[] logits = new Var[4];
    for (int k = 0; k < 4; k++) {
      logits[k] = bias[k];
      for (int i = 0; i < 3; i++) {
        logits[k] = logits[k].plus(weight[i][k].times(x[0][i]));
      }
      sum = sum.plus(logits[k].exp());
    }
    Var cost = sum.log().minus(logits[2]);
    tape.backward(cost);
    assertSmall(
        Comparison.withFloor(1e-3)
            .compare("loss", new double[] {cost.value}, new double[] {loss.value()})
            .compare("weight", ScalarTape.gradients(weight), gradients.matrix("weight"))
            .compare("bias", ScalarTape.gradients(bias), gradients.vector("bias"))
            .worst(),
        1e-12);
  }
}
