package dev.narsil.gateway.http;

import dev.narsil.gateway.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads on which a server looks things up in its store, with a bounded queue before them. Both refuse by
 * {@link RejectedExecutionException} when the queue is full.
 */
final class StoreThreads implements Executor {

    /** Threads; they wait for disk more than they compute. */
    static final int THREADS = 8;

    /** Most look-ups that wait for one of them; clients send bursts of hundreds. */
    static final int MAX_WAITING = 4096;

    private static final int KEEP_ALIVE_SECONDS = 30;

    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("store-", 0).daemon().factory());

    StoreThreads() {
        pool.allowCoreThreadTimeOut(true);
    }

    /** Registers how busy the threads are. */
    void register(Metrics metrics) {
        metrics.gauge(
                "narsil.pool.waiting",
                "Tasks that wait for a thread",
                () -> pool.getQueue().size(),
                "pool",
                "store");
        metrics.gauge("narsil.pool.active", "Threads that work", pool::getActiveCount, "pool", "store");
    }

    /** A look-up that gives a result. */
    interface Lookup<T> {
        T run() throws IOException;
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Runs a look-up and waits for its result. */
    <T> T call(Lookup<T> lookup) throws IOException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(lookup::run);
        pool.execute(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException("a look-up failed", e.getCause());
        }
    }

    /** Lets waiting look-ups end; returns false if some have not within {@code timeout}. */
    boolean close(Duration timeout) throws InterruptedException {
        pool.shutdown();
        return pool.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Drops waiting look-ups. */
    void abandon() {
        pool.shutdownNow();
    }
}
