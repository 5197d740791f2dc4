package dev.carousel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.data.Sequences;
import dev.carousel.kernel.ScalarKernel;
import dev.carousel.model.EpochMetrics;
import dev.carousel.model.Model;
import dev.carousel.model.ModelFormatException;
import dev.carousel.model.SafeTensors;
import dev.carousel.model.Seal;
import dev.carousel.model.Tensor;
import dev.carousel.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Stopped after any update and resumed, a training ends in the bits of one that was not. */
class ResumeTest {
  private static final Network PER_STEP =
      Network.input(5).lstm(4).dropout(0.2).gru(3).dense(3).softmax();
  private static final Network PER_SEQUENCE =
      Network.input(5).lstm(4).dropout(0.2).meanOverTime().dense(3).softmax();

  @TempDir Path folder;

  /** How to train, and how the undisturbed training ends. */
  private record Case(Supplier<Trainer> trainer, Network network, TrainingRun.Outcome end) {}

  private static Map<String, Case> cases() {
    TrainingRun.Outcome finished = TrainingRun.Outcome.FINISHED;
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("plain", new Case(() -> trainer(PER_SEQUENCE), PER_SEQUENCE, finished));
    cases.put(
        "momentum, not shuffled",
        new Case(
            () ->
                trainer(PER_SEQUENCE)
                    .shuffle(false)
                    .optimizer(Sgd.withLearningRate(0.1).withMomentum(0.9)),
            PER_SEQUENCE,
            finished));
    cases.put(
        "windows",
        new Case(() -> trainer(PER_STEP).truncation(Truncation.every(3)), PER_STEP, finished));
    cases.put(
        "overlapping windows",
        new Case(() -> trainer(PER_STEP).truncation(new Truncation(5, 2)), PER_STEP, finished));
    cases.put(
        "plateau",
        new Case(
            () ->
                trainer(PER_SEQUENCE)
                    .epochs(9)
                    .optimizer(Adam.withLearningRate(0.3))
                    .schedule(new Schedule.ReduceOnPlateau(0.5, 2)),
            PER_SEQUENCE,
            finished));
    cases.put(
        "early stopping",
        new Case(
            () ->
                trainer(PER_SEQUENCE)
                    .epochs(20)
                    .optimizer(Adam.withLearningRate(0.3))
                    .earlyStopping(2),
            PER_SEQUENCE,
            TrainingRun.Outcome.STOPPED_EARLY));
    return cases;
  }

  private static Trainer trainer(Network network) {
    return Trainer.of(network)
        .kernel(new ScalarKernel())
        .optimizer(Adam.withLearningRate(0.05))
        .schedule(new Schedule.Cosine(0.2, 0.1))
        .clipGlobalNorm(1)
        .batchSize(4)
        .epochs(3)
        .threads(1)
        .seed(5);
  }

  private static Sequences train(Network network) {
    return SmallProblems.fitting(network, 10, 1);
  }

  private static Sequences validation(Network network) {
    return SmallProblems.fitting(network, 6, 2);
  }

  @TestFactory
  List<DynamicTest> stoppedAfterEveryUpdate() {
    List<DynamicTest> tests = new ArrayList<>();
    cases().forEach((name, c) -> tests.add(DynamicTest.dynamicTest(name, () -> check(name, c))));
    return tests;
  }

  private void check(String name, Case c) throws IOException {
    Model undisturbed;
    long steps;
    try (TrainingRun run = c.trainer().get().start(train(c.network()), validation(c.network()))) {
      assertThat(run.run(() -> false)).isEqualTo(c.end());
      undisturbed = run.model();
      steps = run.stepsDone();
    }
    assertThat(steps).isGreaterThanOrEqualTo(9);
    if (name.equals("plateau")) {
      assertThat(undisturbed.metrics().get(8).learningRate()).isLessThan(0.16);
    }
    for (long stop = 1; stop < steps; stop++) {
      Path file = folder.resolve(name + stop);
      long at = stop;
      try (TrainingRun run = start(c, file)) {
        assertThat(run.run(() -> run.stepsDone() >= at))
            .as("stopped after %d of %d", stop, steps)
            .isEqualTo(TrainingRun.Outcome.INTERRUPTED);
        assertThat(run.stepsDone()).isEqualTo(stop);
      }
      try (TrainingRun run = start(c, file)) {
        run.resume();
        assertThat(run.stepsDone()).isEqualTo(stop);
        assertThat(run.run(() -> false)).isEqualTo(c.end());
        assertThat(run.stepsDone()).isEqualTo(steps);
        assertThat(run.model().fingerprint())
            .as("stopped after %d of %d", stop, steps)
            .isEqualTo(undisturbed.fingerprint());
        assertThat(losses(run.model())).isEqualTo(losses(undisturbed));
      }
    }
  }

