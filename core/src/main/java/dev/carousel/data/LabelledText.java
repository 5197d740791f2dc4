package dev.carousel.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Texts, each with the name of its class.
 *
 * @param texts the examples, unmodifiable
 * @param labels the label of each text
 */
public record LabelledText(List<String> texts, List<String> labels) {

  /**
   * @throws InvalidDataException if there is not one label for each text
   */
  public LabelledText {
    texts = List.copyOf(texts);
    labels = List.copyOf(labels);
    if (texts.size() != labels.size()) {
      throw new InvalidDataException(
          "labels: expected " + texts.size() + " (one for each text), got " + labels.size());
    }
  }

  /** Three parts without a text in common. */
  public record Split(LabelledText train, LabelledText validation, LabelledText test) {}

  /**
   * Reads a TSV file ({@link #readTsv}) or a folder of text files ({@link #readFolder}), whichever
   * the path is.
   *
   * @throws IOException if it is missing or cannot be read
   * @throws InvalidDataException if its content is wrong
   */
  public static LabelledText read(Path path) throws IOException {
    return Files.isDirectory(path) ? readFolder(path) : readTsv(path);
  }

  /**
   * Reads a UTF-8 file of lines {@code label TAB text}. Further tabs belong to the text. There is
   * no quoting and no header.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   * @throws InvalidDataException if the file is empty, binary or not UTF-8, or a line has no tab,
   *     no label or no text; the message names the file and the line
   */
  public static LabelledText readTsv(Path file) throws IOException {
    return parseTsv(file.toString(), CharacterText.read(file));
  }

  static LabelledText parseTsv(String name, String content) {
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    List<String> lines = lines(content);
    for (int k = 0; k < lines.size(); k++) {
      String line = lines.get(k);
      int tab = line.indexOf('\t');
      if (tab < 0) {
        throw new InvalidDataException(
            at(name, k)
                + "expected a label, a tab and a text, got no tab in \""
                + shorten(line)
                + "\"");
      }
      String label = normalize(line.substring(0, tab).strip());
      String text = line.substring(tab + 1);
      if (label.isEmpty()) {
        throw new InvalidDataException(at(name, k) + "expected a label before the tab, got none");
      }
      if (text.isBlank()) {
        throw new InvalidDataException(at(name, k) + "expected a text after the tab, got none");
      }
      labels.add(label);
      texts.add(text);
    }
    return new LabelledText(texts, labels);
  }

