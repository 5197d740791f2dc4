package dev.carousel.cli;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Relative gradients by lag as an SVG file: lags along, powers of ten upward, one colour for each
 * state, dashed before training.
 *
 * <p>Lines, ticks and a legend are all it takes. A chart library would draw them through an SVG
 * writer: VectorGraphics2D is LGPL and gave 1.9 MB without the dashes, and Batik's adds 2 MB to a
 * command line that is to stay below 3.
 */
final class LagChart {
  private static final String TITLE = "Gradient of the last loss in the state k steps earlier";

  /** Of a letter of the legend, in a font that is wide. */
  private static final int LETTER = 8;

  private static final int HEIGHT = 480;
  private static final int LEFT = 80;
  private static final int RIGHT = 680;
  private static final int TOP = 48;
  private static final int BOTTOM = 420;

  /** Points of a line, so that a long one is no larger. */
  private static final int MOST_POINTS = 200;

  /** What is smaller than 1e-12 lies below the chart. */
  private static final int LOWEST = -12;

  private static final int MOST_LINKS = 40;

  /** Told apart with any kind of colour vision (Okabe and Ito, 2008). */
  private static final List<String> COLOURS =
      List.of("#d55e00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#e69f00", "#000000");

  private final List<Line> lines = new ArrayList<>();
  private final int width;
  private final int maxLag;
  private final int lowest;
  private final int highest;

  /** A curve: values by lag. */
  private record Line(String name, String colour, boolean dashed, List<Double> values) {}

  LagChart(MemoryReport report) {
    List<String> states = new ArrayList<>();
    double least = 1;
    double most = 1;
    for (Remembering layer : report.layers()) {
      for (String part : layer.curves().keySet()) {
        String state = layer.name(part);
        if (!states.contains(state)) {
          states.add(state);
        }
        String colour = COLOURS.get(states.indexOf(state) % COLOURS.size());
        List<Double> values = layer.curves().get(part).relative();
        lines.add(new Line(layer.at(state), colour, layer.moment().equals("at first"), values));
        for (double value : values) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    }
    int letters = lines.stream().mapToInt(line -> line.name.length()).max().orElse(0);
    this.width = RIGHT + 60 + LETTER * letters;
    this.maxLag = lines.get(0).values.size() - 1;
    this.lowest = Math.min(-1, Math.max(LOWEST, (int) Math.floor(exponent(least))));
    this.highest = Math.max(1, (int) Math.ceil(exponent(most)));
  }

  /** Zero is far below everything. */
  private static double exponent(double value) {
    return Math.max(-99, Math.log10(value));
  }

  /**
   * Checks where a chart is to go, before the work that leads to it.
   *
   * @throws IOException if no file can be written there
   */
  static void check(Path target) throws IOException {
    Path file = behindLinks(target);
    Path parent = file.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new IOException("--svg: expected a file in a directory that exists, got " + target);
    }
    if (Files.isDirectory(file)) {
      throw new IOException("--svg: expected a file, got the directory " + target);
    }
    boolean special = isSpecial(file);
    if (!special && (target.startsWith("/dev") || target.startsWith("/proc"))) {
      // Such as standard output that goes to a file, which the report is written to.
      throw new IOException("--svg: expected a file of its own, got " + target);
    }
    Path written = Files.exists(file) ? file : parent;
    if (!Files.isWritable(written) || !special && !Files.isWritable(parent)) {
      throw new IOException(
          "--svg: expected to be able to write to "
              + (Files.isWritable(written) ? parent : written)
              + ", got no permission");
    }
  }

