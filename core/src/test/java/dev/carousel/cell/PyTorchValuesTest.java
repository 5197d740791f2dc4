package dev.carousel.cell;

import dev.carousel.execution.SequenceRun;
import dev.carousel.network.Activation;
import dev.carousel.network.Cell;
import dev.carousel.testkit.AbsoluteError;
import dev.carousel.testkit.Json;
import dev.carousel.testkit.Layout;
import dev.carousel.testkit.Parameters;
import dev.carousel.testkit.SharedData;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Values that PyTorch computed, in single precision or rounded to four or five decimals. Of its six
 * cases one half of one cannot be expressed: a bidirectional layer here starts from zero states, so
 * the bidirectional GRU with given states is left out.
 */
class PyTorchValuesTest {
  private static final double FLOAT = 5e-7;
  private static final double FOUR_DECIMALS = 5.1e-5;
  // The weights of these cases are rounded to five decimals too.
  private static final double ROUNDED_WEIGHTS = 1.3e-4;
  private static final Cell LSTM = new Cell.Lstm();
  private static final Cell GRU = new Cell.Gru(Cell.Gru.Reset.AFTER);

  private static Json tensors(int index) {
    return Json.read(
            SharedData.path("reference/numeric_refs/pytorch_values_from_candle_and_burn.json"))
        .get("cases")
        .elements()
        .get(index)
        .get("tensors");
  }

  private static SequenceRun run(Cell cell, Json tensors, int... order) {
    return Foreign.run(
            cell,
            Foreign.twoBiases(
                cell,
                tensors.get("weight_ih_l0").matrix(),
                tensors.get("weight_hh_l0").matrix(),
                tensors.get("bias_ih_l0").vector(),
                tensors.get("bias_hh_l0").vector(),
                order))
        .on(Layout.swapped(tensors.get("input").cube()));
  }

  private static double[][] lstmStates(Json tensors, String h, String c) {
    return Foreign.states(tensors.get(h).cube()[0], tensors.get(c).cube()[0]);
  }

  @Test
  void lstmWithStates() {
    Json tensors = tensors(0);
    SequenceRun run = run(LSTM, tensors, 0, 1, 2, 3);
    run.from(lstmStates(tensors, "h0", "c0")).forward();
    double[][] expected = Layout.swapped(tensors.get("output").cube())[0];
    AbsoluteError.assertBelow(FLOAT, "output", expected, run.outputs()[0]);
    AbsoluteError.assertBelow(FLOAT, "hn, cn", lstmStates(tensors, "hn", "cn"), run.states());
  }

  @Test
  void lstmFromZero() {
    Json tensors = tensors(2);
    SequenceRun run = run(LSTM, tensors, 0, 1, 2, 3).forward();
    AbsoluteError.assertBelow(
        FOUR_DECIMALS, "hn, cn", lstmStates(tensors, "hn", "cn"), run.states());
  }

  @Test
  void elman() {
    Json tensors = tensors(1);
    SequenceRun run = run(new Cell.Elman(Activation.TANH), tensors, 0);
    run.from(tensors.get("hx").cube()[0]).forward();
    double[][] expected = Layout.swapped(tensors.get("output").cube())[0];
    AbsoluteError.assertBelow(FLOAT, "output", expected, run.outputs()[0]);
    AbsoluteError.assertBelow(FLOAT, "hn", tensors.get("hn").cube()[0], run.states());
  }

  @Test
  void gruFromZero() {
    Json tensors = tensors(3);
    SequenceRun run = run(GRU, tensors, 0, 1, 2).forward();
    AbsoluteError.assertBelow(FOUR_DECIMALS, "hn", tensors.get("hn").cube()[0], run.states());
  }

  private static Parameters onnxGru(Json tensors, int direction) {
    double[] both = tensors.get("B").matrix()[direction];
    return Foreign.twoBiases(
        GRU,
        tensors.get("W").cube()[direction],
        tensors.get("R").cube()[direction],
        Arrays.copyOf(both, both.length / 2),
        Arrays.copyOfRange(both, both.length / 2, both.length),
        1,
        0,
        2);
  }

  @Test
  void gru() {
    Json tensors = tensors(4);
    SequenceRun run = Foreign.run(GRU, onnxGru(tensors, 0));
    double[][][] x = tensors.get("x").cube();
    AbsoluteError.assertBelow(
        ROUNDED_WEIGHTS,
        "from zero",
        tensors.get("expected_output_no_h0").cube()[0],
        run.on(x).forward().outputs()[0]);
    AbsoluteError.assertBelow(
        ROUNDED_WEIGHTS,
        "with h0",
        tensors.get("expected_output_with_h0").cube()[0],
        run.on(x).from(tensors.get("h0").matrix()).forward().outputs()[0]);
  }

  @Test
  void bidirectionalGruFromZero() {
    Json tensors = tensors(5);
    SequenceRun run = Foreign.run(GRU, onnxGru(tensors, 0), onnxGru(tensors, 1));
    AbsoluteError.assertBelow(
        ROUNDED_WEIGHTS,
        "output",
        tensors.get("expected_output_without_init").cube()[0],
        run.on(tensors.get("x").cube()).forward().outputs()[0]);
  }
}
