package dev.narsil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What the cores of the machine did, by {@code /proc/stat} (Linux, proc(5)), in steps of 10 ms. */
final class CpuTime {

    /** Clock ticks a second on every Linux that Java runs on. */
    private static final long TICKS = 100;

    private static final int IDLE = 4;
    private static final int IOWAIT = 5;
    private static final int STEAL = 8;

    private CpuTime() {}

    /** Returns the nanoseconds that all cores together have worked since the machine started, for whomever. */
    static long worked() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            String[] fields = lines.findFirst()
                    .orElseThrow(() -> new IOException("/proc/stat is empty"))
                    .split(" +");
            long ticks = 0;
            for (int i = 1; i < STEAL; i++) {
                ticks += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(fields[i]);
            }
            return ticks * TimeUnit.SECONDS.toNanos(1) / TICKS;
        }
    }
}
