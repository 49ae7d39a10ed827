package dev.narsil.gateway.download;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a read that takes longer than it may. Set by the thread that reads, looked after by a timer. */
final class ReadDeadline implements AutoCloseable {

    /** How late a read may be ended. */
    static final long TICK_MILLIS = 50;

    private static final Logger LOG = LoggerFactory.getLogger(ReadDeadline.class);
    private static final long NEVER = Long.MAX_VALUE;

    private final long origin = System.nanoTime();
    private final Runnable onLate;
    private final @Nullable Future<?> watch;
    private volatile long deadline = NEVER;
    private volatile boolean passed;

    /** A deadline that is never, until it is set; {@code onLate} must make a read that waits fail, and be quick. */
    ReadDeadline(ScheduledExecutorService timer, Runnable onLate) {
        this.onLate = onLate;
        Future<?> scheduled = null;
        try {
            scheduled = timer.scheduleWithFixedDelay(this::look, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closing", e);
        }
        watch = scheduled;
    }

    /** Lets a read take so long from now on. */
    void set(long nanos) {
        deadline = now() + nanos;
    }

    /** Lets reads take as long as they want. */
    void clear() {
        deadline = NEVER;
    }

    /** Whether a read was ended. */
    boolean hasPassed() {
        return passed;
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    private void look() {
        if (!passed && now() > deadline) {
            passed = true;
            onLate.run();
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            var _ = watch.cancel(false);
        }
    }
}
