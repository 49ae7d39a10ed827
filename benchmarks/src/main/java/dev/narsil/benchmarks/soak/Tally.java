package dev.narsil.benchmarks.soak;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What was done of one sort of operation. Safe for use by many threads. */
final class Tally {

    private final Map<Integer, Long> statuses = new TreeMap<>();
    private long operations;
    private long bytesSent;
    private long bytesReceived;
    private long borne;
    private long failures;
    private long nanos;
    private long mostNanos;

    synchronized void answer(int status, long bytes) {
        statuses.merge(status, 1L, Long::sum);
        bytesReceived += bytes;
    }

    synchronized void sent(long bytes) {
        bytesSent += bytes;
    }

    /** Something went wrong because of a fault that was made on purpose. */
    synchronized void borne() {
        borne++;
    }

    synchronized void done(long duration, boolean failed) {
        operations++;
        nanos += duration;
        mostNanos = Math.max(mostNanos, duration);
        failures += failed ? 1 : 0;
    }

    synchronized long operations() {
        return operations;
    }

    synchronized long failures() {
        return failures;
    }

    synchronized long bytesSent() {
        return bytesSent;
    }

    synchronized long bytesReceived() {
        return bytesReceived;
    }

    synchronized long errorsBorne() {
        return borne;
    }

    synchronized double meanMillis() {
        return operations == 0 ? 0 : nanos / 1e6 / operations;
    }

    synchronized double mostMillis() {
        return mostNanos / 1e6;
    }

    /** How many answers had which status; 0 is none at all. */
    synchronized Map<Integer, Long> statuses() {
        return new TreeMap<>(statuses);
    }

    synchronized String statusText() {
        return statuses.entrySet().stream()
                .map(entry -> entry.getKey() + "×" + entry.getValue())
                .collect(Collectors.joining(" "));
    }
}
