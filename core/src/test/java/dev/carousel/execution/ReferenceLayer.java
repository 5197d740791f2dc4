package dev.carousel.execution;

import dev.carousel.network.Activation;
import dev.carousel.network.Layer;
import dev.carousel.testkit.BidirectionalReference;
import dev.carousel.testkit.CellReference;
import dev.carousel.testkit.DenseReference;
import dev.carousel.testkit.EmbeddingReference;
import dev.carousel.testkit.Parameters;
import dev.carousel.testkit.PoolingReference;
import dev.carousel.testkit.RandomArrays;
import dev.carousel.testkit.RecurrentGradients;
import dev.carousel.testkit.RecurrentRun;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A layer made of the testkit's references, in double precision. Signals are {@code
 * [batchSize][timeSteps of that sequence][features]}, those of one vector per sequence with one
 * step.
 */
public abstract class ReferenceLayer {
  /** By the suffix of their names: {@code _l0}, {@code _l0_reverse}, or nothing. */
  public final Map<String, Parameters> parameters = new LinkedHashMap<>();

  public final Map<String, Parameters> gradients = new LinkedHashMap<>();

  public static ReferenceLayer of(Layer spec, int inputSize, RandomArrays random) {
    if (spec instanceof Layer.Embedding embedding) {
      return new Embedding(random.matrix(inputSize, embedding.size(), 1));
    }
    if (spec instanceof Layer.Recurrent recurrent) {
      return new Recurrent(
          CellVariants.reference(recurrent.cell(), inputSize, recurrent.hiddenSize(), random));
    }
    if (spec instanceof Layer.Bidirectional both) {
      return new Bidirectional(
          CellVariants.reference(both.cell(), inputSize, both.hiddenSize(), random),
          CellVariants.reference(both.cell(), inputSize, both.hiddenSize(), random),
          BidirectionalReference.Merge.valueOf(both.merge().name()));
    }
    if (spec instanceof Layer.Dense dense) {
      double scale = 3 / Math.sqrt(inputSize);
      return new Dense(
          random.matrix(inputSize, dense.size(), scale),
          random.vector(dense.size(), 1),
          dense.activation());
    }
    if (spec instanceof Layer.Pool pool) {
      return new Pool(PoolingReference.valueOf(pool.kind().name()));
    }
    throw new IllegalArgumentException("layer: expected one with a reference, got " + spec);
  }

  public abstract double[][][] forward(double[][][] x);

  /** Returns the gradient of the input, and keeps those of the parameters. */
  public abstract double[][][] backward(double[][][] dy);

  /** A cell from given states, {@code [batchSize][h, then c]}, zero if there are none. */
  public static final class Recurrent extends ReferenceLayer {
    private final CellReference cell;
    private double[][] initial = {};
    private double[][] dFinalCells = {};
    private RecurrentRun run;
    private RecurrentGradients back;

    Recurrent(CellReference cell) {
      this.cell = cell;
      parameters.put("_l0", cell.parameters());
    }

    public void from(double[][] states) {
      initial = states;
    }

    public void seedCells(double[][] dCells) {
      dFinalCells = dCells;
    }

    @Override
    public double[][][] forward(double[][][] x) {
      double[][] h = new double[x.length][cell.hiddenSize()];
      double[][] c = new double[x.length][cell.cellSize()];
      for (int r = 0; r < initial.length; r++) {
        h[r] = Arrays.copyOf(initial[r], cell.hiddenSize());
        c[r] = Arrays.copyOfRange(initial[r], cell.hiddenSize(), initial[r].length);
      }
      run = cell.forward(x, h, c);
      return run.outputs();
    }

    @Override
    public double[][][] backward(double[][][] dy) {
      boolean seeded = dFinalCells.length > 0 && cell.cellSize() > 0;
      double[][] none = new double[dy.length][cell.cellSize()];
      double[][] dh = new double[dy.length][cell.hiddenSize()];
      back = run.backward(dy, dh, seeded ? dFinalCells : none);
      gradients.put("_l0", back.parameters());
      return back.dInputs();
    }

    /** h after the last steps, then c. */
    public double[][] states() {
      return joined(run.finalH(), run.finalC());
    }

    public double[][] initialStateGradients() {
      return joined(back.dh0(), back.dc0());
    }

