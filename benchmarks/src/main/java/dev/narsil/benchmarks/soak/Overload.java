package dev.narsil.benchmarks.soak;

import java.util.concurrent.TimeUnit;

/**
 * Whether the machine has too much to do for the good upstream to answer in time: then the server may rightly give it up for a
 * while, and say that what only it has is not there.
 */
final class Overload {

    /** An answer that takes longer comes after half of the 2 s that a server waits for all upstreams. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private long times;
    private long last;

    /** An upstream without faults answered a request that costs nothing. */
    synchronized void answered(long nanos) {
        if (nanos > LATE_NANOS) {
            times++;
            last = System.nanoTime();
        }
    }

    synchronized boolean within(long seconds) {
        return times > 0 && System.nanoTime() - last < TimeUnit.SECONDS.toNanos(seconds);
    }

    synchronized long times() {
        return times;
    }
}
