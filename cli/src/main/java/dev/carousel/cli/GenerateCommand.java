package dev.carousel.cli;

import dev.carousel.data.Vocabulary;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Sampler;
import dev.carousel.inference.Session;
import dev.carousel.model.Encoding.Task;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carousel generate}: a text drawn from a language model, character by character. */
@Command(
    name = "generate",
    description = "Draw a text from a character language model.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class GenerateCommand implements Callable<Integer> {
  private static final int MOST = 1_000_000_000;

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's directory.")
  private Path directory;

  @Option(
      names = "--prime",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "What the text begins with; printed first. Without one it begins as after a line end.")
  private String prime;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "500",
      description = "Characters to draw; default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description =
          "Below 1 the likely characters become likelier, 0 takes the most likely; default:"
              + " ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw from the K most likely characters; default: 0, from all.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Draw from the fewest characters whose probabilities reach P; default: 1, from all.")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The same seed draws the same text; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that divide each step of layers with 2^18 weights or more, at most one for each"
              + " processor; default: 2. Changes no character.")
  private @Nullable Integer threads;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description =
          "auto, scalar or vector; default: the variable CAROUSEL_KERNEL, else auto. Changes no"
              + " character.")
  private ComputeOptions.@Nullable KernelName kernel;

  @Override
  public Integer call() throws IOException {
    Refusal.unlessBetween(command, "--length", 1, MOST, length);
    Refusal.unlessBetween(command, "--threads", 1, ComputeOptions.MOST_THREADS, threads());
    Texts.checkDecoded("--prime", prime, "leave them out");
    Sampler sampler = sampler();
    Model model = Model.load(directory);
    if (model.encoding().task() != Task.CHARACTER_LANGUAGE_MODEL) {
      throw new IllegalArgumentException(Tasks.refusal("generate", directory, model));
    }
    Vocabulary vocabulary = Objects.requireNonNull(model.encoding().vocabulary());
    if (vocabulary.size() == 1) {
      throw new IllegalArgumentException(
          directory + ": generate expected a vocabulary of characters, got the unknown only");
    }
    Predictor predictor = Predictor.of(model, ComputeOptions.choose(kernel).kernel());
    warnOfUnknown(vocabulary);
    Results results = Results.onStandardOutput();
    try (Session session = predictor.session(1, dividing())) {
      results.text(prime).flush();
      draw(session, sampler, vocabulary, results);
    }
    results.line("").flush();
    return 0;
  }

  /** A team with more members divides nothing. */
  private int dividing() {
    return Math.min(threads(), Runtime.getRuntime().availableProcessors());
  }

  private int threads() {
    return threads != null ? threads : 2;
  }

  private Sampler sampler() {
    try {
      return new Sampler(temperature, topK, topP, seed);
    } catch (IllegalArgumentException e) {
      throw Refusal.of(command, "--" + e.getMessage());
    }
  }

  private void draw(Session session, Sampler sampler, Vocabulary vocabulary, Results results)
      throws IOException {
    State state = session.model().initialState();
    float[] scores = {};
    for (int token : prime.isEmpty() ? start(vocabulary) : vocabulary.encode(prime)) {
      scores = session.step(token, state);
    }
    float[] probabilities = new float[vocabulary.size()];
    for (int i = 0; i < length; i++) {
      System.arraycopy(scores, 0, probabilities, 0, probabilities.length);
      probabilities[Vocabulary.UNKNOWN] = 0;
      int token = sampler.draw(probabilities, probabilities.length);
      results.text(vocabulary.symbol(token)).flush();
      scores = session.step(token, state);
    }
  }

  /** A line end, or where the model knows none, the most frequent character. */
  private static int[] start(Vocabulary vocabulary) {
    int[] lineEnd = vocabulary.encode("\n");
    return lineEnd[0] == Vocabulary.UNKNOWN ? new int[] {1} : lineEnd;
  }

  private void warnOfUnknown(Vocabulary vocabulary) {
    Set<String> unknown = new LinkedHashSet<>();
    Normalizer.normalize(prime, Normalizer.Form.NFC)
        .codePoints()
        .mapToObj(Character::toString)
        .filter(symbol -> vocabulary.encode(symbol)[0] == Vocabulary.UNKNOWN)
        .forEach(symbol -> unknown.add(Figures.quoted(symbol)));
    if (!unknown.isEmpty()) {
      System.err.println(
          "carousel: --prime: not in the model's vocabulary, read as the unknown character: "
              + String.join(" ", unknown));
    }
  }
}
