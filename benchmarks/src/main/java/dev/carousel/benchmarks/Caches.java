package dev.carousel.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The sizes of one core's own data caches in bytes.
 *
 * @param level1 the first level, data
 * @param level2 the second level
 */
record Caches(long level1, long level2) {
  // The smallest of the processors in use: a working set made for them is inside any.
  private static final long LEVEL_1 = 32 << 10;
  private static final long LEVEL_2 = 256 << 10;

  /** From the Linux kernel, or where that does not know, as in some virtual machines, from libc. */
  static Caches ofThisMachine() {
    return new Caches(
        size(1, "LEVEL1_DCACHE_SIZE", LEVEL_1), size(2, "LEVEL2_CACHE_SIZE", LEVEL_2));
  }

  private static long size(int level, String libcName, long otherwise) {
    Path caches = Path.of("/sys/devices/system/cpu/cpu0/cache");
    for (int i = 0; Files.isDirectory(caches.resolve("index" + i)); i++) {
      Path cache = caches.resolve("index" + i);
      try {
        if (read(cache, "level").equals(Integer.toString(level))
            && !read(cache, "type").equals("Instruction")) {
          return bytes(read(cache, "size"));
        }
      } catch (IOException e) {
        break; // libc is asked next
      }
    }
    return fromLibc(libcName, otherwise);
  }

  private static String read(Path cache, String file) throws IOException {
    return Files.readString(cache.resolve(file)).strip();
  }

  /** {@code 48K}, {@code 1M}, {@code 1048576}. */
  private static long bytes(String size) {
    String digits = size.replaceAll("\\D", "");
    long unit =
        switch (size.substring(digits.length()).toUpperCase(Locale.ROOT)) {
          case "K" -> 1 << 10;
          case "M" -> 1 << 20;
          default -> 1;
        };
    return Long.parseLong(digits) * unit;
  }

  private static long fromLibc(String name, long otherwise) {
    try {
      Process getconf = new ProcessBuilder("getconf", name).redirectErrorStream(true).start();
      String answer =
          new String(getconf.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return answer.matches("[1-9]\\d*") ? Long.parseLong(answer) : otherwise;
    } catch (IOException e) {
      return otherwise; // no getconf here
    }
  }
}
