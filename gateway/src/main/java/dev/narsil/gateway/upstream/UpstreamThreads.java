package dev.narsil.gateway.upstream;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The platform threads that work for upstreams, with bounded queues before them, and their timer. */
final class UpstreamThreads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamThreads.class);

    /** Threads that read the store. */
    private static final int READERS = 4;

    /** Most tasks that wait for one of them; a search has one at a time. */
    private static final int MAX_TASKS = 8192;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final ThreadPoolExecutor readers = threads(READERS, "upstream-store-");
    private final ThreadPoolExecutor verifiers =
            threads(Runtime.getRuntime().availableProcessors(), "upstream-verify-");
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("upstream-timer").daemon().factory());

    /** Threads that have nothing to do yet. */
    UpstreamThreads() {
        timer.setRemoveOnCancelPolicy(true);
    }

    private static ThreadPoolExecutor threads(int count, String name) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_TASKS),
                Thread.ofPlatform().name(name, 0).daemon().factory());
    }

    /** Those that read the store. */
    Executor readers() {
        return readers;
    }

    /** Those that decode and verify. */
    Executor verifiers() {
        return verifiers;
    }

    /** The one that must not be held up. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Has the timer run a task once; returns null if it is stopped. */
    @Nullable
    ScheduledFuture<?> schedule(Runnable task, Duration delay) {
        try {
            return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // closing: a search ends at once
            return null;
        }
    }

    /** Drops what the timer was to do. */
    void stopTimer() {
        timer.shutdownNow();
    }

    /** Lets what was begun end, for a while; the timer is to be stopped before. */
    @Override
    public void close() {
        verifiers.shutdown();
        readers.shutdown();
        try {
            end(verifiers);
            end(readers);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(ThreadPoolExecutor threads) throws InterruptedException {
        if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("look-ups for upstreams did not end in time");
            threads.shutdownNow();
        }
    }
}
