package dev.carousel.benchmarks;

import dev.carousel.network.Cell;
import dev.carousel.network.ParameterLayout;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Trained networks at work: one event at a time, many keys at once, whole sequences. */
final class InferenceRows {
  private static final double TOLERANCE = 1e-5;

  private InferenceRows() {}

  static List<Row> rows() {
    return List.of(event(28, 128, 8), event(16, 64, 12), largeEvent(), keys(), sequences());
  }

  /**
   * At this size a second thread costs ONNX Runtime more than it brings: both are shown. So is what
   * it costs to use it plainly; the bar holds against its best use.
   */
  private static Row event(int input, int hidden, double bar) {
    Supplier<Task> task = () -> Task.classify(new Cell.Lstm(), input, hidden, 16, 64);
    return new Row(
        "event-lstm-" + input + "-" + hidden,
        String.format(
            Locale.ROOT,
            "one event of one key, LSTM %d to %d, dense 10, softmax; ours with one thread",
            input,
            hidden),
        "event",
        1,
        2.0 * weightBytes(task.get()) / Float.BYTES,
        weightBytes(task.get()),
        2,
        TOLERANCE,
        Double.NaN,
        Contender.factory("Carousel", threads -> new EventWork.Carousel(task.get(), 1)),
        List.of(
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime, 1 thread", threads -> new EventWork.Onnx(task.get(), 1)),
                bar),
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime, 2 threads", threads -> new EventWork.Onnx(task.get(), 2)),
                bar),
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime as documented, 1 thread",
                    threads -> new OnnxCalls(task.get(), 1)),
                Double.NaN)));
  }

  /** Weights of 8 MB, which no second-level cache holds: both sides divide a step. */
  private static Row largeEvent() {
    Supplier<Task> task = () -> Task.classify(new Cell.Lstm(), 512, 512, 16, 64);
    return new Row(
        "event-lstm-512-512",
        "one event of one key, LSTM 512 to 512, dense 10, softmax",
        "event",
        1,
        Double.NaN,
        TOLERANCE,
        Double.NaN,
        Contender.factory("Carousel", threads -> new EventWork.Carousel(task.get(), threads)),
        List.of(
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime", threads -> new EventWork.Onnx(task.get(), threads)),
                Double.NaN),
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime, 1 thread", threads -> new EventWork.Onnx(task.get(), 1)),
                Double.NaN)));
  }

  private static Row keys() {
    int keys = 256;
    Supplier<Task> task = () -> Task.classify(new Cell.Lstm(), 28, 128, 8, keys);
    return new Row(
        "keys-256-lstm-28-128",
        "one event of each of 256 keys, LSTM 28 to 128, dense 10, softmax; states one by one in"
            + " and out; wanted 1.67 us or less",
        "key",
        keys,
        2.0 * keys * weightBytes(task.get()) / Float.BYTES,
        TOLERANCE,
        Double.NaN,
        Contender.factory("Carousel", threads -> new KeysWork.Carousel(task.get(), threads)),
        List.of(
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime", threads -> new KeysWork.Onnx(task.get(), threads)),
                1.5)));
  }

  private static Row sequences() {
    Supplier<Task> task = () -> Task.classify(new Cell.Lstm(), 28, 128, 28, 64);
    return new Row(
        "infer-lstm-28-128-28x64",
        "scores of whole sequences, LSTM 28 to 128, last step, dense 10, softmax; 28 steps, batch"
            + " 64; the peers' input is in their layout beforehand",
        "batch",
        1,
        task.get().forwardFlops(),
        TOLERANCE,
        Double.NaN,
        Contender.factory("Carousel", threads -> new SequencesWork.Carousel(task.get(), threads)),
        List.of(
            new Row.Peer(
                Contender.factory("DJL PyTorch", threads -> new DjlInference(task.get(), threads)),
                1.3),
            new Row.Peer(
                Contender.factory(
                    "ONNX Runtime", threads -> new SequencesWork.Onnx(task.get(), threads)),
                1.3)));
  }

  /** Of all weights of matrices: what a step of one key has to read. */
  private static double weightBytes(Task task) {
    return task.parameters().layout().slices().stream()
        .filter(slice -> slice.transposedInFiles())
        .mapToDouble(ParameterLayout.Slice::size)
        .map(size -> size * Float.BYTES)
        .sum();
  }
}