  /** A device or a pipe. */
  private static boolean isSpecial(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file);
  }

  /** What a chain of symbolic links ends in, there or not. */
  private static Path behindLinks(Path target) throws IOException {
    if (isSpecial(target)) {
      return target.toAbsolutePath();
    }
    Path file = target.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MOST_LINKS) {
        throw new IOException("--svg: expected a file, got a circle of links at " + target);
      }
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  /**
   * Writes the file beside the target and moves it into place; what symbolic links lead to, not the
   * links; and into a device or pipe, which stays what it is.
   *
   * @throws IOException if it cannot be written; what was there before stays
   */
  void write(Path target) throws IOException {
    try {
      Path file = behindLinks(target);
      if (isSpecial(file)) {
        Files.writeString(file, svg(), StandardOpenOption.WRITE);
      } else {
        replace(file);
      }
    } catch (IOException e) {
      throw new IOException(target + ": could not be written: " + Failure.reason(e), e);
    }
  }

  private void replace(Path file) throws IOException {
    Path temporary =
        file.resolveSibling(
            "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.writeString(temporary, svg());
      move(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The chart as a document. */
  String svg() {
    double middle = (TOP + BOTTOM) / 2.0;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="13">
        <title>%3$s</title>
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        <clipPath id="plot"><rect x="%4$d" y="%5$d" width="%6$d" height="%7$d"/></clipPath>
        """,
        width,
        HEIGHT,
        TITLE,
        LEFT,
        TOP,
        RIGHT - LEFT,
        BOTTOM - TOP);
    grid(svg);
    add(svg, "<g clip-path=\"url(#plot)\" fill=\"none\" stroke-linejoin=\"round\">\n");
    for (Line line : lines) {
      add(svg, "<polyline%s points=\"%s\"/>\n", stroke(line), points(line));
    }
    add(
        svg,
        """
        </g>
        <rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#666666"/>
        <text x="%5$.1f" y="28" text-anchor="middle" font-size="16">%6$s</text>
        <text x="%5$.1f" y="%7$d" text-anchor="middle">lag k, steps</text>
        <text x="24" y="%8$.1f" text-anchor="middle" transform="rotate(-90 24 %8$.1f)">gradient norm relative to lag 0</text>
        """,
        LEFT,
        TOP,
        RIGHT - LEFT,
        BOTTOM - TOP,
        (LEFT + RIGHT) / 2.0,
        TITLE,
        BOTTOM + 42,
        middle);
    int y = TOP + 12;
    int step = Math.min(22, (BOTTOM - TOP) / lines.size());
    for (Line line : lines) {
      add(
          svg,
          """
          <line x1="%d" x2="%d" y1="%3$d" y2="%3$d"%4$s/>
          <text x="%5$d" y="%6$d">%7$s</text>
          """,
          RIGHT + 16,
          RIGHT + 52,
          y,
          stroke(line),
          RIGHT + 60,
          y + 4,
          line.name.replace("&", "&amp;").replace("<", "&lt;"));
      y += step;
    }
    return svg.append("</svg>\n").toString();
  }

  /** A line and a number at every power of ten, or every other one, and at round lags. */
  private void grid(StringBuilder svg) {
    for (int power = highest; power >= lowest; power -= highest - lowest > 9 ? 2 : 1) {
      add(
          svg,
          """
          <line x1="%d" x2="%d" y1="%3$.1f" y2="%3$.1f" stroke="#dddddd"/>
          <text x="%4$d" y="%5$.1f" text-anchor="end">10<tspan dy="-5" font-size="10">%6$s</tspan></text>
          """,
          LEFT,
          RIGHT,
          y(power),
          LEFT - 8,
          y(power) + 4,
          Integer.toString(power).replace('-', '\u2212'));
    }
    int every = lagStep();
    for (int lag = 0; lag <= maxLag; lag += every) {
      add(
          svg,
          """
          <line x1="%1$.1f" x2="%1$.1f" y1="%2$d" y2="%3$d" stroke="#dddddd"/>
          <text x="%1$.1f" y="%4$d" text-anchor="middle">%5$d</text>
          """,
          x(lag),
          TOP,
          BOTTOM,
          BOTTOM + 18,
          lag);
    }
  }

  /** A round number of lags between two ticks, for at most ten of them. */
  private int lagStep() {
    int power = 1;
    while (maxLag / power > 10) {
      for (int step : new int[] {2 * power, 5 * power}) {
        if (maxLag / step <= 10) {
          return step;
        }
      }
      power *= 10;
    }
    return power;
  }

  private String points(Line line) {
    StringBuilder points = new StringBuilder();
    int every = (maxLag + MOST_POINTS - 1) / MOST_POINTS;
    int lag = 0;
    while (true) {
      // Far below the chart it does not matter how far.
      double power = Math.max(lowest - 20, exponent(line.values.get(lag)));
      add(points, "%.1f,%.1f", x(lag), y(power));
      if (lag == maxLag) {
        return points.toString();
      }
      points.append(' ');
      lag = Math.min(lag + every, maxLag);
    }
  }

  private static String stroke(Line line) {
    String shape = line.dashed ? "1.5\" stroke-dasharray=\"6 5" : "2.2";
    return " stroke=\"" + line.colour + "\" stroke-width=\"" + shape + "\"";
  }

  private double x(double lag) {
    return LEFT + (RIGHT - LEFT) * lag / maxLag;
  }

  private double y(double power) {
    return TOP + (BOTTOM - TOP) * (highest - power) / (highest - lowest);
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
