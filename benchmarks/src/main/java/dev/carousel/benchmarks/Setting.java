package dev.carousel.benchmarks;

import dev.carousel.kernel.Kernels;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** On what and with what a run measured. */
final class Setting {
  private static final Pattern PEERS =
      Pattern.compile(
          "(pytorch-(engine|native-cpu)|nd4j-native|openblas|deeplearning4j-nn|onnxruntime|blas)-\\d.*\\.jar");

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
    setting.put("peers", peers());
    setting.put("threads", Integer.toString(threads));
    setting.put("date", LocalDate.now().toString());
    setting.put(
        "rounds",
        interleaving.rounds() + " of " + interleaving.seconds() + " s for each, in rotating order");
    return setting;
  }

  /** The versions of the peers, as their jars on the class path are named. */
  private static String peers() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(path -> new File(path).getName())
        .filter(jar -> PEERS.matcher(jar).matches())
        .map(jar -> jar.substring(0, jar.length() - ".jar".length()))
        .sorted()
        .collect(Collectors.joining(", "));
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
