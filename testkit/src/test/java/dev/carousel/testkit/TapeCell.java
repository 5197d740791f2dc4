package dev.carousel.testkit;

import dev.carousel.testkit.ScalarTape.Var;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The forward equations of the cells on a tape, unit by unit, written apart from the reference
 * cells.
 */
abstract class TapeCell {

  final ScalarTape tape;
  final Map<String, Var[][]> weights = new LinkedHashMap<>();
  final int hiddenSize;

  TapeCell(ScalarTape tape, CellReference cell) {
    this.tape = tape;
    this.hiddenSize = cell.hiddenSize();
    for (String name : cell.parameters().names()) {
      weights.put(name, tape.variables(cell.parameters().matrix(name)));
    }
  }

  /** h and c after a step. */
  record State(Var[] h, Var[] c) {}

  abstract State step(Var[] x, State previous);

  /** x W + h U + b in column {@code gate * hiddenSize + unit}. */
  Var preActivation(Var[] x, Var[] h, int gate, int unit) {
    int column = gate * hiddenSize + unit;
    return dot(x, "weightIh", column)
        .plus(dot(h, "weightHh", column))
        .plus(weight("bias", 0, column));
  }

  Var dot(Var[] x, String name, int column) {
    Var sum = tape.constant(0);
    for (int row = 0; row < x.length; row++) {
      sum = sum.plus(x[row].times(weight(name, row, column)));
    }
    return sum;
  }

  Var weight(String name, int row, int column) {
    return weights.get(name)[row][column];
  }

  static Var gate(GateActivation activation, Var x) {
    return switch (activation) {
      case SIGMOID -> x.sigmoid();
      case HARD_SIGMOID_02 -> x.times(0.2).plus(0.5).clip(0, 1);
      case HARD_SIGMOID_6 -> x.plus(3).clip(0, 6).times(1.0 / 6);
    };
  }

  static TapeCell elman(ScalarTape tape, CellReference cell, Activation activation) {
    return new TapeCell(tape, cell) {
      @Override
      State step(Var[] x, State previous) {
        Var[] h = new Var[hiddenSize];
        for (int j = 0; j < hiddenSize; j++) {
          Var a = preActivation(x, previous.h(), 0, j);
          h[j] = activation == Activation.TANH ? a.tanh() : a.clip(0, Double.POSITIVE_INFINITY);
        }
        return new State(h, new Var[0]);
      }
    };
  }

  static TapeCell lstm(ScalarTape tape, CellReference cell, LstmReference.Options options) {
    return new TapeCell(tape, cell) {
      @Override
      State step(Var[] x, State previous) {
        Var[] h = new Var[hiddenSize];
        Var[] c = new Var[hiddenSize];
        int first = options.coupled() ? -1 : 0;
        for (int j = 0; j < hiddenSize; j++) {
          Var cPrevious = previous.c()[j];
          Var f = gateWith("peepholeF", first + 1, x, previous.h(), cPrevious, j);
          Var i =
              options.coupled()
                  ? tape.constant(1).minus(f)
                  : gateWith("peepholeI", 0, x, previous.h(), cPrevious, j);
          Var g = preActivation(x, previous.h(), first + 2, j).tanh();
          c[j] = f.times(cPrevious).plus(i.times(g)).clip(-options.cellClip(), options.cellClip());
          Var o = gateWith("peepholeO", first + 3, x, previous.h(), c[j], j);
          h[j] = o.times(c[j].tanh());
        }
        return new State(h, c);
      }

      private Var gateWith(String peephole, int block, Var[] x, Var[] h, Var c, int unit) {
        Var a = preActivation(x, h, block, unit);
        if (options.peepholes()) {
          a = a.plus(weight(peephole, 0, unit).times(c));
        }
        return gate(options.gateActivation(), a);
      }
    };
  }

  static TapeCell gru(ScalarTape tape, CellReference cell, GruReference.Options options) {
    return new TapeCell(tape, cell) {
      @Override
      State step(Var[] x, State previous) {
        Var[] hPrevious = previous.h();
        Var[] r = new Var[hiddenSize];
        Var[] resetH = new Var[hiddenSize];
        for (int j = 0; j < hiddenSize; j++) {
          r[j] = gate(options.gateActivation(), preActivation(x, hPrevious, 0, j));
          resetH[j] = r[j].times(hPrevious[j]);
        }
        Var[] h = new Var[hiddenSize];
        for (int j = 0; j < hiddenSize; j++) {
          Var z = gate(options.gateActivation(), preActivation(x, hPrevious, 1, j));
          int column = 2 * hiddenSize + j;
          Var recurrent =
              options.reset() == GruReference.Reset.BEFORE
                  ? dot(resetH, "weightHh", column)
                  : r[j].times(
                      dot(hPrevious, "weightHh", column).plus(weight("recurrentBias", 0, j)));
          Var n = dot(x, "weightIh", column).plus(weight("bias", 0, column)).plus(recurrent).tanh();
          h[j] = tape.constant(1).minus(z).times(n).plus(z.times(hPrevious[j]));
        }
        return new State(h, new Var[0]);
      }
    };
  }
}
