package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import dev.carousel.network.Cell;
import java.util.List;

/** Trained networks at work: whole sequences, and one event at a time. */
final class InferenceRows {
  private InferenceRows() {}

  static List<Row> rows() {
    return List.of(sequences());
  }

  private static Row sequences() {
    Task task = Task.classify(new Cell.Lstm(), 28, 128, 28, 64);
    return new Row(
        "infer-lstm-28-128-28x64",
        "scores of whole sequences, LSTM 28 to 128, last step, dense 10, softmax; 28 steps, batch 64",
        "batch",
        1,
        task.forwardFlops(),
        1e-5,
        Double.NaN,
        Contender.factory(
            "Carousel", threads -> new CarouselInference(task, Kernels.chosen().kernel(), threads)),
        List.of(
            new Row.Peer(
                Contender.factory("DJL PyTorch", threads -> new DjlInference(task, threads)),
                1.3)));
  }
}
