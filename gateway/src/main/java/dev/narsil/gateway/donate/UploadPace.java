package dev.narsil.gateway.donate;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Lets bytes through at a rate, by having whoever sends them wait before each piece. For one thread. */
final class UploadPace implements LongConsumer {

    /** Longest time for which a rate that was not used up can be made up for, in nanoseconds. */
    private static final long MAX_CREDIT = TimeUnit.MILLISECONDS.toNanos(500);

    /** Waits for a time. */
    interface Wait {
        /** Waits for some nanoseconds, or until there is no reason to any more. */
        void forNanos(long nanos) throws InterruptedException;
    }

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private final Wait wait;
    private long free;

    /**
     * One that has let nothing through.
     *
     * @param bytesPerSecond the rate; 0 for any
     * @param nanoTime the time in nanoseconds
     */
    UploadPace(long bytesPerSecond, LongSupplier nanoTime, Wait wait) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.wait = wait;
        this.free = nanoTime.getAsLong();
    }

    /** Waits until these bytes of a block may go. If the thread is interrupted, it stays so, and they may go at once. */
    @Override
    public void accept(long bytes) {
        if (bytesPerSecond == 0) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (free < now - MAX_CREDIT) {
            free = now - MAX_CREDIT;
        }
        free += bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
        if (free > now) {
            try {
                wait.forNanos(free - now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
