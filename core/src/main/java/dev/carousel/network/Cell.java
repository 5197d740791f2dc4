package dev.carousel.network;

import java.util.List;
import java.util.Objects;

/**
 * What is computed at one step of a recurrent layer. The equations are in {@code
 * dev.carousel.cell}; here is what a cell is made of.
 */
public sealed interface Cell {

  /** The name of the family: {@code elman}, {@code lstm} or {@code gru}. */
  String kind();

  /** The gate blocks of the weight matrices, in the order in which they are stored. */
  List<String> gates();

  /**
   * Vectors of {@code hiddenSize} that one sequence remembers: {@code h}, and for an LSTM {@code
   * c}.
   */
  List<String> stateParts();

  /**
   * The simple recurrent network (Elman, 1990): {@code h = f(W_ih x + W_hh h(t-1) + b)}, f tanh or
   * relu.
   */
  record Elman(Activation activation) implements Cell {
    /**
     * @throws IllegalArgumentException if the activation is neither tanh nor relu
     */
    public Elman {
      if (activation != Activation.TANH && activation != Activation.RELU) {
        throw new IllegalArgumentException(
            "Elman cell: expected activation TANH or RELU, got " + activation);
      }
    }

    @Override
    public String kind() {
      return "elman";
    }

    @Override
    public List<String> gates() {
      return List.of("h");
    }

    @Override
    public List<String> stateParts() {
      return List.of("h");
    }
  }

  /**
   * The long short-term memory with a forget gate (Hochreiter and Schmidhuber, 1997; Gers,
   * Schmidhuber and Cummins, 2000).
   *
   * @param forgetBias what the forget gate's bias starts from; 1 keeps the memory open at first
   *     (Jozefowicz, Zaremba and Sutskever, 2015)
   * @param peepholes whether the gates see the cell: i and f the old one, o the new one (Gers and
   *     Schmidhuber, 2000)
   * @param coupledInputForget whether {@code i = 1 - f}, without weights of its own (Greff et al.,
   *     2017)
   * @param cellClip c is limited to [-cellClip, cellClip] after the update; 0 means it is not
   * @param gateActivation the function of the gates
   */
  record Lstm(
      float forgetBias,
      boolean peepholes,
      boolean coupledInputForget,
      float cellClip,
      GateActivation gateActivation)
      implements Cell {
    /**
     * @throws IllegalArgumentException if the forget bias is not finite, or the clip negative or
     *     not finite
     */
    public Lstm {
      Objects.requireNonNull(gateActivation, "LSTM cell: expected a gate activation, got null");
      if (!Float.isFinite(forgetBias)) {
        throw new IllegalArgumentException(
            "LSTM cell: expected a finite forget bias, got " + forgetBias);
      }
      if (!(cellClip >= 0) || cellClip == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "LSTM cell: expected a cell clip of 0 (none) or a finite number above, got "
                + cellClip);
      }
    }

    /** The common LSTM: forget bias 1, no peepholes, separate gates, no clip, logistic gates. */
    public Lstm() {
      this(1f, false, false, 0f, GateActivation.SIGMOID);
    }

    /** What the forget gate's bias starts from. */
    public Lstm withForgetBias(double bias) {
      return new Lstm((float) bias, peepholes, coupledInputForget, cellClip, gateActivation);
    }

    /** Gates that see the cell. */
    public Lstm withPeepholes() {
      return new Lstm(forgetBias, true, coupledInputForget, cellClip, gateActivation);
    }

    /** An input gate that is 1 - f. */
    public Lstm withCoupledInputForget() {
      return new Lstm(forgetBias, peepholes, true, cellClip, gateActivation);
    }

    /** A limit to c; 0 for none. */
    public Lstm withCellClip(double clip) {
      return new Lstm(forgetBias, peepholes, coupledInputForget, (float) clip, gateActivation);
    }

    /** The function of the gates i, f and o. */
    public Lstm withGateActivation(GateActivation activation) {
      return new Lstm(forgetBias, peepholes, coupledInputForget, cellClip, activation);
    }

    /** Whether the equations are those of the common LSTM, whatever the forget bias starts from. */
    public boolean isPlain() {
      return !peepholes
          && !coupledInputForget
          && cellClip == 0
          && gateActivation == GateActivation.SIGMOID;
    }

    @Override
    public String kind() {
      return "lstm";
    }

    @Override
    public List<String> gates() {
      return coupledInputForget ? List.of("f", "g", "o") : List.of("i", "f", "g", "o");
    }

    @Override
    public List<String> stateParts() {
      return List.of("h", "c");
    }
  }

  /** The gated recurrent unit (Cho et al., 2014). */
  record Gru(Reset reset) implements Cell {
    /**
     * @throws NullPointerException if it is not said where the reset gate acts
     */
    public Gru {
      Objects.requireNonNull(reset, "GRU cell: expected a reset, got null");
    }

    /** Where the reset gate acts. */
    public enum Reset {
      /**
       * {@code n = tanh(W_in x + b_n + W_hn (r h))}: the paper, TensorFlow 1, Keras with
       * reset_after=False.
       */
      BEFORE,
      /** {@code n = tanh(W_in x + b_n + r (W_hn h + b_hn))}: cuDNN, PyTorch, Keras by default. */
      AFTER
    }

    @Override
    public String kind() {
      return "gru";
    }

    @Override
    public List<String> gates() {
      return List.of("r", "z", "n");
    }

    @Override
    public List<String> stateParts() {
      return List.of("h");
    }
  }
}
