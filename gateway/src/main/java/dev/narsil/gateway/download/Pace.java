package dev.narsil.gateway.download;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast a file comes, and when that is too slow: when {@link #PROGRESS_BYTES} take longer than there is patience for.
 * Time in which nobody waits for the file does not count. Used by the thread that reads the file.
 */
final class Pace implements AutoCloseable {

    /** Bytes that a file is to bring at a time. */
    static final long PROGRESS_BYTES = 16 << 10;

    /** How long the end of a file is waited for that is not needed, but would let its connection be used again. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final LongSupplier patienceNanos;
    private final ReadDeadline deadline;
    private long came;
    private long waitedNanos;
    private boolean atRest;

    /**
     * One for a file of which nothing was waited for yet.
     *
     * @param patienceNanos how long to wait; {@link Long#MAX_VALUE} for as long as it takes
     * @param endRead makes a read fail that waits, by a thread of {@code timer}
     */
    Pace(LongSupplier patienceNanos, ScheduledExecutorService timer, Runnable endRead) {
        this.patienceNanos = patienceNanos;
        deadline = new ReadDeadline(timer, endRead);
    }

    /** Reads, for no longer than there is patience. */
    int read(InputStream in, byte[] target, int off, int len) throws IOException {
        long began = System.nanoTime();
        if (!atRest && patienceNanos.getAsLong() < Long.MAX_VALUE) {
            deadline.set(leftNanos());
        }
        try {
            return in.read(target, off, len);
        } finally {
            if (!atRest) {
                deadline.clear();
            }
            waited(began);
        }
    }

    /** How much longer to wait. */
    long leftNanos() {
        return Math.max(0, patienceNanos.getAsLong() - waitedNanos);
    }

    /** Counts time in which the file was waited for otherwise, from {@code began} until now. */
    void waited(long began) {
        waitedNanos += System.nanoTime() - began;
    }

    /** Counts what came. */
    void brought(long bytes) {
        came += bytes;
        if (came >= PROGRESS_BYTES) {
            came = 0;
            waitedNanos = 0;
        }
    }

    /** Whether the file is to be given up. */
    boolean isTooSlow() {
        return deadline.hasPassed() || leftNanos() == 0;
    }

    /** Hears that what follows is not needed: it is waited for shortly, and then no more. */
    void rest() {
        atRest = true;
        deadline.set(REST_NANOS);
    }

    @Override
    public void close() {
        deadline.close();
    }
}
