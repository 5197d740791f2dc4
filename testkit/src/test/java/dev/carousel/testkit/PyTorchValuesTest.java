package dev.carousel.testkit;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values that PyTorch computed, in single precision or rounded to four or five decimals. */
class PyTorchValuesTest {

  private static Json tensors(int index) {
    return Json.read(
            SharedData.path("reference/numeric_refs/pytorch_values_from_candle_and_burn.json"))
        .get("cases")
        .elements()
        .get(index)
        .get("tensors");
  }

  private static CellReference lstm(Json tensors) {
    return new LstmReference(
        LstmReference.Options.standard(),
        Layout.transposed(tensors.get("weight_ih_l0").matrix()),
        Layout.transposed(tensors.get("weight_hh_l0").matrix()),
        Layout.sum(tensors.get("bias_ih_l0").vector(), tensors.get("bias_hh_l0").vector()));
  }

  @Test
  void lstmWithStates() {
    Json tensors = tensors(0);
    RecurrentRun run =
        lstm(tensors)
            .forward(
                Layout.swapped(tensors.get("input").cube()),
                tensors.get("h0").cube()[0],
                tensors.get("c0").cube()[0]);
    AbsoluteError.assertBelow(
        5e-7, "output", Layout.swapped(tensors.get("output").cube())[0], run.outputs()[0]);
    AbsoluteError.assertBelow(5e-7, "hn", tensors.get("hn").cube()[0], run.finalH());
    AbsoluteError.assertBelow(5e-7, "cn", tensors.get("cn").cube()[0], run.finalC());
  }

  @Test
  void lstmFromZero() {
    Json tensors = tensors(2);
    RecurrentRun run = lstm(tensors).forward(Layout.swapped(tensors.get("input").cube()));
    AbsoluteError.assertBelow(5.1e-5, "hn", tensors.get("hn").cube()[0], run.finalH());
    AbsoluteError.assertBelow(5.1e-5, "cn", tensors.get("cn").cube()[0], run.finalC());
  }

  @Test
  void elman() {
    Json tensors = tensors(1);
    RecurrentRun run =
        ElmanReference.forward(
            Activation.TANH,
            Layout.transposed(tensors.get("weight_ih_l0").matrix()),
            Layout.transposed(tensors.get("weight_hh_l0").matrix()),
            Layout.sum(tensors.get("bias_ih_l0").vector(), tensors.get("bias_hh_l0").vector()),
            Layout.swapped(tensors.get("input").cube()),
            tensors.get("hx").cube()[0]);
    AbsoluteError.assertBelow(
        5e-7, "output", Layout.swapped(tensors.get("output").cube())[0], run.outputs()[0]);
    AbsoluteError.assertBelow(5e-7, "hn", tensors.get("hn").cube()[0], run.finalH());
  }

  @Test
  void gruFromZero() {
    Json tensors = tensors(3);
    RecurrentRun run =
        gru(
                tensors.get("weight_ih_l0").matrix(),
                tensors.get("weight_hh_l0").matrix(),
                tensors.get("bias_ih_l0").vector(),
                tensors.get("bias_hh_l0").vector(),
                0,
                1,
                2)
            .forward(Layout.swapped(tensors.get("input").cube()));
    AbsoluteError.assertBelow(5.1e-5, "hn", tensors.get("hn").cube()[0], run.finalH());
  }

  /** The reset-after cell of transposed weights and two biases in any order of blocks. */
  private static CellReference gru(
      double[][] w, double[][] u, double[] inputBias, double[] recurrentBias, int... order) {
    double[] first = Layout.blocks(inputBias, order);
    double[] second = Layout.blocks(recurrentBias, order);
    int hidden = first.length / 3;
    double[] bias = Layout.sum(first, second);
    System.arraycopy(first, 2 * hidden, bias, 2 * hidden, hidden);
    return new GruReference(
        GruReference.Options.resetAfter(),
        Layout.blocks(Layout.transposed(w), order),
        Layout.blocks(Layout.transposed(u), order),
        bias,
        Arrays.copyOfRange(second, 2 * hidden, 3 * hidden));
  }

  private static CellReference onnxGru(Json tensors, int direction) {
    double[] both = tensors.get("B").matrix()[direction];
    return gru(
        tensors.get("W").cube()[direction],
        tensors.get("R").cube()[direction],
        Arrays.copyOfRange(both, 0, both.length / 2),
        Arrays.copyOfRange(both, both.length / 2, both.length),
        1,
        0,
        2);
  }

  // The weights of these two cases are rounded to five decimals too, hence the wider bound.
  private static final double ROUNDED = 1.3e-4;

  @Test
  void gru() {
    Json tensors = tensors(4);
    CellReference cell = onnxGru(tensors, 0);
    double[][][] x = tensors.get("x").cube();
    AbsoluteError.assertBelow(
        ROUNDED,
        "with h0",
        tensors.get("expected_output_with_h0").cube()[0],
        cell.forward(x, tensors.get("h0").matrix(), new double[1][0]).outputs()[0]);
    AbsoluteError.assertBelow(
        ROUNDED,
        "from zero",
        tensors.get("expected_output_no_h0").cube()[0],
        cell.forward(x).outputs()[0]);
  }

  @Test
  void bidirectionalGru() {
    Json tensors = tensors(5);
    BidirectionalReference layer =
        new BidirectionalReference(
            onnxGru(tensors, 0), onnxGru(tensors, 1), BidirectionalReference.Merge.CONCATENATE);
    double[][][] x = tensors.get("x").cube();
    double[][][] h0 = tensors.get("h0").cube();
    double[][] none = new double[1][0];
    for (String kind : List.of("with_init", "without_init")) {
      BidirectionalReference.Run run =
          kind.equals("with_init") ? layer.forward(x, h0[0], none, h0[1], none) : layer.forward(x);
      double[][][] hn = tensors.get("expected_hn_" + kind).cube();
      AbsoluteError.assertBelow(
          ROUNDED, "output", tensors.get("expected_output_" + kind).cube()[0], run.outputs()[0]);
      AbsoluteError.assertBelow(ROUNDED, "hn", hn[0], run.forwardRun().finalH());
      AbsoluteError.assertBelow(ROUNDED, "hn reverse", hn[1], run.backwardRun().finalH());
    }
  }
}
