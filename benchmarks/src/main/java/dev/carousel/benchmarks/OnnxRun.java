package dev.carousel.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime as fast as its Java interface allows: the tensors lie over direct buffers that are
 * made once, and the outputs are pinned to such tensors, so that a run allocates and copies
 * nothing. The state a run writes is what the next one reads: two sets of tensors take turns.
 */
final class OnnxRun implements AutoCloseable {
  /** State tensors with the memory they lie over. */
  private record Side(FloatBuffer h, FloatBuffer c, OnnxTensor hTensor, OnnxTensor cTensor) {}

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
  private final OrtSession session;
  private final FloatBuffer input;
  private final FloatBuffer scores;
  private final OnnxTensor inputTensor;
  private final OnnxTensor scoresTensor;
  private Side before;
  private Side after;
  private Map<String, OnnxTensor> inputs;
  private Map<String, OnnxTensor> outputs;
  private Map<String, OnnxTensor> otherInputs;
  private Map<String, OnnxTensor> otherOutputs;

  OnnxRun(OnnxModel model, int timeSteps, int batchSize, int threads) throws OrtException {
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    session = environment.createSession(model.bytes(timeSteps, batchSize), options);
    input = buffer(timeSteps * batchSize * model.inputSize());
    scores = buffer(batchSize * model.classes());
    inputTensor = tensor(input, timeSteps, batchSize, model.inputSize());
    scoresTensor = tensor(scores, 1, batchSize, model.classes());
    before = side(batchSize, model.hiddenSize());
    after = side(batchSize, model.hiddenSize());
    inputs = Map.of("x", inputTensor, "h0", before.hTensor, "c0", before.cTensor);
    outputs = Map.of("scores", scoresTensor, "h", after.hTensor, "c", after.cTensor);
    otherInputs = Map.of("x", inputTensor, "h0", after.hTensor, "c0", after.cTensor);
    otherOutputs = Map.of("scores", scoresTensor, "h", before.hTensor, "c", before.cTensor);
  }

  private Side side(int batchSize, int hiddenSize) throws OrtException {
    FloatBuffer h = buffer(batchSize * hiddenSize);
    FloatBuffer c = buffer(batchSize * hiddenSize);
    return new Side(h, c, tensor(h, 1, batchSize, hiddenSize), tensor(c, 1, batchSize, hiddenSize));
  }

  private static FloatBuffer buffer(int values) {
    return ByteBuffer.allocateDirect(values * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private OnnxTensor tensor(FloatBuffer buffer, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, buffer, shape);
  }

  /** Where the input goes, [timeSteps, batchSize, inputSize]. */
  FloatBuffer input() {
    return input;
  }

  /** The scores of the last run, [batchSize, classes]. */
  FloatBuffer scores() {
    return scores;
  }

  /** h that the next run starts from and the last one ended with, [batchSize, hiddenSize]. */
  FloatBuffer h() {
    return before.h;
  }

  /** c likewise. */
  FloatBuffer c() {
    return before.c;
  }

  /** From input and state to scores and state. */
  void run() {
    try {
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
    Side side = before;
    before = after;
    after = side;
    Map<String, OnnxTensor> map = inputs;
    inputs = otherInputs;
    otherInputs = map;
    map = outputs;
    outputs = otherOutputs;
    otherOutputs = map;
  }

  @Override
  public void close() {
    inputTensor.close();
    scoresTensor.close();
    for (Side side : new Side[] {before, after}) {
      side.hTensor.close();
      side.cTensor.close();
    }
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
    options.close();
  }
}
