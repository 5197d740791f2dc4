package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import dev.carousel.network.Cell;
import dev.carousel.network.Network;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Whole training steps: forward, loss, back-propagation through the whole sequence, no clipping,
 * Adam.
 */
final class TrainingRows {
  private static final double TOLERANCE = 1e-4;
  private static final double NO_BAR = Double.NaN;

  private TrainingRows() {}

  static List<Row> rows() {
    Cell lstm = new Cell.Lstm();
    Cell gru = new Cell.Gru(Cell.Gru.Reset.AFTER);
    return List.of(
        beside(classify(lstm, 28, 128, 28, 64), List.of(djl(2.0), dl4j(20))),
        beside(classify(lstm, 200, 200, 20, 20), List.of(djl(2.0))),
        beside(classify(lstm, 512, 512, 35, 48), List.of(djl(1.5)), 0.75),
        beside(classify(lstm, 1, 128, 784, 100), List.of(djl(2.0))),
        beside(classify(gru, 28, 128, 28, 64), List.of(djl(1.5))),
        beside(classify(gru, 200, 200, 20, 20), List.of(djl(1.5))),
        beside(classify(gru, 512, 512, 35, 48), List.of(djl(1.5))),
        beside(classify(gru, 1, 128, 784, 100), List.of(djl(1.5))),
        beside(remember(1, 128, 784, 100), List.of(djl(1.5))),
        beside(words(10_000, 200, 20, 20), List.of(djl(1.5))),
        beside(characters(65, 64, 128, 64, 64), List.of(djl(NO_BAR))));
  }

  /** What is trained; the task itself is made when it is measured. */
  private record Training(String name, String work, double flops, Supplier<Task> task) {}

  private static Training classify(Cell cell, int input, int hidden, int steps, int batch) {
    String shape = "%d-%d-%dx%d".formatted(input, hidden, steps, batch);
    String layer = cell instanceof Cell.Gru ? "GRU (reset after)" : "LSTM";
    return new Training(
        "train-" + cell.kind() + "-" + shape,
        String.format(
            Locale.ROOT,
            "training step, %s %d to %d, last step, dense 10, softmax, Adam; %d steps, batch %d",
            layer,
            input,
            hidden,
            steps,
            batch),
        Task.trainingFlops(Task.classifier(cell, input, hidden), steps, batch),
        () -> Task.classify(cell, input, hidden, steps, batch));
  }

  private static Training remember(int input, int hidden, int steps, int batch) {
    Training whatVanishes =
        classify(new Cell.Gru(Cell.Gru.Reset.AFTER), input, hidden, steps, batch);
    return new Training(
        whatVanishes.name + "-remembering",
        whatVanishes.work + ", update gates near one",
        whatVanishes.flops,
        () -> Task.remember(input, hidden, steps, batch));
  }

  private static Training words(int words, int size, int steps, int batch) {
    return tokens(
        "train-words-%d-%d-%dx%d".formatted(words, size, steps, batch),
        String.format(
            Locale.ROOT, "embedding %d, 2 x LSTM %d, softmax over %,d words", size, size, words),
        Task.wordModel(words, size),
        steps,
        batch);
  }

  private static Training characters(
      int characters, int embedding, int hidden, int steps, int batch) {
    return tokens(
        "train-characters-%d-%d-%d-%dx%d".formatted(characters, embedding, hidden, steps, batch),
        String.format(
            Locale.ROOT,
            "embedding %d, LSTM %d, softmax over %d characters",
            embedding,
            hidden,
            characters),
        Task.characterModel(characters, embedding, hidden),
        steps,
        batch);
  }

  private static Training tokens(
      String name, String layers, Network network, int steps, int batch) {
    return new Training(
        name,
        String.format(
            Locale.ROOT,
            "training step, %s at every step, Adam; %d steps, batch %d",
            layers,
            steps,
            batch),
        Task.trainingFlops(network, steps, batch),
        () -> Task.tokens(network, steps, batch));
  }

  /** A peer still without the task. */
  private record Beside(String name, double bar, Maker maker) {
    interface Maker {
      Contender create(Task task, int threads);
    }
  }

  private static Beside djl(double bar) {
    return new Beside("DJL PyTorch", bar, DjlTraining::new);
  }

  private static Beside dl4j(double bar) {
    return new Beside("Deeplearning4j", bar, Dl4jTraining::new);
  }

  private static Row beside(Training training, List<Beside> peers) {
    return beside(training, peers, NO_BAR);
  }

  private static Row beside(Training training, List<Beside> peers, double peakBar) {
    return new Row(
        training.name,
        training.work,
        "step",
        1,
        training.flops,
        TOLERANCE,
        peakBar,
        Contender.factory(
            "Carousel",
            threads ->
                new CarouselTraining(training.task.get(), Kernels.chosen().kernel(), threads)),
        peers.stream()
            .map(
                peer ->
                    new Row.Peer(
                        Contender.factory(
                            peer.name, threads -> peer.maker.create(training.task.get(), threads)),
                        peer.bar))
            .toList());
  }
}
