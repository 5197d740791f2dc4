package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carousel.data.Vocabulary;
import dev.carousel.inference.Predictor;
import dev.carousel.inference.Session;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  @TempDir Path directory;

  @Test
  void theSeedDecidesAndTheKernelDoesNot() throws IOException {
    String model = TinyModels.save(TinyModels.languageModel(), directory);
    String[] command = {"generate", model, "--prime", "ab", "--length", "200", "--seed", "3"};
    CommandRun one = CommandRun.of(command);
    assertThat(one.exitCode()).isZero();
    assertThat(one.err()).isEmpty();
    assertThat(one.out()).startsWith("ab").endsWith("\n").hasSize(2 + 200 + 1);
    assertThat(one.out()).doesNotContain(Vocabulary.UNKNOWN_SYMBOL);
    assertThat(CommandRun.of(command)).isEqualTo(one);
    String[] more = java.util.Arrays.copyOf(command, 10);
    more[8] = "--kernel";
    more[9] = "scalar";
    assertThat(CommandRun.of(more)).isEqualTo(one);
    more[9] = "vector";
    assertThat(CommandRun.of(more)).isEqualTo(one);
    more[7] = "4";
    assertThat(CommandRun.of(more).out()).isNotEqualTo(one.out());
  }

  /** Of a network that is large enough to be divided. */
  @Test
  void norDoThreads() throws IOException {
    String model = TinyModels.save(TinyModels.languageModel(257), directory);
    CommandRun one = CommandRun.of("generate", model, "--length", "300", "--threads", "1");
    assertThat(one.exitCode()).isZero();
    assertThat(one.out()).hasSize(300 + 1);
    assertThat(CommandRun.of("generate", model, "--length", "300")).isEqualTo(one);
    assertThat(CommandRun.of("generate", model, "--length", "300", "--threads", "3"))
        .isEqualTo(one);
  }

  /** The unknown is made by far the most likely symbol; it is never drawn all the same. */
  @Test
  void theUnknownIsNeverDrawn() throws IOException {
    Model made = TinyModels.languageModel();
    var bias = made.parameters().layout().slice("layers.2.bias");
    made.parameters().values()[bias.offset()] = 100;
    Model model = new Model(made.parameters(), made.encoding(), made.provenance(), made.metrics());
    String path = TinyModels.save(model, directory);
    for (String temperature : new String[] {"0", "0.5", "2"}) {
      CommandRun run =
          CommandRun.of("generate", path, "--length", "100", "--temperature", temperature);
      assertThat(run.out()).hasSize(101).doesNotContain(Vocabulary.UNKNOWN_SYMBOL);
    }
  }

  @Test
  void atTemperatureZeroTheMostLikelyCharacterFollowsThePrime() throws IOException {
    Model model = TinyModels.languageModel();
    String path = TinyModels.save(model, directory);
    Session session = Predictor.of(model).session();
    State state = model.initialState();
    StringBuilder expected = new StringBuilder("cab");
    float[] scores = {};
    for (int token : TinyModels.LETTERS.encode("cab")) {
      scores = session.step(token, state);
    }
    for (int i = 0; i < 30; i++) {
      float[] known = scores.clone();
      known[Vocabulary.UNKNOWN] = 0;
      int best = Ranking.of(known, 1).best().id();
      expected.append(TinyModels.LETTERS.symbol(best));
      scores = session.step(best, state);
    }
    assertThat(
            CommandRun.of(
                    "generate", path, "--prime", "cab", "--length", "30", "--temperature", "0")
                .out())
        .isEqualTo(expected + "\n");
    assertThat(
            CommandRun.of("generate", path, "--prime", "cab", "--length", "30", "--top-k", "1")
                .out())
        .isEqualTo(expected + "\n");
  }

  @Test
  void everyCharacterIsWrittenOutAsItIsDrawn() throws IOException {
    String path = TinyModels.save(TinyModels.languageModel(), directory);
    int[] writes = new int[1];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = System.out;
    try {
      System.setOut(
          new ResultStream(
              new OutputStream() {
                @Override
                public void write(int value) {
                  bytes.write(value);
                }

                @Override
                public void write(byte[] from, int at, int count) {
                  writes[0] += count > 0 ? 1 : 0;
                  bytes.write(from, at, count);
                }
              }));
      assertThat(Main.run("generate", path, "--prime", "ü", "--length", "40")).isZero();
    } finally {
      System.setOut(out);
    }
    assertThat(writes[0]).isEqualTo(1 + 40 + 1);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).hasSize(42);
  }

  @Test
  void whatThePrimeHasAndTheVocabularyHasNotIsNamed() throws IOException {
    String path = TinyModels.save(TinyModels.languageModel(), directory);
    CommandRun run = CommandRun.of("generate", path, "--prime", "Zab\tZu\u0308", "--length", "5");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .isEqualTo(
            "carousel: --prime: not in the model's vocabulary, read as the unknown character:"
                + " 'Z' '\\t'\n");
    assertThat(run.out()).startsWith("Zab\tZu\u0308");
  }

  @Test
  void refusals() throws IOException {
    String classifier = TinyModels.save(TinyModels.classifier(), directory);
    assertThat(CommandRun.of("generate", classifier))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + classifier
                    + ": generate expected a character language model, got a text classifier\n"));
    assertThat(CommandRun.of("generate", classifier, "--temperature", "-1"))
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "carousel: --temperature: expected a finite number of at least 0, got -1.0\n"));
    assertThat(CommandRun.of("generate", classifier, "--top-p", "0"))
        .isEqualTo(
            new CommandRun(2, "", "carousel: --top-p: expected a number in (0, 1], got 0.0\n"));
    assertThat(CommandRun.of("generate", classifier, "--top-k", "-1"))
        .isEqualTo(new CommandRun(2, "", "carousel: --top-k: expected at least 0, got -1\n"));
    assertThat(CommandRun.of("generate", classifier, "--length", "0"))
        .isEqualTo(
            new CommandRun(2, "", "carousel: --length: expected 1 to 1,000,000,000, got 0\n"));
    assertThat(CommandRun.of("generate", classifier, "--threads", "0"))
        .isEqualTo(new CommandRun(2, "", "carousel: --threads: expected 1 to 1,024, got 0\n"));
    assertThat(CommandRun.of("generate", classifier, "--seed", "x"))
        .isEqualTo(new CommandRun(2, "", "carousel: --seed: expected a whole number, got x\n"));
  }
}