    private static double[][] joined(double[][] h, double[][] c) {
      double[][] joined = new double[h.length][];
      for (int r = 0; r < h.length; r++) {
        joined[r] = Arrays.copyOf(h[r], h[r].length + c[r].length);
        System.arraycopy(c[r], 0, joined[r], h[r].length, c[r].length);
      }
      return joined;
    }
  }

  private static final class Bidirectional extends ReferenceLayer {
    private final BidirectionalReference layer;
    private BidirectionalReference.Run run;

    Bidirectional(CellReference onward, CellReference back, BidirectionalReference.Merge merge) {
      layer = new BidirectionalReference(onward, back, merge);
      parameters.put("_l0", onward.parameters());
      parameters.put("_l0_reverse", back.parameters());
    }

    @Override
    public double[][][] forward(double[][][] x) {
      run = layer.forward(x);
      return run.outputs();
    }

    @Override
    public double[][][] backward(double[][][] dy) {
      BidirectionalReference.Gradients found = run.backward(dy);
      gradients.put("_l0", found.forward().parameters());
      gradients.put("_l0_reverse", found.backward().parameters());
      return found.dInputs();
    }
  }

  private static final class Dense extends ReferenceLayer {
    private final DenseReference layer;
    private final Activation activation;
    private double[][][] x = {};
    private double[][][] z = {};

    Dense(double[][] weight, double[] bias, Activation activation) {
      layer = new DenseReference(weight, bias);
      this.activation = activation;
      parameters.put("", layer.parameters());
    }

    @Override
    public double[][][] forward(double[][][] inputs) {
      x = inputs;
      z = layer.forward(inputs);
      return map(z, z, (value, same) -> function(value));
    }

    @Override
    public double[][][] backward(double[][][] dy) {
      Parameters sums = layer.parameters().zerosLike();
      gradients.put("", sums);
      return layer.backward(x, map(z, dy, (value, d) -> d * slope(value)), sums);
    }

    private double function(double value) {
      return switch (activation) {
        case LINEAR -> value;
        case TANH -> Math.tanh(value);
        case RELU -> Math.max(value, 0);
        case SIGMOID -> 1 / (1 + Math.exp(-value));
      };
    }

    private double slope(double value) {
      double y = function(value);
      return switch (activation) {
        case LINEAR -> 1;
        case TANH -> 1 - y * y;
        case RELU -> value > 0 ? 1 : 0;
        case SIGMOID -> y * (1 - y);
      };
    }

    private static double[][][] map(
        double[][][] a, double[][][] b, java.util.function.DoubleBinaryOperator f) {
      double[][][] result = new double[a.length][][];
      for (int r = 0; r < a.length; r++) {
        result[r] = new double[a[r].length][];
        for (int t = 0; t < a[r].length; t++) {
          result[r][t] = new double[a[r][t].length];
          for (int j = 0; j < a[r][t].length; j++) {
            result[r][t][j] = f.applyAsDouble(a[r][t][j], b[r][t][j]);
          }
        }
      }
      return result;
    }
  }

  private static final class Embedding extends ReferenceLayer {
    private final EmbeddingReference layer;
    private int[][] symbols = {};

    Embedding(double[][] table) {
      layer = new EmbeddingReference(table);
      parameters.put("", layer.parameters());
    }

    @Override
    public double[][][] forward(double[][][] x) {
      symbols = new int[x.length][];
      for (int r = 0; r < x.length; r++) {
        symbols[r] = Arrays.stream(x[r]).mapToInt(step -> (int) step[0]).toArray();
      }
      return layer.forward(symbols);
    }

    @Override
    public double[][][] backward(double[][][] dy) {
      Parameters sums = layer.parameters().zerosLike();
      layer.backward(symbols, dy, sums);
      gradients.put("", sums);
      return new double[0][][];
    }
  }

  private static final class Pool extends ReferenceLayer {
    private final PoolingReference layer;
    private double[][][] x = {};

    Pool(PoolingReference layer) {
      this.layer = layer;
    }

    @Override
    public double[][][] forward(double[][][] inputs) {
      x = inputs;
      double[][] pooled = layer.forward(inputs);
      return Arrays.stream(pooled).map(row -> new double[][] {row}).toArray(double[][][]::new);
    }

    @Override
    public double[][][] backward(double[][][] dy) {
      return layer.backward(
          x, Arrays.stream(dy).map(sequence -> sequence[0]).toArray(double[][]::new));
    }
  }
}