  @TestFactory
  List<DynamicTest> stoppedAfterTheLastUpdateItHasEnded() {
    List<DynamicTest> tests = new ArrayList<>();
    cases()
        .forEach(
            (name, c) ->
                tests.add(
                    DynamicTest.dynamicTest(
                        name,
                        () -> {
                          long steps;
                          try (TrainingRun run = start(c, folder.resolve("undisturbed"))) {
                            run.run(() -> false);
                            steps = run.stepsDone();
                          }
                          try (TrainingRun run = start(c, folder.resolve("stopped"))) {
                            assertThat(run.run(() -> run.stepsDone() >= steps)).isEqualTo(c.end());
                          }
                        })));
    return tests;
  }

  private static TrainingRun start(Case c, Path file) {
    return c.trainer()
        .get()
        .checkpoint(file, Duration.ofDays(1))
        .start(train(c.network()), validation(c.network()));
  }

  private static List<List<Double>> losses(Model model) {
    List<List<Double>> losses = new ArrayList<>();
    for (EpochMetrics m : model.metrics()) {
      losses.add(List.of(m.trainLoss(), m.validationLoss(), m.accuracy(), m.learningRate()));
    }
    return losses;
  }

  @Test
  void stoppedAgainAndAgain() throws IOException {
    Case c = cases().get("overlapping windows");
    String undisturbed = c.trainer().get().fit(train(PER_STEP), validation(PER_STEP)).fingerprint();
    Path file = folder.resolve("checkpoint");
    TrainingRun.Outcome outcome = TrainingRun.Outcome.INTERRUPTED;
    String last = "";
    while (outcome == TrainingRun.Outcome.INTERRUPTED) {
      try (TrainingRun run = start(c, file)) {
        if (Files.exists(file)) {
          run.resume();
        }
        outcome = run.run(() -> true);
        last = run.model().fingerprint();
      }
    }
    assertThat(last).isEqualTo(undisturbed);
  }

  @Test
  void aFinishedTrainingResumedIsFinished() throws IOException {
    Case c = cases().get("early stopping");
    Path file = folder.resolve("checkpoint");
    String first;
    try (TrainingRun run = start(c, file)) {
      run.run(() -> false);
      first = run.model().fingerprint();
    }
    try (TrainingRun run = start(c, file)) {
      run.resume();
      assertThat(run.run(() -> false)).isEqualTo(TrainingRun.Outcome.STOPPED_EARLY);
      assertThat(run.model().fingerprint()).isEqualTo(first);
    }
  }

  /** A checkpoint of the plain training after four updates. */
  private Path checkpoint() throws IOException {
    Path file = folder.resolve("checkpoint");
    try (TrainingRun run = start(cases().get("plain"), file)) {
      run.run(() -> run.stepsDone() >= 4);
    }
    return file;
  }

  private static Throwable refusal(Trainer trainer, Sequences data, Path file) {
    try (TrainingRun run =
        trainer.checkpoint(file, Duration.ofDays(1)).start(data, validation(PER_SEQUENCE))) {
      run.resume();
    } catch (IOException | RuntimeException e) {
      return e;
    }
    throw new AssertionError("resumed");
  }

