package dev.carousel.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime as its documentation shows it, for one event after the other: a new tensor for each
 * input, a new result for each output. {@link OnnxRun} is what can be had with more effort.
 */
final class OnnxCalls extends EventWork {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
  private final OrtSession session;
  private final int inputSize;
  private float[][][] h;
  private float[][][] c;

  OnnxCalls(Task task, int threads) throws OrtException {
    super(task);
    OnnxModel model = new OnnxModel(task.parameters());
    options.setIntraOpNumThreads(threads);
    session = environment.createSession(model.bytes(1, 1), options);
    inputSize = model.inputSize();
    h = new float[1][1][model.hiddenSize()];
    c = new float[1][1][model.hiddenSize()];
  }

  @Override
  float[] step(float[] event) {
    long[] shape = {1, 1, inputSize};
    try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(event), shape);
        OnnxTensor h0 = OnnxTensor.createTensor(environment, h);
        OnnxTensor c0 = OnnxTensor.createTensor(environment, c);
        OrtSession.Result result = session.run(Map.of("x", x, "h0", h0, "c0", c0))) {
      h = (float[][][]) result.get(1).getValue();
      c = (float[][][]) result.get(2).getValue();
      return ((float[][][]) result.get(0).getValue())[0][0];
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
    options.close();
  }
}
