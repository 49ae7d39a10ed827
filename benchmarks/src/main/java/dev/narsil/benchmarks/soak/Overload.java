package dev.narsil.benchmarks.soak;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whether the machine has too much to do for the good upstream to answer in time: then the server may rightly give it up for a
 * while, and say that what only it has is not there.
 */
final class Overload {

    /** An answer that takes longer comes after half of the 2 s that a server waits for all upstreams. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Set<Served> beingServed = new HashSet<>();
    private long times;
    private long last;

    /** A request that the good upstream has taken and not begun to answer. */
    record Served(long since, Object identity) {}

    /** The good upstream has taken a request. */
    synchronized Served taken() {
        Served request = new Served(System.nanoTime(), new Object());
        beingServed.add(request);
        return request;
    }

    /** It begins to answer. */
    synchronized void begins(Served request) {
        if (beingServed.remove(request)) {
            answered(System.nanoTime() - request.since());
        }
    }

    /** An upstream without faults answered a request. */
    synchronized void answered(long nanos) {
        if (nanos > LATE_NANOS) {
            times++;
            last = System.nanoTime();
        }
    }

    synchronized boolean within(long seconds) {
        long now = System.nanoTime();
        return beingServed.stream().anyMatch(request -> now - request.since() > LATE_NANOS)
                || times > 0 && System.nanoTime() - last < TimeUnit.SECONDS.toNanos(seconds);
    }

    synchronized long times() {
        return times;
    }
}
