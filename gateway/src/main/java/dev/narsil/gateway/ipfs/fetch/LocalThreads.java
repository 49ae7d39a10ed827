package dev.narsil.gateway.ipfs.fetch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The platform threads on which fetching reads the store, with a bounded queue before them. */
final class LocalThreads implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int MAX_WAITING = 4096;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int CLOSE_SECONDS = 10;

    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("ipfs-local-", 0).daemon().factory());

    LocalThreads() {
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Reads something and waits for it.
     *
     * @throws IOException what reading throws, or if too much is being read, or this is closed
     */
    <T> T call(Callable<T> read) throws IOException {
        Future<T> reading;
        try {
            reading = pool.submit(read);
        } catch (RejectedExecutionException e) {
            throw new IOException("too much of the store is being read", e);
        }
        try {
            return reading.get();
        } catch (InterruptedException e) {
            reading.cancel(false);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("reading the store failed", e.getCause());
        }
    }

    /** Ends it; afterwards nothing of this reads the store. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pool.shutdownNow();
        }
    }
}
