package dev.carousel.kernel;

/**
 * The array arithmetic that everything else is made of.
 *
 * <p>{@link ScalarKernel} is the specification: every provider gives the same bits for the same
 * arguments. That holds because each element of a product is one chain of fused multiply-adds along
 * k in ascending order, starting from the bias or from the value already there; because sums along
 * a row run in {@value #STRIPES} fixed stripes that fold in a fixed tree; and because the
 * transcendental functions are those of {@link Functions}.
 *
 * <p>Matrices are row-major: {@code a, aAt, aStride} is a matrix in {@code a} whose row r starts at
 * {@code aAt + r * aStride}. Methods are thread-safe as long as the written regions are disjoint;
 * they allocate nothing once a thread has seen the largest size. Arguments are trusted: callers
 * check shapes once, when a model or a batch is built. An index outside an array throws {@link
 * IndexOutOfBoundsException}.
 */
public interface Kernel {
  /** The number of interleaved partial sums of a reduction: element i goes to stripe i mod 16. */
  int STRIPES = 16;

  /** More rows than any batch has: one part for each thread. */
  int ALL_ROWS = 1 << 20;

  /** What runs, for people: {@code scalar}, or {@code vector, 512 bits}. */
  String name();

  /** Makes an empty operand in this kernel's layout. */
  PackedMatrix packed(int rows, int columns);

  /** Columns are divided between threads at multiples of this; see {@link ColumnShares}. */
  int columnAlignment();

  /**
   * About how many rows of a batch are best taken through all steps at once: few, so that a product
   * is still efficient but what a step writes stays in the nearest cache.
   *
   * @param training whether they also go back through the steps
   * @return at most {@link #ALL_ROWS}
   */
  int rowsAtOnce(boolean training);

  /**
   * {@code c += a b}.
   *
   * @param m rows of a and c
   * @param a {@code m x b.rows()}
   * @param c {@code m x b.columns()}
   */
  void product(
      int m, float[] a, int aAt, int aStride, PackedMatrix b, float[] c, int cAt, int cStride);

  /**
   * {@code c = bias + a b}, the bias in every row.
   *
   * @param bias {@code b.columns()} values from {@code biasAt}
   */
  void productFromBias(
      int m,
      float[] bias,
      int biasAt,
      float[] a,
      int aAt,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride);

  /**
   * {@code c = bias + [a a2] b}, each element one chain: the bias, then along the columns of a,
   * then along those of a2. The same bits as {@link #productFromBias} with b's first rows and
   * {@link #product} with the others.
   *
   * @param columns of a
   * @param a {@code m x columns}, without gaps
   * @param columns2 of a2
   * @param a2 {@code m x columns2}, without gaps
   * @param b {@code columns + columns2} rows
   * @param c {@code m x b.columns()}
   */
  void joinedProductFromBias(
      int m,
      float[] bias,
      int biasAt,
      int columns,
      float[] a,
      int aAt,
      int columns2,
      float[] a2,
      int a2At,
      PackedMatrix b,
      float[] c,
      int cAt,
      int cStride);

  /**
   * What the gradient of {@code z = b + W_ih x + W_hh h(t-1)} adds to those of the weights and the
   * bias, in one pass over dz:
   *
   * <pre>
   * dW_ih += transpose(x) dz      dW_hh += transpose(h) dz      db += the rows of dz
   * </pre>
   *
   * Each element is one chain over the rows, stretch by stretch, from the value already there.
   *
   * @param rows right those of dz and of x, left those of h; the rows of x and of h have no gaps
   * @param n columns of dz
   * @param inputSize 0 if there is no x
   * @param hiddenSize 0 if there is no h
   * @param gradients {@code inputSize x n} from dWih and {@code hiddenSize x n} from dWhh on,
   *     {@code stride} values between their rows, and n values from dBias on; -1 if there is no
   *     bias
   */
  void weightGradients(
      RowPairs rows,
      int n,
      float[] dz,
      int dzAt,
      int dzStride,
      int inputSize,
      float[] x,
      int xAt,
      int hiddenSize,
      float[] h,
      int hAt,
      float[] gradients,
      int dWih,
      int dWhh,
      int dBias,
      int stride);

  /** {@code sum[i] += x[i]} for {@code n} values, in arrays or regions of their own. */
  void add(int n, float[] x, int xAt, float[] sum, int sumAt);

