package dev.carousel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import dev.carousel.inference.Predictor;
import dev.carousel.model.Model;
import dev.carousel.network.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir Path directory;

  @Test
  void oneLineForEachText() throws IOException {
    Model classifier = TinyModels.classifier();
    String model = TinyModels.save(classifier, directory);
    CommandRun run = CommandRun.of("predict", model, "abba", "dead", "ü");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    String[] lines = run.out().split("\n");
    assertThat(lines).hasSize(3);
    assertThat(lines[0]).startsWith("abba\t").matches("abba(\t(ham|spam|eggs) 0\\.\\d{4}){3}");
    assertThat(lines[2]).startsWith("ü\t");

    float[] scores = stepped(classifier, "abba");
    int best = 0;
    for (int i = 1; i < 3; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    assertThat(lines[0].split("\t")[1])
        .isEqualTo(TinyModels.LABELS.name(best) + " " + Figures.share(scores[best]));
  }

  private static float[] stepped(Model model, String text) {
    State state = model.initialState();
    float[] scores = {};
    for (int token : TinyModels.LETTERS.encode(text)) {
      scores = Predictor.of(model).session().step(token, state);
    }
    return scores.clone();
  }

  @Test
  void jsonHasTextLabelProbabilityAndTop() throws IOException {
    Model classifier = TinyModels.classifier();
    String model = TinyModels.save(classifier, directory);
    CommandRun run = CommandRun.of("predict", model, "--json", "--top", "2", "a \"b\"\tü");
    assertThat(run.exitCode()).isZero();
    Map<String, Object> json = ParsedJson.of(run.out());
    assertThat(json.keySet()).containsExactly("text", "label", "probability", "top");
    assertThat(json.get("text")).isEqualTo("a \"b\"\tü");
    List<?> top = (List<?>) json.get("top");
    assertThat(top).hasSize(2);
    assertThat(top.get(0))
        .isEqualTo(Map.of("label", json.get("label"), "probability", json.get("probability")));
    float[] scores = stepped(classifier, "a \"b\"\tü");
    int best = TinyModels.LABELS.id((String) json.get("label"));
    assertThat(((Number) json.get("probability")).floatValue()).isEqualTo(scores[best]);
  }

  @Test
  void argumentsAndStandardInputGiveTheSame() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    String[] arguments = new String[602];
    StringBuilder lines = new StringBuilder("\uFEFF");
    arguments[0] = "predict";
    arguments[1] = model;
    for (int i = 2; i < arguments.length; i++) {
      arguments[i] = "abc de ü".substring(i % 7) + "abcde".repeat(i % 30);
      lines.append(arguments[i]).append(i % 2 == 0 ? "\n" : "\r\n");
    }
    CommandRun byArguments = CommandRun.of(arguments);
    CommandRun byLines = CommandRun.withInput(lines.toString(), "predict", model);
    CommandRun unended =
        CommandRun.withInput(lines.toString().stripTrailing(), "predict", model, "--threads", "1");
    assertThat(byArguments.exitCode()).isZero();
    assertThat(byArguments.out().lines()).hasSize(600);
    assertThat(byLines).isEqualTo(byArguments);
    assertThat(unended).isEqualTo(byArguments);
  }

  @Test
  void kernelsAndThreadsChangeNothing() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    String lines = "abc\nabcde\nedcba ü\ndddd\n";
    CommandRun scalar =
        CommandRun.withInput(
            lines, "predict", model, "--json", "--kernel", "scalar", "--threads", "1");
    CommandRun vector =
        CommandRun.withInput(
            lines, "predict", model, "--json", "--kernel", "vector", "--threads", "3");
    assertThat(scalar.exitCode()).isZero();
    assertThat(vector).isEqualTo(scalar);
  }

  @Test
  void aLongTextRunStepByStepGivesTheBitsOfTheWhole() throws IOException {
    Model classifier = TinyModels.classifier();
    String text = "abcde ü".repeat(3000);
    String model = TinyModels.save(classifier, directory);
    CommandRun run = CommandRun.withInput(text + "\nabc\n", "predict", model, "--json");
    assertThat(run.exitCode()).isZero();
    Map<String, Object> json = ParsedJson.of(run.out().lines().findFirst().orElseThrow());
    float[] whole =
        Predictor.of(classifier)
            .scores(
                Sequences.ofTokens(
                    List.of(TinyModels.LETTERS.encode(text)),
                    TinyModels.LETTERS.size(),
                    new Targets.None()))[0];
    int best = TinyModels.LABELS.id((String) json.get("label"));
    assertThat(((Number) json.get("probability")).floatValue()).isEqualTo(whole[best]);
  }

  /** A pipe hands over one line, and the answer is out before the next one comes. */
  @Test
  void everyLineIsAnsweredWhenItComes() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Integer> answered = new ArrayList<>();
    InputStream in =
        new InputStream() {
          private final byte[][] parts = {bytes("abc\nde"), bytes("ad\n"), bytes("ü")};
          private int part;

          @Override
          public int read() {
            throw new AssertionError("expected reads of blocks");
          }

          @Override
          public int read(byte[] to, int from, int count) {
            answered.add((int) out.toString(StandardCharsets.UTF_8).lines().count());
            if (part == parts.length) {
              return -1;
            }
            System.arraycopy(parts[part], 0, to, from, parts[part].length);
            return parts[part++].length;
          }
        };
    InputStream before = System.in;
    PrintStream outBefore = System.out;
    try {
      System.setIn(in);
      System.setOut(new ResultStream(out));
      assertThat(Main.run("predict", model)).isZero();
    } finally {
      System.setIn(before);
      System.setOut(outBefore);
    }
    assertThat(answered).containsExactly(0, 1, 2, 2);
    assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.split("\t")[0]))
        .containsExactly("abc", "dead", "ü");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anEmptyLineStopsNamingItsNumberAfterTheOthersWereAnswered() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    CommandRun run = CommandRun.withInput("abc\nde\n\nabc\n", "predict", model);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.err())
        .isEqualTo("carousel: standard input, line 3: expected a text, got an empty one\n");
    CommandRun blank = CommandRun.of("predict", model, "abc", "  ");
    assertThat(blank)
        .isEqualTo(
            new CommandRun(1, "", "carousel: text 2: expected a text, got white space only\n"));
  }

  @Test
  void aLineThatIsNotUtf8IsNamed() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    byte[] latin = "abc\nM\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1);
    CommandRun run = CommandRun.withInput(latin, "predict", model);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.err())
        .isEqualTo("carousel: standard input, line 2: expected UTF-8 text, got another encoding\n");
  }

  @Test
  void noInputIsNoOutput() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    assertThat(CommandRun.of("predict", model)).isEqualTo(new CommandRun(0, "", ""));
  }

  @Test
  void languagesAreNamed() throws IOException {
    String model = TinyModels.save(TinyModels.languages(), directory);
    String line = CommandRun.of("predict", model, "abc").out();
    assertThat(line).contains("German (de) 0.").contains("Norwegian (no) 0.");
    Map<String, Object> json = ParsedJson.of(CommandRun.of("predict", model, "--json", "a").out());
    assertThat(json.get("label")).isIn("de", "no");
    assertThat(json.get("name")).isIn("German", "Norwegian");
  }

  @Test
  void aLanguageModelTellsHowLikelyTheTextIsAndWhatComesNext() throws IOException {
    Model model = TinyModels.languageModel();
    String path = TinyModels.save(model, directory);
    CommandRun run = CommandRun.of("predict", path, "abad", "a");
    assertThat(run.exitCode()).isZero();
    String[] lines = run.out().split("\n");
    assertThat(lines[0])
        .matches("abad\t\\d\\.\\d{4} nats per character(\t('.'|'\\\\n'|unknown) 0\\.\\d{4}){3}");
    assertThat(lines[1]).startsWith("a\t- nats per character\t");

    Map<String, Object> json =
        ParsedJson.of(CommandRun.of("predict", path, "--json", "--top", "9", "abad").out());
    assertThat(json.keySet()).containsExactly("text", "natsPerCharacter", "next");
    State state = model.initialState();
    int[] tokens = TinyModels.LETTERS.encode("abad");
    double nats = 0;
    for (int t = 0; t < 3; t++) {
      float[] next = Predictor.of(model).session().step(tokens[t], state);
      nats -= Math.log(next[tokens[t + 1]]) / 3;
    }
    assertThat((double) json.get("natsPerCharacter")).isCloseTo(nats, within(1e-6));
    assertThat((List<?>) json.get("next")).hasSize(9);
  }

  @Test
  void imagesOneLineEach() throws IOException {
    byte[] idx = Idx.images(3, 4, 5);
    Path plain = Files.write(directory.resolve("some.idx"), idx);
    Path zipped = directory.resolve("some.idx.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(idx);
    }
    String model = TinyModels.save(TinyModels.images(5), directory);
    CommandRun run = CommandRun.of("predict", model, plain.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().map(line -> line.split("\t")[0])).containsExactly("0", "1", "2");
    assertThat(CommandRun.of("predict", model, zipped.toString())).isEqualTo(run);
    String json = CommandRun.of("predict", model, plain.toString(), "--json").out();
    assertThat(ParsedJson.of(json.lines().toList().get(2)))
        .containsKeys("label", "probability", "top")
        .containsEntry("image", 2L);
    String pixels = TinyModels.save(TinyModels.images(1), directory);
    assertThat(CommandRun.of("predict", pixels, plain.toString()).out().lines()).hasSize(3);
  }

  @Test
  void imagesThatDoNotFit() throws IOException {
    Path file = Files.write(directory.resolve("some.idx"), Idx.images(3, 4, 5));
    String model = TinyModels.save(TinyModels.images(7), directory);
    assertThat(CommandRun.of("predict", model, file.toString()))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + file
                    + ": expected images of 7 columns (the model's input), got 4 x 5\n"));
    byte[] cut = Arrays.copyOf(Idx.images(3, 4, 5), 70);
    Files.write(file, cut);
    assertThat(CommandRun.of("predict", model, file.toString()).err())
        .isEqualTo(
            "carousel: "
                + file
                + ": expected 60 bytes of images after the header (3 x 4 x 5), got 54\n");
    assertThat(CommandRun.of("predict", model, directory.resolve("none").toString()).err())
        .isEqualTo(
            "carousel: "
                + directory.resolve("none")
                + ": expected an IDX file, got no such file\n");
    assertThat(CommandRun.of("predict", model))
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "carousel: predict: expected one IDX file of images ("
                    + model
                    + " classifies images), got none\n"));
  }

  @Test
  void aCustomModelIsRefused() throws IOException {
    String model = TinyModels.save(TinyModels.custom(), directory);
    assertThat(CommandRun.of("predict", model, "abc"))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: "
                    + model
                    + ": predict expected a text classifier, a character language model or an"
                    + " image classifier, got a custom model; only the program that made it knows"
                    + " its inputs\n"));
  }

  @Test
  void aModelThatIsMissingOrTamperedWithIsRefused() throws IOException {
    Path none = directory.resolve("none");
    assertThat(CommandRun.of("predict", none.toString(), "abc"))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "carousel: " + none + ": expected a model directory, got nothing of that name\n"));
    String model = TinyModels.save(TinyModels.classifier(), directory);
    Path labels = Path.of(model, "labels.json");
    Files.writeString(labels, Files.readString(labels).replace("ham", "jam"));
    CommandRun run = CommandRun.of("predict", model, "abc");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("carousel: " + labels + ": expected").endsWith("\n");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void wrongOptions() throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    assertThat(CommandRun.of("predict", model, "--top", "0", "a"))
        .isEqualTo(new CommandRun(2, "", "carousel: --top: expected 1 to 1,000,000, got 0\n"));
    assertThat(CommandRun.of("predict", model, "--kernel", "x", "a"))
        .isEqualTo(
            new CommandRun(2, "", "carousel: --kernel: expected auto, scalar or vector, got x\n"));
  }

  @Test
  void aReaderThatHasGoneIsNoError() throws IOException {
    assertThat(failing("Broken pipe")).isEqualTo("0 ");
    assertThat(failing("No space left on device"))
        .isEqualTo("1 carousel: standard output: could not be written: No space left on device\n");
  }

  private String failing(String message) throws IOException {
    String model = TinyModels.save(TinyModels.classifier(), directory);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream errBefore = System.err;
    try {
      System.setErr(new ResultStream(err));
      System.setOut(
          new ResultStream(
              new OutputStream() {
                @Override
                public void write(int value) throws IOException {
                  throw new IOException(message);
                }
              }));
      int code = Main.run("predict", model, "abc");
      return code + " " + err.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(out);
      System.setErr(errBefore);
    }
  }

  /** Whose size is not known beforehand. */
  @Test
  void imagesComeThroughAPipe() throws Exception {
    String model = TinyModels.save(TinyModels.images(4), directory.resolve("m"));
    byte[] images = Idx.images(5, 4, 4);
    Path file = Files.write(directory.resolve("file"), images);
    String expected = CommandRun.of("predict", model, file.toString()).out();
    assertThat(expected.lines()).hasSize(5);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(images);
    }
    for (byte[] bytes : List.of(images, packed.toByteArray())) {
      Path pipe = Pipe.make(directory.resolve("pipe" + bytes.length));
      Thread writer =
          new Thread(
              () -> {
                try {
                  Files.write(pipe, bytes, StandardOpenOption.WRITE);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      writer.start();
      assertThat(CommandRun.of("predict", model, pipe.toString()).out()).isEqualTo(expected);
      writer.join();
    }
  }
}