  /**
   * Reads a folder of UTF-8 files, one for each class: {@code Greek.txt} holds the examples of the
   * class {@code Greek}, one a line, white space at both ends removed, blank lines skipped. Files
   * that do not end in {@code .txt} are not looked at.
   *
   * @throws NoSuchFileException if there is no such folder
   * @throws IOException if it cannot be read
   * @throws InvalidDataException if there is no {@code .txt} file, or one is empty, binary or not
   *     UTF-8
   */
  public static LabelledText readFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(
          folder.toString(), null, "expected a folder of .txt files, got no such folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidDataException(folder + ": expected a folder of .txt files, got a file");
    }
    // Sorted by label: the order of a directory listing differs between machines.
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : (Iterable<Path>) entries::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".txt") && name.length() > 4 && Files.isRegularFile(file)) {
          files.put(normalize(name.substring(0, name.length() - 4)), file);
        }
      }
    }
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (Map.Entry<String, Path> entry : files.entrySet()) {
      int before = texts.size();
      for (String line : lines(CharacterText.read(entry.getValue()))) {
        if (!line.isBlank()) {
          texts.add(line.strip());
          labels.add(entry.getKey());
        }
      }
      if (texts.size() == before) {
        throw new InvalidDataException(
            entry.getValue() + ": expected one example a line, got blank lines only");
      }
    }
    if (files.isEmpty()) {
      throw new InvalidDataException(
          folder + ": expected .txt files (one for each class), got none");
    }
    return new LabelledText(texts, labels);
  }

  /**
   * Checks that there is something to tell apart, as training needs; a model can be evaluated on
   * one class alone.
   *
   * @param name what the message calls the examples, such as their file
   * @return this
   * @throws InvalidDataException if all examples have the same label
   */
  public LabelledText requireTwoClasses(String name) {
    if (labels.stream().distinct().limit(2).count() < 2) {
      String got = labels.isEmpty() ? "none" : "only \"" + shorten(labels.get(0)) + "\"";
      throw new InvalidDataException(
          name
              + ": expected at least 2 classes, got "
              + got
              + " ("
              + size()
              + (size() == 1 ? " example)" : " examples)"));
    }
    return this;
  }

  /** Returns the number of examples. */
  public int size() {
    return texts.size();
  }

  /**
   * Returns the examples as sequences of tokens with one class each.
   *
   * @throws InvalidDataException if a text is empty or a label is not among those given
   */
  public Sequences encode(Vocabulary vocabulary, Labels names) {
    return Sequences.ofTokens(
        texts.stream().map(vocabulary::encode).toList(),
        vocabulary.size(),
        new Targets.Classes(names.ids(labels), names.size()));
  }

  /**
   * Splits by distinct text: all examples of a text fall into the same part, whatever their labels,
   * so nothing in validation or test has been seen in training. Texts that differ only in letter
   * case or Unicode composition count as the same. The examples of each part keep their order. A
   * part with a fraction above 0 gets at least one text.
   *
   * @param validation fraction of the distinct texts, in [0, 1)
   * @param test fraction of the distinct texts, in [0, 1)
   * @param seed the same seed gives the same split
   * @throws InvalidDataException if a fraction is out of range or nothing is left for training
   */
  public Split split(double validation, double test, long seed) {
    if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
      throw new InvalidDataException(
          "split: expected fractions of at least 0 that add up to less than 1, got validation "
              + validation
              + " and test "
              + test);
    }
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      String key = normalize(normalize(texts.get(i)).toLowerCase(Locale.ROOT));
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> shuffled = new ArrayList<>(groups.values());
    RandomNumbers random = new RandomNumbers(seed);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, random.below(i + 1));
    }
    int validationCount = share(validation, shuffled.size());
    int testCount = share(test, shuffled.size());
    int held = validationCount + testCount;
    if (held >= shuffled.size()) {
      throw new InvalidDataException(
          "split: expected more than "
              + held
              + " distinct texts ("
              + held
              + " are held out), got "
              + shuffled.size());
    }
    return new Split(
        part(shuffled.subList(held, shuffled.size())),
        part(shuffled.subList(0, validationCount)),
        part(shuffled.subList(validationCount, held)));
  }

  private static int share(double fraction, int count) {
    return fraction == 0 ? 0 : (int) Math.max(1, Math.round(fraction * count));
  }

  private LabelledText part(List<List<Integer>> groups) {
    int[] indices = groups.stream().flatMap(List::stream).mapToInt(i -> i).sorted().toArray();
    List<String> chosenTexts = new ArrayList<>(indices.length);
    List<String> chosenLabels = new ArrayList<>(indices.length);
    for (int i : indices) {
      chosenTexts.add(texts.get(i));
      chosenLabels.add(labels.get(i));
    }
    return new LabelledText(chosenTexts, chosenLabels);
  }

  /** Lines end in a line feed, with or without a carriage return; the last one need not. */
  private static List<String> lines(String content) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    while (from < content.length()) {
      int feed = content.indexOf('\n', from);
      int end = feed < 0 ? content.length() : feed;
      boolean carriageReturn = end > from && content.charAt(end - 1) == '\r';
      lines.add(content.substring(from, carriageReturn ? end - 1 : end));
      from = end + 1;
    }
    return lines;
  }

  private static String at(String name, int line) {
    return name + ", line " + (line + 1) + ": ";
  }

  /** What a message shows of a line: its beginning, without control characters. */
  private static String shorten(String text) {
    int end =
        text.codePointCount(0, text.length()) <= 40
            ? text.length()
            : text.offsetByCodePoints(0, 40);
    return text.substring(0, end).replaceAll("\\p{Cntrl}", " ")
        + (end < text.length() ? "..." : "");
  }

  private static String normalize(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }
}
