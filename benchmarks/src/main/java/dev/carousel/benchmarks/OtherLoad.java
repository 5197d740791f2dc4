package dev.carousel.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many processors other processes kept busy since this was made; on Linux only. */
final class OtherLoad {
  private static final Path STATISTICS = Path.of("/proc/stat");
  // The kernel's unit in that file.
  private static final double TICKS_PER_SECOND = 100;
  private static final int IDLE = 3;
  private static final int WAITING = 4;
  private static final int STOLEN = 7;

  private final com.sun.management.OperatingSystemMXBean system =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final double busy = busySeconds();
  private final long own = system.getProcessCpuTime();
  private final long start = System.nanoTime();

  /** Processors in the mean, those that another virtual machine had included; NaN if unknown. */
  double processors() {
    double mine = (system.getProcessCpuTime() - own) * 1e-9;
    return (busySeconds() - busy - mine) / ((System.nanoTime() - start) * 1e-9);
  }

  /** user, nice, system, idle, waiting, interrupts, soft interrupts, stolen, in ticks. */
  private static double busySeconds() {
    try {
      String[] fields = Files.readAllLines(STATISTICS).get(0).split("\\s+");
      double ticks = 0;
      for (int i = 0; i <= STOLEN; i++) {
        if (i != IDLE && i != WAITING) {
          ticks += Long.parseLong(fields[i + 1]);
        }
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      return Double.NaN; // not Linux
    }
  }
}
