package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon as one that blocks are fetched from, and what is to be counted of that. Safe for use by many threads. */
final class Daemon implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final KuboClient kubo;
    private final FetchLimits limits;
    private final FetchCounters counters;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("ipfs-fetch").factory());
    private volatile long restsUntil = System.nanoTime();

    Daemon(KuboClient kubo, FetchLimits limits, FetchCounters counters) {
        this.kubo = kubo;
        this.limits = limits;
        this.counters = counters;
    }

    /** Gets a block, on a thread that may wait. */
    byte[] fetch(Cid cid) throws IOException {
        try {
            byte[] block = kubo.block(cid, false, limits.block());
            came(block);
            return block;
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.WRONG_BYTES) {
                counters.lies.increment();
                LOG.warn("{}", e.getMessage());
            } else {
                counters.failures.increment();
            }
            throw e;
        }
    }

    /** Returns a block if the daemon says soon that it stores it. Waits for that, on a thread that may. */
    Optional<byte[]> stored(Cid cid) {
        if (System.nanoTime() - restsUntil < 0) {
            return Optional.empty();
        }
        try {
            byte[] block = kubo.block(cid, true, limits.probe());
            came(block);
            restsUntil = System.nanoTime();
            return Optional.of(block);
        } catch (KuboException e) {
            if (e.kind() != KuboException.Kind.ABSENT) {
                rest(e.getMessage());
            }
            return Optional.empty();
        } catch (IOException e) {
            LOG.debug("given up", e);
            return Optional.empty();
        }
    }

    /** Hears that what it stores was not told within the time of a probe, so that not every NAR waits that long. */
    void wasLate() {
        rest("it did not tell within " + limits.probe().toMillis() + " ms");
    }

    private void rest(@Nullable String reason) {
        long now = System.nanoTime();
        if (now - restsUntil >= 0) {
            LOG.info("the daemon is not asked for a while what it stores: {}", reason);
        }
        restsUntil = now + limits.rest().toNanos();
    }

    private void came(byte[] block) {
        counters.blocks.increment();
        counters.bytes.add(block.length);
    }

    /** Begins what waits for the daemon; cancelling it interrupts it. */
    <T> Future<T> begin(Callable<T> task) throws IOException {
        try {
            return threads.submit(task);
        } catch (RejectedExecutionException e) {
            throw new IOException("closed", e);
        }
    }

    /** A thread for each task, which may wait. */
    Executor threads() {
        return threads;
    }

    /** Gives up what is on the way. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