  @Test
  void otherSettingsAreRefusedByName() throws IOException {
    Path file = checkpoint();
    Sequences data = train(PER_SEQUENCE);
    assertThat(refusal(trainer(PER_SEQUENCE).batchSize(5), data, file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("resume: expected batch size 4 (from " + file + "), got 5");
    assertThat(refusal(trainer(PER_SEQUENCE).seed(6), data, file))
        .hasMessage("resume: expected seed 5 (from " + file + "), got 6");
    assertThat(refusal(trainer(PER_SEQUENCE).epochs(4), data, file))
        .hasMessage("resume: expected epochs 3 (from " + file + "), got 4");
    assertThat(refusal(trainer(PER_SEQUENCE).shuffle(false), data, file))
        .hasMessage("resume: expected shuffle true (from " + file + "), got false");
    assertThat(refusal(trainer(PER_SEQUENCE).clipGlobalNorm(2), data, file))
        .hasMessageStartingWith("resume: expected clipping GlobalNorm[limit=1.0] (from ");
    assertThat(refusal(trainer(PER_SEQUENCE).optimizer(Adam.withLearningRate(0.04)), data, file))
        .hasMessage(
            "resume: expected optimizer ... learningRate=0.05 ... (from "
                + file
                + "), got ... learningRate=0.04 ...");
    assertThat(refusal(trainer(PER_SEQUENCE).note("vocabulary", "abc"), data, file))
        .hasMessage("resume: expected vocabulary none (from " + file + "), got abc");
    Network other = Network.input(5).lstm(4).dropout(0.3).meanOverTime().dense(3).softmax();
    assertThat(refusal(trainer(other), data, file))
        .hasMessage(
            "resume: expected network ... rate=0.2 ... (from " + file + "), got ... rate=0.3 ...");
  }

  @Test
  void aNoteThatIsMissingIsRefused() throws IOException {
    Path file = folder.resolve("checkpoint");
    try (TrainingRun run =
        trainer(PER_SEQUENCE)
            .note("vocabulary", "abc")
            .checkpoint(file, Duration.ofDays(1))
            .start(train(PER_SEQUENCE), null)) {
      run.run(() -> true);
    }
    assertThat(refusal(trainer(PER_SEQUENCE), train(PER_SEQUENCE), file))
        .hasMessage("resume: expected vocabulary abc (from " + file + "), got none");
  }

  @Test
  void aNoteIsNoSettingOfTheTrainer() {
    for (String name : trainer(PER_SEQUENCE).settings().keySet()) {
      Trainer trainer = trainer(PER_SEQUENCE);
      assertThatThrownBy(() -> trainer.note(name, "7"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "note: expected a name that is none of the trainer's settings (network, optimizer,"
                  + " schedule, clipping, penalty, truncation, early stopping, batch size, epochs,"
                  + " seed, shuffle), got "
                  + name);
      assertThat(trainer.settings()).isEqualTo(trainer(PER_SEQUENCE).settings());
    }
    assertThat(trainer(PER_SEQUENCE).note("Seed", "7").settings())
        .containsEntry("seed", "5")
        .containsEntry("Seed", "7");
  }

  @Test
  void otherDataAreRefused() throws IOException {
    Path file = checkpoint();
    assertThat(refusal(trainer(PER_SEQUENCE), SmallProblems.fitting(PER_SEQUENCE, 10, 3), file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "resume: expected the data that .*checkpoint was trained on \\(SHA-256 [0-9a-f]{4}\\.\\.\\.\\),"
                + " got other data \\([0-9a-f]{4}\\.\\.\\.\\)");
  }

  @Test
  void threadsAndKernelMayChange() throws IOException {
    Path file = checkpoint();
    String undisturbed =
        trainer(PER_SEQUENCE).fit(train(PER_SEQUENCE), validation(PER_SEQUENCE)).fingerprint();
    try (TrainingRun run =
        trainer(PER_SEQUENCE)
            .threads(3)
            .checkpoint(file, Duration.ZERO)
            .start(train(PER_SEQUENCE), validation(PER_SEQUENCE))) {
      run.resume();
      run.run(() -> false);
      assertThat(run.model().fingerprint()).isEqualTo(undisturbed);
    }
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    Path file = checkpoint();
    byte[] whole = Files.readAllBytes(file);
    Sequences data = train(PER_SEQUENCE);
    for (int length : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(refusal(trainer(PER_SEQUENCE), data, file))
          .as("cut to %d bytes", length)
          .isInstanceOf(ModelFormatException.class)
          .hasMessageStartingWith(file.toString());
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 4));
    assertThat(refusal(trainer(PER_SEQUENCE), data, file))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("there is something behind them");
    Files.writeString(file, "no checkpoint but some text");
    assertThat(refusal(trainer(PER_SEQUENCE), data, file))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("this is no safetensors file");
  }

  /** A bit of every byte of the file: header, settings, digests, and each array. */
  @Test
  void noFlippedBitGoesUnseen() throws IOException {
    Path file = checkpoint();
    byte[] bytes = Files.readAllBytes(file);
    try (TrainingRun run = start(cases().get("plain"), file)) {
      for (int i = 0; i < bytes.length; i++) {
        byte whole = bytes[i];
        // Another bit of each byte of a number, and other ones in the next number.
        bytes[i] ^= (byte) (1 << (i + i / 8) % 8);
        Files.write(file, bytes);
        bytes[i] = whole;
        assertThatThrownBy(run::resume)
            .as("byte %d of %d", i, bytes.length)
            .isInstanceOf(ModelFormatException.class)
            .hasMessageStartingWith(file.toString());
        assertThat(run.stepsDone()).isZero();
      }
      Files.write(file, bytes);
      run.resume();
      assertThat(run.stepsDone()).isEqualTo(4);
    }
  }

  @Test
  void changedContentsAreRefused() throws IOException {
    Path file = checkpoint();
    SafeTensors.Contents contents = SafeTensors.read(file);
    List<Tensor> tensors = new ArrayList<>(contents.tensors().values());
    String seal = contents.metadata().get("sha256");
    Sequences data = train(PER_SEQUENCE);

    // The settings and the data of another training; the seal tells that they were changed.
    for (String name : List.of("data", "setting.seed")) {
      Map<String, String> changed = new LinkedHashMap<>(contents.metadata());
      changed.put(name, "6");
      SafeTensors.write(file, changed, tensors);
      assertThat(refusal(trainer(PER_SEQUENCE), data, file))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageStartingWith(
              file + ": expected SHA-256 " + seal + " (from its metadata), got ")
          .hasMessageEndingWith("; the file was changed");
    }
    // Two arrays that have taken each other's name: the same bytes in the same places.
    SafeTensors.write(
        file,
        contents.metadata(),
        tensors.stream()
            .map(
                tensor ->
                    switch (tensor.name()) {
                      case "moments.first" ->
                          Tensor.of("moments.second", ((Tensor.Floats) tensor).values());
                      case "moments.second" ->
                          Tensor.of("moments.first", ((Tensor.Floats) tensor).values());
                      default -> tensor;
                    })
            .toList());
    assertThat(refusal(trainer(PER_SEQUENCE), data, file))
        .hasMessageStartingWith(file + ": expected SHA-256 " + seal);

    Map<String, String> unsealed = new LinkedHashMap<>(contents.metadata());
    unsealed.remove("sha256");
    SafeTensors.write(file, unsealed, tensors);
    assertThat(refusal(trainer(PER_SEQUENCE), data, file))
        .hasMessage(file + ": expected SHA-256 in its metadata, got none");

    Map<String, String> first = new LinkedHashMap<>(unsealed);
    first.put("carousel.checkpoint", "2");
    SafeTensors.write(file, first, tensors);
    assertThat(refusal(trainer(PER_SEQUENCE), data, file))
        .isInstanceOf(ModelFormatException.class)
        .hasMessage(
            file
                + ": expected a checkpoint of version 3, got version 2; go on with the Carousel"
                + " that wrote it");
  }

  @Test
  void aFileOfAnotherKindIsRefused() throws IOException {
    Path models = folder.resolve("model");
    trainer(PER_SEQUENCE).fit(train(PER_SEQUENCE)).save(models);
    Path foreign = models.resolve("parameters.safetensors");
    if (!Files.exists(foreign)) {
      try (var files = Files.list(models)) {
        foreign =
            files.filter(f -> f.toString().endsWith(".safetensors")).findFirst().orElseThrow();
      }
    }
    assertThat(refusal(trainer(PER_SEQUENCE), train(PER_SEQUENCE), foreign))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("expected a checkpoint of version 3, got no checkpoint");
  }

  @Test
  void aPlaceThatIsNowhereIsRefusedBeforeAnythingIsRead() throws IOException {
    Path file = checkpoint();
    SafeTensors.Contents contents = SafeTensors.read(file);
    long[] place = contents.longs("place", 8);
    for (int i : new int[] {0, 1, 2, 3}) {
      for (long wrong : new long[] {-1, 1000, 1L << 40}) {
        if (i == 3 && wrong > 0) {
          continue;
        }
        long[] changed = place.clone();
        changed[i] = wrong;
        List<Tensor> tensors = new ArrayList<>();
        contents
            .tensors()
            .forEach(
                (name, tensor) ->
                    tensors.add(name.equals("place") ? Tensor.of("place", changed) : tensor));
        Map<String, String> unsealed = new LinkedHashMap<>(contents.metadata());
        unsealed.remove("sha256");
        SafeTensors.write(file, Seal.seal(unsealed, tensors), tensors);
        assertThat(refusal(trainer(PER_SEQUENCE), train(PER_SEQUENCE), file))
            .as("place %d is %d", i, wrong)
            .isInstanceOf(ModelFormatException.class)
            .hasMessageStartingWith(file + ": place: expected ")
            .hasMessageContaining("got " + wrong);
      }
    }
  }

  @Test
  void withoutAFileThereIsNothingToResume() {
    try (TrainingRun run = trainer(PER_SEQUENCE).start(train(PER_SEQUENCE), null)) {
      assertThatThrownBy(run::resume).hasMessage("resume: expected a checkpoint file, got none");
    }
    Path missing = folder.resolve("missing");
    assertThat(refusal(trainer(PER_SEQUENCE), train(PER_SEQUENCE), missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(missing.toString());
  }
}
