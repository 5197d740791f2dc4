package dev.carousel.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws relative gradients by lag as an SVG file, on a logarithmic scale that ends at 1e-12. */
final class GradientChart {
  private static final double FLOOR = 1e-12;
  private static final Color[] COLOURS = {
    new Color(0xB0, 0x20, 0x20), new Color(0x20, 0x50, 0xB0), new Color(0x20, 0x90, 0x90),
    new Color(0x30, 0x90, 0x30), new Color(0x80, 0x40, 0xA0), new Color(0x90, 0x70, 0x20)
  };

  private GradientChart() {}

  /**
   * Writes the file beside the target and moves it into place.
   *
   * @param curves by name; what is called "at first" is dashed
   */
  static void write(Path target, Map<String, List<Double>> curves) throws IOException {
    // XChart draws on an image; there is no display to draw on.
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(520)
            .title("Gradient of the last loss in the state k steps earlier")
            .xAxisTitle("lag k, steps")
            .yAxisTitle("relative gradient norm (floor 1e-12)")
            .build();
    chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(FLOOR);
    chart.getStyler().setYAxisMax(100.0);
    List<String> cells = curves.keySet().stream().map(GradientChart::cell).distinct().toList();
    for (Map.Entry<String, List<Double>> curve : curves.entrySet()) {
      boolean first = curve.getKey().endsWith("at first");
      List<Double> values = curve.getValue().stream().map(v -> Math.max(FLOOR, v)).toList();
      List<Integer> lags = java.util.stream.IntStream.range(0, values.size()).boxed().toList();
      XYSeries series = chart.addSeries(curve.getKey(), lags, values);
      series.setMarker(SeriesMarkers.NONE);
      series.setLineColor(COLOURS[cells.indexOf(cell(curve.getKey())) % COLOURS.length]);
      float[] dash = first ? new float[] {6f, 5f} : null;
      series.setLineStyle(
          new BasicStroke(2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, dash, 0f));
    }
    save(chart, target);
  }

  private static String cell(String curve) {
    return curve.replaceAll(" (at first|trained)$", "");
  }

  // Deprecated without a successor in XChart 4.0: its other encoders draw pixels.
  @SuppressWarnings("deprecation")
  private static void save(XYChart chart, Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(parent, ".chart-", ".svg");
    try {
      try (OutputStream out = Files.newOutputStream(temporary)) {
        VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
      }
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
