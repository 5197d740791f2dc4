package dev.carousel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's lines of Java, as they stand there, are compiled and run. */
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void itsLinesOfJavaCompileRunAndGiveTheFiguresTheySay() throws Exception {
    String lines = block();
    assertThat(lines).contains("Path.of(\"fashion_mnist\")", "81,674 parameters, 1,024 bytes");
    Path images = images(Files.createDirectory(folder.resolve("tiny")));
    String program =
        """
        import dev.carousel.data.*;
        import dev.carousel.inference.*;
        import dev.carousel.model.*;
        import dev.carousel.network.*;
        import dev.carousel.training.*;
        import java.nio.file.Path;

        public class Lines {
          public static Object[] run() throws Exception {
            %s
            return new Object[] {network, model, memory, scores};
          }
        }
        """
            .formatted(lines.replace("Path.of(\"fashion_mnist\")", literal(images)));
    compile(program);

    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Object[] results = run(printed);
    assertThat(printed.toString(UTF_8)).containsPattern("(?m)^total +81,674 +81,152 +1,024$");
    dev.carousel.model.Model model = (dev.carousel.model.Model) results[1];
    assertThat(model.metrics()).hasSize(10);
    float[] scores = (float[]) results[3];
    assertThat(scores).hasSize(10);
    float sum = 0;
    for (float score : scores) {
      sum += score;
    }
    assertThat(sum).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-5f));
    dev.carousel.network.State memory = (dev.carousel.network.State) results[2];
    assertThat(memory.toBytes()).isNotEqualTo(model.initialState().toBytes());
  }

  private static String block() throws IOException {
    // Tests run in their module's directory; the README stands above it.
    Matcher matcher = BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  /** 28 x 28, of ten classes, as many as the README's network has scores. */
  private static Path images(Path directory) throws IOException {
    for (String part : List.of("train", "t10k")) {
      Files.write(directory.resolve(part + "-images-idx3-ubyte"), Idx.images(10, 28, 28));
      Files.write(
          directory.resolve(part + "-labels-idx1-ubyte"), Idx.labels(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    }
    return directory;
  }

  private static String literal(Path path) {
    return "Path.of(\"" + path.toString().replace("\\", "\\\\") + "\")";
  }

  private void compile(String program) throws IOException {
    Path source = Files.writeString(folder.resolve("Lines.java"), program);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
      List<String> options =
          List.of("-cp", System.getProperty("java.class.path"), "-d", folder.toString());
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as("%s%n%s", messages, program).isTrue();
    }
  }

  private Object[] run(ByteArrayOutputStream printed) throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        PrintStream stream = new PrintStream(printed, true, UTF_8);
        PrintStream progress = new PrintStream(new ByteArrayOutputStream(), true, UTF_8)) {
      System.setOut(stream);
      System.setErr(progress);
      return (Object[]) loader.loadClass("Lines").getMethod("run").invoke(null);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
