package dev.narsil.gateway.http;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads on which files are compressed for clients, a piece at a time, so that virtual threads are not held up
 * by it. They end when there is nothing to do.
 */
final class EncoderThreads {

    /** Most files that are compressed at a time; each takes one or two MB. */
    static final int MAX_FILES = 32;

    private static final int KEEP_ALIVE_SECONDS = 5;

    private final Semaphore permits = new Semaphore(MAX_FILES);
    private final ThreadPoolExecutor pool;

    EncoderThreads() {
        int threads = Runtime.getRuntime().availableProcessors();
        pool = new ThreadPoolExecutor(
                threads,
                threads,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_FILES),
                Thread.ofPlatform().name("encoder-", 0).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
    }

    /** A piece of work that gives a result. */
    interface Piece<T> {
        T run() throws IOException;
    }

    /**
     * Begins a file.
     *
     * @throws RejectedExecutionException if there are too many
     */
    Lease lease() {
        if (!permits.tryAcquire()) {
            throw new RejectedExecutionException("too many files are being compressed");
        }
        return new Lease();
    }

    /** The right to compress one file, by one thread at a time. */
    final class Lease implements AutoCloseable {

        private boolean closed;

        /** Computes a piece and waits for it. */
        <T> T call(Piece<T> piece) throws IOException, InterruptedException {
            FutureTask<T> task = new FutureTask<>(piece::run);
            pool.execute(task);
            try {
                return task.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException cause) {
                    throw cause;
                }
                throw new IllegalStateException("compressing failed", e.getCause());
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                permits.release();
            }
        }
    }
}
