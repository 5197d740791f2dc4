package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;

/** On what and with what a run measured. */
final class Setting {
  private Setting() {}

  static Map<String, String> of(int threads, Interleaving interleaving) {
    Map<String, String> setting = new LinkedHashMap<>();
    setting.put("machine", machine());
    setting.put(
        "java",
        System.getProperty("java.vm.name")
            + " "
            + System.getProperty("java.vm.version")
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version"));
    setting.put("carousel", Kernels.chosen().kernel().name());
    setting.put("threads", Integer.toString(threads));
    setting.put("date", LocalDate.now().toString());
    setting.put(
        "rounds",
        interleaving.rounds() + " of " + interleaving.seconds() + " s for each, in rotating order");
    return setting;
  }

  private static String machine() {
    Path file = Path.of("/proc/cpuinfo");
    int processors = Runtime.getRuntime().availableProcessors();
    Map<String, String> first = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          first.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
    } catch (IOException e) {
      return System.getProperty("os.arch") + ", " + processors + " processors";
    }
    String flags = " " + first.getOrDefault("flags", "") + " ";
    String simd = flags.contains(" avx512f ") ? "AVX-512" : flags.contains(" avx2 ") ? "AVX2" : "?";
    return first.getOrDefault("model name", "unknown processor")
        + " (family "
        + first.getOrDefault("cpu family", "?")
        + ", model "
        + first.getOrDefault("model", "?")
        + ", "
        + simd
        + "), "
        + processors
        + " processors";
  }
}
