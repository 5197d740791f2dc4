package dev.carousel.cell;

/** What both forms of the GRU share: {@code h = (1 - z) n + z h(t-1)}, for one row. */
final class GruOutput {
  private GruOutput() {}

  static void forward(CellTape tape, int hiddenSize, int z, int n, int before, int state) {
    float[] gates = tape.z;
    float[] h = tape.h;
    for (int j = 0; j < hiddenSize; j++) {
      float candidate = gates[n + j];
      h[state + j] = Math.fma(gates[z + j], h[before + j] - candidate, candidate);
    }
  }

  /**
   * For row i: replaces z by dz_z and n by dz_n, and adds dh z to the gradient of the state before.
   *
   * @param zStride values of z for a row; its last two blocks are z and n
   */
  static void backward(CellTape tape, int hiddenSize, int zStride, StepRows at, int i) {
    int z = (at.packed + i + 1) * zStride - 2 * hiddenSize;
    int n = z + hiddenSize;
    int before = (at.previous + i) * hiddenSize;
    int dhAt = (at.dh + i) * hiddenSize;
    int dhBefore = (at.dhPrevious + i) * hiddenSize;
    float[] gates = tape.z;
    float[] dh = tape.dh;
    for (int j = 0; j < hiddenSize; j++) {
      float update = gates[z + j];
      float candidate = gates[n + j];
      float d = dh[dhAt + j];
      gates[z + j] = d * (tape.h[before + j] - candidate) * (update * (1f - update));
      gates[n + j] = d * (1f - update) * Math.fma(-candidate, candidate, 1f);
      dh[dhBefore + j] = Math.fma(d, update, dh[dhBefore + j]);
    }
  }
}
