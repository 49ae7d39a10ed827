package dev.narsil.gateway.upstream;

import java.util.Arrays;

/** The latest latencies of one upstream. Safe for use by many threads. */
final class LatencyWindow {

    /** Latencies that count. */
    static final int SIZE = 128;

    /** Fewer say nothing of a percentile. */
    static final int LEAST = 8;

    private final long[] nanos = new long[SIZE];
    private int count;

    synchronized void add(long latencyNanos) {
        nanos[count % SIZE] = latencyNanos;
        // stays above SIZE once it is there
        count = count == 2 * SIZE - 1 ? SIZE : count + 1;
    }

    /** Returns the latency that 95 of 100 do not exceed, or -1 while there are too few. */
    synchronized long p95Nanos() {
        int filled = Math.min(count, SIZE);
        if (filled < LEAST) {
            return -1;
        }
        long[] sorted = Arrays.copyOf(nanos, filled);
        Arrays.sort(sorted);
        return sorted[(filled * 95 + 99) / 100 - 1];
    }
}
