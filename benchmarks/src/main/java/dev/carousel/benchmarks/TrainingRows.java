package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import dev.carousel.network.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Whole training steps: forward, loss, back-propagation through the whole sequence, no clipping,
 * Adam.
 */
final class TrainingRows {
  private static final double TOLERANCE = 1e-4;

  private TrainingRows() {}

  static List<Row> rows() {
    Cell lstm = new Cell.Lstm();
    Cell gru = new Cell.Gru(Cell.Gru.Reset.AFTER);
    List<Row> rows = new ArrayList<>();
    rows.add(classify(lstm, 28, 128, 28, 64, 2.0, Double.NaN));
    rows.add(classify(lstm, 200, 200, 20, 20, 2.0, Double.NaN));
    rows.add(classify(lstm, 512, 512, 35, 48, 1.5, 0.75));
    rows.add(classify(lstm, 1, 128, 784, 100, 2.0, Double.NaN));
    rows.add(classify(gru, 28, 128, 28, 64, 1.5, Double.NaN));
    rows.add(classify(gru, 200, 200, 20, 20, 1.5, Double.NaN));
    rows.add(classify(gru, 512, 512, 35, 48, 1.5, Double.NaN));
    rows.add(classify(gru, 1, 128, 784, 100, 1.5, Double.NaN));
    return rows;
  }

  private static Row classify(
      Cell cell, int input, int hidden, int steps, int batch, double bar, double peakBar) {
    String kind = cell.kind();
    String work =
        String.format(
            Locale.ROOT,
            "training step of %s %d to %d, last step, dense 10, softmax, Adam; %d steps, batch %d",
            kind.equals("gru") ? "GRU (reset after)" : "LSTM",
            input,
            hidden,
            steps,
            batch);
    String name =
        String.format(Locale.ROOT, "train-%s-%d-%d-%dx%d", kind, input, hidden, steps, batch);
    return row(name, work, () -> Task.classify(cell, input, hidden, steps, batch), bar, peakBar);
  }

  private static Row row(
      String name, String work, Supplier<Task> task, double bar, double peakBar) {
    return new Row(
        name,
        work,
        "step",
        1,
        task.get().trainingFlops(),
        TOLERANCE,
        peakBar,
        Contender.factory(
            "Carousel",
            threads -> new CarouselTraining(task.get(), Kernels.chosen().kernel(), threads)),
        List.of(
            new Row.Peer(
                Contender.factory("DJL PyTorch", threads -> new DjlTraining(task.get(), threads)),
                bar)));
  }
}
