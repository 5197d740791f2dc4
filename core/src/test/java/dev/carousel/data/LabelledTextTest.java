package dev.carousel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carousel.testkit.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledTextTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private void assertRefused(String content, String message) throws IOException {
    Path file = file("some.tsv", content);
    assertThatThrownBy(() -> LabelledText.read(file))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(file + message);
  }

  /** As a model has them that was trained before labels were composed. */
  @Test
  void aNameInAnotherFormIsTheSameLabel() {
    Labels labels = new Labels(List.of("b", "e\u0301"));
    assertThat(labels.id("\u00e9")).isEqualTo(1);
    assertThat(labels.id("e\u0301")).isEqualTo(1);
    assertThat(new Labels(List.of("e\u0301", "\u00e9")).id("\u00e9")).isEqualTo(1);
  }

  /** As the names of a folder's files are. */
  @Test
  void labelsThatLookTheSameAreTheSame() {
    assertThat(LabelledText.parseTsv("x", "e\u0301\ta\n\u00e9\tb\n").labels())
        .containsExactly("\u00e9", "\u00e9");
  }

  @Test
  void aTsvFileIsLabelTabText() throws IOException {
    LabelledText read =
        LabelledText.read(
            file("some.tsv", "\uFEFFham\tOk lar... \"quoted\r\nspam\tWin\t1000\u00a3\r\nham\t  x"));
    assertThat(read.labels()).containsExactly("ham", "spam", "ham");
    assertThat(read.texts()).containsExactly("Ok lar... \"quoted", "Win\t1000\u00a3", "  x");
    assertThat(read.size()).isEqualTo(3);
  }

  @Test
  void wrongTsvFilesAreRefusedWithTheirLine() throws IOException {
    assertRefused("", ": expected UTF-8 text, got an empty file");
    assertRefused(
        "a\tx\nno tab here\n",
        ", line 2: expected a label, a tab and a text, got no tab in \"no tab here\"");
    assertRefused(
        "a\tx\n\nb\ty\n", ", line 2: expected a label, a tab and a text, got no tab in \"\"");
    assertRefused(
        "y".repeat(50),
        ", line 1: expected a label, a tab and a text, got no tab in \""
            + "y".repeat(40)
            + "...\"");
    assertRefused("a\tx\nb\t \n", ", line 2: expected a text after the tab, got none");
    assertRefused("a\tx\nb\ty\n\tz\n", ", line 3: expected a label before the tab, got none");
    assertRefused(
        "a\tx\nb\t\0", ": expected UTF-8 text, got a binary file (byte 0x00 at offset 6, line 2)");
    Path latin = folder.resolve("latin.tsv");
    Files.write(latin, "a\tx\nb\tcaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> LabelledText.readTsv(latin))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            latin
                + ": expected UTF-8 text, got a binary file or another encoding (byte 0xE9 at offset 9, line 2)");
    Path cut = folder.resolve("cut.tsv");
    Files.write(cut, new byte[] {'a', '\t', (byte) 0xE2, (byte) 0x82});
    assertThatThrownBy(() -> LabelledText.readTsv(cut))
        .hasMessageContaining("another encoding (byte 0xE2 at offset 2, line 1)");
    Path missing = folder.resolve("missing.tsv");
    assertThatThrownBy(() -> LabelledText.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(missing + ": expected a text file, got no such file");
    assertThatThrownBy(() -> LabelledText.readTsv(folder))
        .hasMessage(folder + ": expected a text file, got a directory");
  }

  @Test
  void aFolderIsOneFileForEachClass() throws IOException {
    file("Greek.txt", "Adamos\n\n  Kalo Zefi \n");
    file("Czech.txt", "Abl\r\nBen");
    file("LICENSE-repo", "no example");
    LabelledText read = LabelledText.read(folder);
    assertThat(read.labels()).containsExactly("Czech", "Czech", "Greek", "Greek");
    assertThat(read.texts()).containsExactly("Abl", "Ben", "Adamos", "Kalo Zefi");
  }

  @Test
  void wrongFoldersAreRefused() throws IOException {
    assertThatThrownBy(() -> LabelledText.read(folder))
        .hasMessage(folder + ": expected .txt files (one for each class), got none");
    Path only = file("Greek.txt", "Adamos");
    Path blank = file("Czech.txt", "\n \n");
    assertThatThrownBy(() -> LabelledText.read(folder))
        .hasMessage(blank + ": expected one example a line, got blank lines only");
    assertThatThrownBy(() -> LabelledText.readFolder(only))
        .hasMessage(only + ": expected a folder of .txt files, got a file");
    assertThatThrownBy(() -> LabelledText.readFolder(folder.resolve("x")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageEndingWith("x: expected a folder of .txt files, got no such folder");
  }

  @Test
  void oneClassCanBeReadButNotLearned() throws IOException {
    Path tsv = file("one.tsv", "a\tx\na\ty\n");
    LabelledText read = LabelledText.read(tsv);
    assertThat(read.labels()).containsExactly("a", "a");
    assertThatThrownBy(() -> read.requireTwoClasses(tsv.toString()))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(tsv + ": expected at least 2 classes, got only \"a\" (2 examples)");
    file("Greek.txt", "Adamos\n");
    assertThat(LabelledText.read(folder).labels()).containsExactly("Greek");
    assertThatThrownBy(() -> LabelledText.read(folder).requireTwoClasses("x"))
        .hasMessage("x: expected at least 2 classes, got only \"Greek\" (1 example)");
    LabelledText two = LabelledText.read(file("two.tsv", "a\tx\nb\ty\n"));
    assertThat(two.requireTwoClasses("x")).isSameAs(two);
  }

  @Test
  void theSplitHasNoTextOnBothSides() {
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int k = 0; k < 1000; k++) {
      int name = k % 400;
      // Every text comes in several spellings and under several labels.
      texts.add(
          switch (k % 3) {
            case 0 -> "\u00c9t" + name;
            case 1 -> "\u00e9T" + name;
            default -> "e\u0301t" + name;
          });
      labels.add("l" + k % 7);
    }
    LabelledText all = new LabelledText(texts, labels);
    LabelledText.Split split = all.split(0.1, 0.2, 5);
    List<Set<String>> parts =
        List.of(keys(split.train()), keys(split.validation()), keys(split.test()));
    assertThat(parts).extracting(Set::size).containsExactly(280, 40, 80);
    Set<String> together = new HashSet<>();
    parts.forEach(together::addAll);
    assertThat(together).hasSize(400);
    assertThat(split.train().size() + split.validation().size() + split.test().size())
        .isEqualTo(1000);
    assertThat(all.split(0.1, 0.2, 5)).isEqualTo(split);
    assertThat(all.split(0.1, 0.2, 6)).isNotEqualTo(split);
  }

  private static Set<String> keys(LabelledText part) {
    return part.texts().stream()
        .map(text -> Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  @Test
  void impossibleSplitsAreRefused() {
    LabelledText two = new LabelledText(List.of("x", "X", "y"), List.of("a", "b", "b"));
    assertThatThrownBy(() -> two.split(0.5, 0.5, 1))
        .hasMessage(
            "split: expected fractions of at least 0 that add up to less than 1, got validation 0.5 and test 0.5");
    assertThatThrownBy(() -> two.split(-0.1, 0, 1)).hasMessageContaining("got validation -0.1");
    assertThatThrownBy(() -> two.split(Double.NaN, 0, 1))
        .hasMessageContaining("got validation NaN");
    assertThatThrownBy(() -> two.split(0.1, 0.1, 1))
        .hasMessage("split: expected more than 2 distinct texts (2 are held out), got 2");
    assertThat(two.split(0, 0.1, 1).validation().size()).isZero();
    assertThat(two.split(0, 0, 1).train()).isEqualTo(two);
    assertThatThrownBy(() -> new LabelledText(List.of("x"), List.of()))
        .hasMessage("labels: expected 1 (one for each text), got 0");
  }

  @Test
  void encodingGivesTokensAndClasses() {
    LabelledText text = new LabelledText(List.of("ab", "b"), List.of("y", "x"));
    Sequences s = text.encode(Vocabulary.fit(text.texts()), Labels.fit(text.labels()));
    assertThat(new int[] {s.token(0, 0), s.token(0, 1), s.token(1, 0)}).containsExactly(2, 1, 1);
    assertThat(s.tokenCount()).isEqualTo(3);
    assertThat(((Targets.Classes) s.targets()).perSequence()).containsExactly(1, 0);
  }

  @Test
  void characterTextIsReadAsItStands() throws IOException {
    assertThat(CharacterText.read(file("a.txt", "\uFEFFone\r\n\u00fc\n")))
        .isEqualTo("one\r\n\u00fc\n");
    Path bom = file("bom.txt", "\uFEFF");
    assertThatThrownBy(() -> CharacterText.read(bom))
        .hasMessage(bom + ": expected UTF-8 text, got an empty file");
  }

  @Test
  void theSharedDataSetsAreRead() throws IOException {
    LabelledText sms = LabelledText.read(SharedData.path("text/sms_spam/sms.tsv"));
    assertThat(sms.size()).isEqualTo(5574);
    assertThat(sms.labels()).filteredOn("spam"::equals).hasSize(747);
    LabelledText names = LabelledText.read(SharedData.path("text/names"));
    assertThat(Labels.fit(names.labels()).size()).isEqualTo(18);
    assertThat(names.size()).isEqualTo(20_050);
    assertThat(CharacterText.read(SharedData.path("text/tinyshakespeare.txt")))
        .startsWith("First Citizen:");
  }
}