  /** Replaces {@code n} values by {@link Functions#sigmoid} of them. */
  void sigmoid(int n, float[] x, int at);

  /** Replaces {@code n} values by {@link Functions#tanh} of them. */
  void tanh(int n, float[] x, int at);

  /**
   * Replaces {@code n} values by {@code Functions.exp(x - shift)} and returns their striped sum.
   */
  float expSum(int n, float shift, float[] x, int at);

  /**
   * The largest of {@code n} values, 0 if it is -0; NaN is passed over. Negative infinity if there
   * is none.
   */
  float maximum(int n, float[] x, int at);

  /** How many of {@code n} values are smaller than a limit; NaN is not. */
  int below(int n, float limit, float[] x, int at);

  /** The striped sum of squares of {@code n} values. */
  float sumOfSquares(int n, float[] x, int at);

  /**
   * One LSTM step after its products, for {@code rows} sequences:
   *
   * <pre>
   * i = sigmoid(z_i)  f = sigmoid(z_f)  g = tanh(z_g)  o = sigmoid(z_o)
   * c = f c(t-1) + i g        h = o tanh(c)
   * </pre>
   *
   * @param z {@code rows x 4 hiddenSize}, pre-activations in blocks i, f, g, o; replaced by the
   *     activations
   * @param cPrevious {@code rows x hiddenSize}
   * @param c {@code rows x hiddenSize}, written
   * @param tanhC {@code rows x hiddenSize}, written; kept for the backward step
   * @param h {@code rows x hiddenSize}, written
   */
  void lstmForward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] cPrevious,
      int cPreviousAt,
      float[] c,
      int cAt,
      float[] tanhC,
      int tanhCAt,
      float[] h,
      int hAt);

  /**
   * The backward step of {@link #lstmForward}.
   *
   * @param cPrevious {@code rows x hiddenSize}
   * @param tanhC {@code rows x hiddenSize}
   * @param dh {@code rows x hiddenSize}, the gradient of h
   * @param dc {@code rows x hiddenSize}, the gradient of c from later steps; replaced by the whole
   *     gradient of c
   * @param z {@code rows x 4 hiddenSize}, the activations; replaced by the gradients of the
   *     pre-activations
   * @param dcPrevious {@code rows x hiddenSize}, written: the gradient of c(t-1); may be dc, which
   *     is then replaced by it
   */
  void lstmBackward(
      int rows,
      int hiddenSize,
      float[] cPrevious,
      int cPreviousAt,
      float[] tanhC,
      int tanhCAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] z,
      int zAt,
      float[] dcPrevious,
      int dcPreviousAt);

  /**
   * One step of a reset-after GRU after its products, for {@code rows} sequences:
   *
   * <pre>
   * r = sigmoid(z_r)  z = sigmoid(z_z)  n = tanh(z_n + r u)        h = (1 - z) n + z h(t-1)
   * </pre>
   *
   * @param z {@code rows x 3 hiddenSize}, pre-activations in blocks r, z, n; replaced by the
   *     activations
   * @param u {@code rows x hiddenSize}, the candidate's recurrent product
   * @param hPrevious {@code rows x hiddenSize}
   * @param h {@code rows x hiddenSize}, written
   */
  void gruForward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] h,
      int hAt);

  /**
   * The backward step of {@link #gruForward}.
   *
   * @param z {@code rows x 3 hiddenSize}, the activations; replaced by the gradients of the
   *     pre-activations
   * @param u {@code rows x hiddenSize}; replaced by its gradient
   * @param hPrevious {@code rows x hiddenSize}
   * @param dh {@code rows x hiddenSize}, the gradient of h
   * @param dhPrevious {@code rows x hiddenSize}; what reaches h(t-1) past the products is added
   */
  void gruBackward(
      int rows,
      int hiddenSize,
      float[] z,
      int zAt,
      float[] u,
      int uAt,
      float[] hPrevious,
      int hPreviousAt,
      float[] dh,
      int dhAt,
      float[] dhPrevious,
      int dhPreviousAt);

  /**
   * Writes what {@code n} values are multiplied with in dropout: 0 where {@link Draws#draw} number
   * j of the key is below the threshold, else {@code scale}.
   *
   * @param threshold 0 to 2^31 - 1; there are 2^31 different draws
   */
  void dropoutMask(int n, long key, int threshold, float scale, float[] mask, int at);
}
